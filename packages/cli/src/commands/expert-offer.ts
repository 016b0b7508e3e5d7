/**
 * `synod expert offer`: checks what is offered, lets it answer, shows its card and what it may earn, then registers it. Owns the order
 * and the words; whatever can be wrong is said before anything is sent.
 */
import { join, resolve } from 'node:path';
import { type Address, type ExpertProfile, SynodError } from '@synod/chain';
import type { ExpertCardJson } from '@synod/rpc/client';
import pc from 'picocolors';
import type { AccountKey } from '../keys/key-file.ts';
import { type Earnings, earningsLines, estimateEarnings } from '../offering/earnings.ts';
import { createExpertKey, type HostedEntry, keyOf, readHosted, writeHosted } from '../offering/hosted-experts.ts';
import {
  type AskedModel,
  type OfferedExpert,
  type OfferedFolder,
  prepareExpert,
  readOffered,
  unpublishedWarning,
  unverifiableWarning,
} from '../offering/offer-folder.ts';
import {
  type Prices,
  parseBond,
  parseCapacity,
  parseDomain,
  parseName,
  parsePrices,
  type TermsFlags,
} from '../offering/offer-terms.ts';
import { cardOf, operatorKey, registerExpert, requireMoney } from '../offering/registration.ts';
import { type SelfTestAnswer, selfTest } from '../offering/self-test.ts';
import { stopSignal } from '../processes/stop-signals.ts';
import { devnetRecordOf } from '../rpc/dev-accounts.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { SUBMIT_TIMEOUT_MS } from '../rpc/signed-transaction.ts';
import { nameOf, signerKey } from '../rpc/signer-key.ts';
import { formatSyn, parseSyn } from '../settings/amounts.ts';
import { displayPath, nodeDirectory } from '../settings/paths.ts';
import { rpcUrl } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { confirm } from '../terminal/confirm.ts';
import { type CommonOptions, note, print, printJson } from '../terminal/output.ts';
import { plainText } from '../terminal/plain-text.ts';

export type ExpertOfferFlags = CommonOptions &
  TermsFlags & {
    readonly domain: string;
    readonly price: string;
    readonly operator?: string;
    readonly home?: string;
    readonly rpc?: string;
    readonly dataDir?: string;
    readonly from?: string;
    readonly keyFile?: string;
    readonly passwordFile?: string;
    readonly model: string;
    readonly adapter?: string;
    readonly yes?: boolean;
  };

/** Letters of the address in a name that nobody chose, which stand after its common beginning. */
const NAME_LETTERS = { from: 4, to: 8 } as const;
const ANSWER_SHOWN = 100;

type Offer = {
  readonly flags: ExpertOfferFlags;
  readonly node: NodeClient;
  readonly chainId: string;
  readonly asked: AskedModel;
  readonly home: string;
  readonly payer: AccountKey;
  readonly operator: AccountKey;
  readonly domain: string;
  readonly prices: Prices;
  readonly bond: bigint;
  readonly capacity: number;
  readonly offered: OfferedFolder;
  /** Of an offer of this folder before. */
  readonly earlier: HostedEntry | null;
};

export async function runExpertOffer(directory: string, flags: ExpertOfferFlags): Promise<void> {
  const signal = stopSignal();
  const offer = await prepareOffer(directory, flags);
  const registered = offer.earlier === null ? null : await cardOf(offer.node, offer.earlier.address);
  if (registered !== null) return tellRegistered(offer, registered);
  const name = await freeName(offer);
  await requireMoney({ ...offer, expert: (offer.earlier?.address ?? null) as Address | null });
  const tell = (line: string): void => void (flags.json || note(line));
  tell(`✔ checked   ${folderText(offer)}`);
  const warning = unpublishedWarning(offer.offered, offer.domain);
  if (warning !== null) tell(pc.yellow(warning));
  const expert = await prepareExpert(offer.offered, { ...flags, signal, note: tell });
  const unverifiable = unverifiableWarning(expert.model, offer.asked);
  if (unverifiable !== null) tell(pc.yellow(unverifiable));
  const answers = await testExpert(offer, expert, signal);
  const earnings = await estimateEarnings(offer.node, offer.domain, offer.prices);
  if (!flags.json) showOffer(offer, expert, { name, earnings });
  const what = warning === null ? 'Register it' : 'Register it unpublished';
  await confirm(`${what} with a bond of ${formatSyn(offer.bond)} of ${offer.payer.name}?`, flags);
  if (signal.aborted) throw new SynodError('INTERRUPTED', 'Interrupted. Nothing was sent.');
  await register(offer, expert, { name, earnings, answers, unverifiable });
}

