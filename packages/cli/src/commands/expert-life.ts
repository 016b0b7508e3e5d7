/**
 * `synod expert update|pause|resume|learn|retire`: what the owner of an expert does with its registration. Owns the words and the checks
 * that save a fee; the chain owns the rules (spec: market §1).
 */
import { resolve } from 'node:path';
import { type Address, type ExpertProfile, type Hash, type Payload, SynodError } from '@synod/chain';
import type { ExpertCardJson } from '@synod/rpc/client';
import pc from 'picocolors';
import { type AccountKey, readKeyFile } from '../keys/key-file.ts';
import { findHosted, type HostedEntry, keyOf, readHosted, writeHosted } from '../offering/hosted-experts.ts';
import { prepareExpert, readOffered, unpublishedWarning } from '../offering/offer-folder.ts';
import { changedPrices, parseCapacity, parseName, type TermsFlags } from '../offering/offer-terms.ts';
import { cardOf } from '../offering/registration.ts';
import { stopSignal } from '../processes/stop-signals.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { SUBMIT_TIMEOUT_MS, type Submitted, signAndSubmit } from '../rpc/signed-transaction.ts';
import { formatSyn } from '../settings/amounts.ts';
import { displayPath, nodeDirectory } from '../settings/paths.ts';
import { rpcUrl } from '../settings/settings.ts';
import { whenText } from '../staking/validator-text.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { confirm } from '../terminal/confirm.ts';
import { type CommonOptions, note, tell } from '../terminal/output.ts';

export type ExpertLifeFlags = CommonOptions & {
  readonly rpc?: string;
  readonly dataDir?: string;
  readonly home?: string;
  readonly keyFile?: string;
  readonly passwordFile?: string;
};

export type ExpertUpdateFlags = ExpertLifeFlags &
  Omit<TermsFlags, 'bond'> & { readonly model: string; readonly adapter?: string };

type Own = {
  readonly node: NodeClient;
  readonly home: string;
  readonly key: AccountKey;
  /** Null where only the key is at hand. */
  readonly entry: HostedEntry | null;
  readonly card: ExpertCardJson;
};

export async function runExpertUpdate(wanted: string, flags: ExpertUpdateFlags): Promise<void> {
  const changes = {
    ...changedPrices(flags),
    ...(flags.capacity === undefined ? {} : { capacity: parseCapacity(flags.capacity) }),
    ...(flags.name === undefined ? {} : { name: parseName(flags.name) }),
  };
  const own = await findOwn(wanted, flags);
  const before = profileOf(own.card);
  const after = { ...before, ...changes, ...(await currentFolder(own, flags)) };
  const changed = (Object.keys(after) as (keyof ExpertProfile)[]).filter((field) => after[field] !== before[field]);
  if (changed.length === 0) {
    const lines = [`${own.card.name} is registered as it is: nothing was sent.`];
    return tell(flags, { json: { address: own.card.address, changed }, lines });
  }
  const sent = await send(own, { type: 'expert.update', expert: after }, 'update');
  if (own.entry !== null) writeHosted(own.home, { ...own.entry, name: after.name });
  const isAnother = changed.includes('modelId') || changed.includes('knowledgeRoot');
  const lines = [
    `${pc.green('✔')} ${after.name} is updated   block ${sent.height}   ${changed.join(', ')}`,
    ...(isAnother
      ? [
          '  What is known of it counts half from now on, because it answers otherwise than before.',
          '  Restart the node that hosts it, so that it answers with what is registered.',
        ]
      : []),
  ];
  tell(flags, { json: { ...sent, address: own.card.address, changed }, lines });
}

export async function runExpertPause(wanted: string, flags: ExpertLifeFlags): Promise<void> {
  const own = await findOwn(wanted, flags);
  const sent = await send(own, { type: 'expert.pause', paused: true }, 'pause');
  const { active, name, address } = own.card;
  const open = active === 0 ? '' : ` The ${active} that it was asked before go on: keep its node running.`;
  const lines = [
    `${pc.green('✔')} ${name} is paused: it is asked nothing more.${open}   block ${sent.height}`,
    `  Take it in again:  ${SYNOD} expert resume ${name}`,
  ];
  tell(flags, { json: { ...sent, address, status: 'paused' }, lines });
}

export async function runExpertResume(wanted: string, flags: ExpertLifeFlags): Promise<void> {
  const own = await findOwn(wanted, flags);
  const sent = await send(own, { type: 'expert.pause', paused: false }, 'resumption');
  const { name, address } = own.card;
  const lines = [`${pc.green('✔')} ${name} is asked again   block ${sent.height}`];
  tell(flags, { json: { ...sent, address, status: 'active' }, lines });
}

export async function runExpertLearn(wanted: string, answer: string, flags: ExpertLifeFlags): Promise<void> {
  if (answer !== 'yes' && answer !== 'no')
    throw new SynodError(
      'USAGE',
      `"${answer}" is neither yes nor no. Say whether it answers with what its domain learns.`,
    );
  const learns = answer === 'yes';
  const own = await findOwn(wanted, flags);
  const sent = await send(own, { type: 'expert.learn', learns }, 'choice');
  const { name, address, domain } = own.card;
  const lines = [
    learns
      ? `${pc.green('✔')} ${name} answers with what ${domain} learns, and trains in its rounds   block ${sent.height}`
      : `${pc.green('✔')} ${name} answers as it was registered, whatever ${domain} learns, and trains no more   block ${sent.height}`,
    `  Change it:  ${SYNOD} expert learn ${name} ${learns ? 'no' : 'yes'}`,
  ];
  tell(flags, { json: { ...sent, address, learns }, lines });
}

