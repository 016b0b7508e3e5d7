/**
 * `synod calibrate --gold FILE`: questions whose answers the operator knows. Owns the keys, the words and the clock; what is sent
 * when is calibration/calibrator.ts.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { SynodError } from '@synod/chain';
import pc from 'picocolors';
import { type CalibrationNews, calibrate, isValidator } from '../calibration/calibrator.ts';
import { readGoldFile } from '../calibration/gold-file.ts';
import { Journal } from '../calibration/journal.ts';
import { devnetRecordOf } from '../rpc/dev-accounts.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { SUBMIT_TIMEOUT_MS } from '../rpc/signed-transaction.ts';
import { nameOf, signerKey } from '../rpc/signer-key.ts';
import { dataDirectory, rpcUrl } from '../settings/settings.ts';
import { type CommonOptions, note, print, printJson } from '../terminal/output.ts';

export type CalibrateFlags = CommonOptions & {
  readonly gold: string;
  readonly perEpoch: number;
  readonly count?: number;
  readonly from?: string;
  readonly payerKeyFile?: string;
  readonly payerPasswordFile?: string;
  readonly validator: string;
  readonly keyFile?: string;
  readonly passwordFile?: string;
  readonly domain?: string;
  readonly rpc?: string;
  readonly dataDir?: string;
};

export async function runCalibrate(flags: CalibrateFlags): Promise<void> {
  const record = devnetRecordOf(flags.dataDir);
  const operator = signerKey({ ...flags, from: flags.validator }, record);
  const payer = signerKey(
    { from: flags.from ?? 'alice', keyFile: flags.payerKeyFile, passwordFile: flags.payerPasswordFile },
    record,
  );
  const questions = readGoldFile(flags.gold);
  const node = createNodeClient(rpcUrl(flags, process.env), SUBMIT_TIMEOUT_MS);
  await requireFit(node, operator, flags);
  const { genesisHash } = await node.status();
  const { blockIntervalMs } = await node.call('staking_params');
  const folder = dataDirectory(flags.dataDir, process.env);
  const journal = new Journal(folder, { genesisHash, operator: operator.address });
  const count = flags.count ?? flags.perEpoch;
  const news: CalibrationNews[] = [];
  if (!flags.json) {
    note(pc.dim(`${payer.name} asks ${count} of ${questions.length} questions; ${operator.name} opens the answers`));
    note(pc.dim(`until then they are in ${journal.file}: keep it, and run this again if it breaks off`));
  }
  await calibrate({
    node,
    journal,
    operator,
    payer,
    questions,
    domain: flags.domain,
    perEpoch: flags.perEpoch,
    count,
    wait: () => delay(blockIntervalMs),
    randomBytes,
    randomBelow: (bound) => randomInt(bound),
    onNews: (one) => {
      news.push(one);
      if (!flags.json) for (const line of newsLines(one, (address) => nameOf(address, record) ?? address)) print(line);
    },
  });
  if (flags.json) printJson({ operator: operator.address, payer: payer.address, journal: journal.file, news });
}

/** What the chain would refuse is said before a question is spent. */
async function requireFit(node: NodeClient, operator: { name: string; address: string }, flags: CalibrateFlags) {
  if (!(await isValidator(node, operator.address as never)))
    throw new SynodError('NOT_VALIDATOR', `${operator.name} runs no validator in the set: its gold would not count.`);
  const { items } = await node.call('params_list');
  const most = Number(items.find(({ name }) => name === 'market.calibrationsMax')?.value ?? 0);
  if (flags.perEpoch > most)
    throw new SynodError(
      'NUMBER_INVALID',
      `The chain takes ${most} calibrations of a validator in an epoch. Lower --per-epoch.`,
    );
}

/** Why gold changed nobody's standing, or that it is not known. */
function voidLines(isVoid: boolean | null): string[] {
  if (isVoid === null)
    return [pc.dim('          whether it counted is not known here: this node keeps no events of that block')];
  if (!isVoid) return [];
  const why = 'more than 2/3 of the power scored an answer at least 0.8 away from what this gold says of it';
  return [
    `          ${pc.yellow('void')}: ${why}`,
    '          it judged nobody, and counts towards the quota; check the gold',
  ];
}

function newsLines(news: CalibrationNews, nameFor: (address: string) => string): string[] {
  if (news.kind === 'asked') return [`asked   ${news.question}   ${pc.dim(news.queryId)}`];
  if (news.kind === 'lost') return [`${pc.yellow('lost')}    ${news.question}: it never came into a block`];
  if (news.kind === 'refused') return [`${pc.yellow('refused')} ${news.question}: ${news.code}`];
  const verdicts = news.verdicts.map(({ expert, isRight, score }) => {
    const truth = isRight ? pc.green('right') : pc.red('wrong');
    return `          ${nameFor(expert)}  ${truth}   peers gave ${score ?? '–'}`;
  });
  const nobody = verdicts.length === 0 ? ['          nobody answered'] : verdicts;
  return [`opened  ${news.question}   gold: ${news.gold.join(' | ')}`, ...nobody, ...voidLines(news.isVoid)];
}