/** Everything that costs no more than a look: flags, node, key, folder. */
async function prepareOffer(directory: string, flags: ExpertOfferFlags): Promise<Offer> {
  const domain = parseDomain(flags.domain);
  const prices = parsePrices(flags);
  const capacity = parseCapacity(flags.capacity);
  if (flags.name !== undefined) parseName(flags.name);
  if (flags.bond !== undefined) parseSyn(flags.bond);
  const record = devnetRecordOf(flags.dataDir);
  const payer = signerKey(flags, record);
  const named = { ...payer, name: nameOf(payer.address, record) ?? payer.name };
  const offered = await readOffered(directory, domain);
  const node = createNodeClient(rpcUrl(flags, process.env), SUBMIT_TIMEOUT_MS);
  const { chainId, syncing, head, worker: asked } = await node.status();
  if (syncing) {
    throw new SynodError(
      'NODE_SYNCING',
      `${node.url} is catching up with the chain, at block ${head.height}: what it says of money and experts is old. Wait until "${SYNOD} status" says that it is ready.`,
      { facts: { url: node.url, height: head.height } },
    );
  }
  const { expertBondMin } = await node.call('chain_getParams');
  const bond = parseBond(flags.bond, BigInt(expertBondMin));
  const operator = operatorKey(flags.operator, named, record);
  const home = flags.home === undefined ? nodeDirectory(process.env, chainId) : resolve(flags.home);
  const earlier = readHosted(home).find((each) => each.folder === offered.folder && each.domain === domain) ?? null;
  return {
    flags,
    node,
    chainId,
    asked,
    home,
    payer: named,
    operator,
    domain,
    prices,
    bond,
    capacity,
    offered,
    earlier,
  };
}

/** Offering twice is no mistake: it says what there is, and how to change it. */
function tellRegistered({ flags, home, offered }: Offer, card: ExpertCardJson): void {
  if (card.status === 'retired') {
    throw new SynodError(
      'EXPERT_RETIRED',
      `${card.name} has retired; its bond is paid out in block ${card.releaseAt}. Offer it again after that, or with another --home now.`,
      { facts: { expert: card.address, releaseAt: card.releaseAt } },
    );
  }
  const isCurrent = card.knowledgeRoot === `0x${offered.card?.root ?? '0'.repeat(64)}`;
  if (flags.json) {
    const { address, name, domain, status, bond } = card;
    return printJson({ address, name, domain, status, bond, home, registered: 'before', current: isCurrent });
  }
  print(`✔ ${card.name} is registered already   ${card.domain}   ${card.status}   ${card.address}`);
  const where = flags.home === undefined ? '' : ` --home ${displayPath(home)}`;
  if (!isCurrent) {
    print(`  ${pc.yellow('The folder has changed since.')} Register what it holds now:`);
    print(`    ${SYNOD} expert update ${card.name}${where}`);
  }
  print(`  Change its price:  ${SYNOD} expert update ${card.name} --price NANO${where}`);
  print(`  Look at it:        ${SYNOD} expert show ${card.name}`);
}

/** Names need not differ on chain, but people call experts by them. */
async function freeName({ node, flags, domain, earlier }: Offer): Promise<string | null> {
  const wanted = flags.name ?? earlier?.name ?? null;
  if (wanted === null) return null;
  const taken = (await node.experts()).find(({ name }) => name === wanted);
  if (taken === undefined) return wanted;
  throw new SynodError(
    'NAME_TAKEN',
    `There is an expert "${wanted}" (${taken.domain}, ${taken.address}) already. Choose another --name, e.g. ${domain}-2.`,
    { facts: { name: wanted } },
  );
}

async function testExpert({ flags, offered }: Offer, { setup, modelDirectory }: OfferedExpert, signal: AbortSignal) {
  const onAnswer = ({ question, answer, grounding, ms }: SelfTestAnswer): void => {
    if (flags.json) return;
    note(`  ? ${plainText(question)}`);
    note(`    ${cut(plainText(answer))}   ${pc.dim(`${grounding}, ${(ms / 1000).toFixed(1)} s`)}`);
  };
  const options = { model: modelDirectory, environment: process.env, signal, isQuiet: flags.json, onAnswer };
  return await selfTest({ setup, passages: offered.passages }, options);
}