export async function runExpertRetire(
  wanted: string,
  flags: ExpertLifeFlags & { readonly yes?: boolean },
): Promise<void> {
  const own = await findOwn(wanted, flags);
  const { name, address } = own.card;
  await confirm(`Retire ${name} for good? Its reputation is deleted.`, flags);
  const sent = await send(own, { type: 'expert.retire', expert: address as Address }, 'retirement');
  const [card, clock] = await Promise.all([cardOf(own.node, address), own.node.call('staking_params')]);
  const { bond } = own.card;
  const releaseAt = card?.releaseAt ?? null;
  const when =
    releaseAt === null ? 'is paid out' : `is paid out ${whenText(releaseAt, clock)}, to its own account ${address}`;
  const lines = [
    `${pc.green('✔')} ${name} has retired   block ${sent.height}`,
    `  Its bond of ${formatSyn(BigInt(bond))} ${when}.`,
    '  Queries that it was selected for go on: keep its node running until they are settled.',
    ...(own.entry === null
      ? []
      : [
          `  Then take its money:  ${SYNOD} send ACCOUNT AMOUNT --key-file ${displayPath(resolve(own.home, own.entry.keyFile))}`,
        ]),
  ];
  tell(flags, { json: { ...sent, address, bond, releaseAt, status: 'retired' }, lines });
}

/** The expert, its key and its card. Throws `NOT_FOUND`, `EXPERT_UNKNOWN` or `EXPERT_RETIRED` before a fee is spent. */
async function findOwn(wanted: string, flags: ExpertLifeFlags): Promise<Own> {
  const node = createNodeClient(rpcUrl(flags, process.env), SUBMIT_TIMEOUT_MS);
  const { chainId } = await node.status();
  const home = flags.home === undefined ? nodeDirectory(process.env, chainId) : resolve(flags.home);
  const entry =
    flags.keyFile === undefined
      ? findHosted(home, wanted)
      : (readHosted(home).find(({ name, address }) => name === wanted || address === wanted) ?? null);
  const key = flags.keyFile === undefined ? keyOf(home, entry!) : readKeyFile(flags.keyFile, flags.passwordFile);
  const card = await cardOf(node, key.address);
  if (card === null) {
    throw new SynodError(
      'EXPERT_UNKNOWN',
      `${key.address} is no expert of ${chainId}: it was never registered, or its bond is paid out. Register one with:  ${SYNOD} expert offer`,
      { facts: { expert: key.address } },
    );
  }
  if (wanted !== card.name && wanted !== card.address) {
    throw new SynodError(
      'NOT_EXPERT',
      `That is the key of ${card.name} (${card.address}), not of ${wanted}. Name the key of ${wanted}.`,
      { facts: { expert: card.address } },
    );
  }
  if (card.status !== 'retired') return { node, home, key, entry, card };
  throw new SynodError(
    'EXPERT_RETIRED',
    `${card.name} has retired; its bond is paid out in block ${card.releaseAt}. Nothing was sent.`,
    { facts: { expert: card.address, releaseAt: card.releaseAt } },
  );
}

async function send({ node, key }: Own, payload: Payload, what: string): Promise<Submitted> {
  return await signAndSubmit(node, { key, payload, what });
}

/** What the folder that was offered holds now: nothing where only the key is at hand. */
async function currentFolder({ entry, home, card }: Own, flags: ExpertUpdateFlags): Promise<Partial<ExpertProfile>> {
  if (entry === null) return {};
  const offered = await readOffered(entry.folder, card.domain);
  const warning = unpublishedWarning(offered, card.domain);
  if (warning !== null && !flags.json) note(pc.yellow(warning));
  const model = flags.model === 'as offered' ? entry.modelDirectory : flags.model;
  const adapter = flags.adapter ?? entry.setup.adapter ?? undefined;
  const prepared = await prepareExpert(offered, {
    model,
    ...(adapter === undefined || adapter === 'none' ? {} : { adapter }),
    signal: stopSignal(),
    note: flags.json ? () => undefined : note,
  });
  const { setup, modelDirectory, modelId, knowledgeRoot, knowledgeSize } = prepared;
  writeHosted(home, { ...entry, setup, modelDirectory });
  return { modelId, modelName: prepared.model.name, knowledgeRoot, knowledgeSize };
}

function profileOf(card: ExpertCardJson): ExpertProfile {
  const hash = (text: string): Hash => text.slice(2) as Hash;
  return {
    name: card.name,
    operator: card.operator as Address,
    domain: card.domain,
    modelId: hash(card.modelId),
    modelName: card.modelName,
    knowledgeRoot: hash(card.knowledgeRoot),
    knowledgeSize: card.knowledgeSize,
    priceInPerByte: BigInt(card.priceInPerByte),
    priceOutPerByte: BigInt(card.priceOutPerByte),
    priceQuotePerByte: BigInt(card.priceQuotePerByte),
    capacity: card.capacity,
  };
}