async function register(
  offer: Offer,
  expert: OfferedExpert,
  found: {
    readonly name: string | null;
    readonly earnings: Earnings;
    readonly answers: readonly SelfTestAnswer[];
    readonly unverifiable: string | null;
  },
): Promise<void> {
  const { flags, node, chainId, home, payer, operator, domain, prices, bond, capacity, offered, earlier } = offer;
  const { key, keyFile } =
    earlier === null ? createExpertKey(home) : { key: keyOf(home, earlier), keyFile: earlier.keyFile };
  const name = found.name ?? `${domain}-${key.address.slice(NAME_LETTERS.from, NAME_LETTERS.to)}`;
  const { setup, model, modelDirectory, modelId, knowledgeRoot, knowledgeSize } = expert;
  // Before anything is sent: who pays for a key must not lose it.
  writeHosted(home, { name, domain, address: key.address, keyFile, folder: offered.folder, setup, modelDirectory });
  const described = { modelId, modelName: model.name, knowledgeRoot, knowledgeSize };
  const profile: ExpertProfile = { name, operator: operator.address, domain, ...described, ...prices, capacity };
  const sent = await registerExpert({ node, chainId, payer, operator, expert: key, profile, bond });
  const host = await hostCommand(offer);
  if (flags.json) {
    const { id, height } = sent;
    const { address } = key;
    const selfTests = found.answers;
    const { unpublished } = offered;
    return printJson({
      ...{ id, height, address, name, domain, operator: operator.address, bond, home, keyFile: join(home, keyFile) },
      ...{ registered: 'now', profile, selfTest: selfTests, earnings: found.earnings, host, unpublished },
      unverifiable: found.unverifiable?.replace(/^! /, '') ?? null,
    });
  }
  print(`${pc.green('✔')} ${name} is registered   block ${sent.height}   ${key.address}`);
  print(`  key         ${displayPath(join(home, keyFile))}, readable by you alone: what it earns is paid to it`);
  print('  It is asked from now on, so let a node host it at once:');
  print(`    ${host}`);
  print(`  Then look:  ${SYNOD} expert show ${name}`);
}

async function hostCommand({ flags, node, home, offered, chainId }: Offer): Promise<string> {
  const { existsSync } = await import('node:fs');
  const isNode = existsSync(join(home, 'keys.json'));
  if (isNode) return `${SYNOD} start --home ${displayPath(home)}`;
  const { finalized } = await node.status();
  const isDefault = flags.home === undefined || home === nodeDirectory(process.env, chainId);
  const where = isDefault ? '' : ` --data-dir ${displayPath(home)}`;
  const trusted = `${finalized.height}@${finalized.hash}`;
  return `${SYNOD} start --join ${node.url} --checkpoint ${trusted}${where} --expert ${displayPath(offered.folder)}`;
}

function showOffer(
  { domain, prices, bond, operator, capacity, offered }: Offer,
  { model, knowledgeSize }: OfferedExpert,
  { name, earnings }: { readonly name: string | null; readonly earnings: Earnings },
): void {
  const perByte = (amount: bigint): string => `${amount} nano`;
  print(`${name ?? `${domain}-…`}   ${domain}`);
  print(
    `  operator    ${operator.name === operator.address ? operator.address : `${operator.name}   ${operator.address}`}`,
  );
  print(`  model       ${model.name}   ${(model.parameters / 1e6).toFixed(1)} M parameters   ${model.licence}`);
  const others = offered.unpublished === null ? 'published for everybody' : pc.yellow('which cannot be published');
  print(
    knowledgeSize === 0
      ? '  knowledge   none: its answers are the model’s own words'
      : `  knowledge   ${knowledgeSize} passages, ${others}   root 0x${offered.card?.root.slice(0, 12)}…`,
  );
  for (const { title, licence, version } of offered.card?.sources ?? [])
    print(`  source      ${plainText(title)} ${plainText(version)} (${plainText(licence)})`);
  const { priceInPerByte, priceOutPerByte, priceQuotePerByte } = prices;
  print(
    `  price       ${perByte(priceOutPerByte)} a byte written, ${perByte(priceQuotePerByte)} quoted, ${perByte(priceInPerByte)} asked`,
  );
  print(`  capacity    ${capacity} answers side by side`);
  print(`  bond        ${formatSyn(bond)}, back some time after it retires`);
  for (const line of earningsLines(earnings, domain)) print(line);
}

function folderText({ offered, domain }: Offer): string {
  const { card, folder } = offered;
  if (card === null) return `${displayPath(folder)}   a model without knowledge`;
  return `${displayPath(folder)}   ${card.size} passages of ${domain}, root and licences in order`;
}

function cut(text: string): string {
  return text.length > ANSWER_SHOWN ? `${text.slice(0, ANSWER_SHOWN)}…` : text;
}
