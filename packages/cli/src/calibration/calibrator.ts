/**
 * Asks questions with known answers among others, and opens the gold when the scores stand (spec: market §12). Owns when what is
 * sent and what survives a crash; the contract is the node's own, so that nothing tells it from another.
 */
import {
  type Address,
  addressOf,
  decodeTransaction,
  encodeTransaction,
  fromHex,
  publicKeyOf,
  SynodError,
  saysGold,
  sealHash,
  sign,
  toHex,
  transactionId,
  transactionSignBytes,
} from '@synod/chain';
import type { QueryJson } from '@synod/rpc/client';
import type { AccountKey } from '../keys/key-file.ts';
import type { NodeClient } from '../rpc/node-client.ts';
import { signAndSubmit } from '../rpc/signed-transaction.ts';
import type { GoldQuestion } from './gold-file.ts';
import type { Journal, SealedQuestion } from './journal.ts';

export type CalibratorOptions = {
  readonly node: NodeClient;
  readonly journal: Journal;
  readonly operator: AccountKey;
  readonly payer: AccountKey;
  readonly questions: readonly GoldQuestion[];
  readonly domain: string | undefined;
  /** Questions in one epoch, and in all. */
  readonly perEpoch: number;
  readonly count: number;
  /** Until something may have changed: about a block. */
  readonly wait: () => Promise<void>;
  readonly randomBytes: (count: number) => Uint8Array;
  /** A whole number from 0 to below `bound`. */
  readonly randomBelow: (bound: number) => number;
  readonly onNews: (news: CalibrationNews) => void;
};

/** What gold said of one answer, beside what the scorers gave it. */
export type Verdict = { readonly expert: string; readonly isRight: boolean; readonly score: string | null };

export type CalibrationNews =
  | { readonly kind: 'asked'; readonly queryId: string; readonly question: string }
  | {
      readonly kind: 'opened';
      readonly queryId: string;
      readonly question: string;
      readonly gold: readonly string[];
      readonly verdicts: readonly Verdict[];
      /** The scorers contradicted the gold, and it judged nobody (market §12.4); null where the node does not tell. */
      readonly isVoid: boolean | null;
    }
  | { readonly kind: 'refused'; readonly queryId: string; readonly question: string; readonly code: string }
  | { readonly kind: 'lost'; readonly queryId: string; readonly question: string };

/** Codes after which a later try may succeed. */
const PASSING: ReadonlySet<string> = new Set([
  'CALIBRATIONS_FULL',
  'QUERY_PHASE_WRONG',
  'TIMEOUT',
  'NODE_UNREACHABLE',
  'MEMPOOL_FULL',
]);

/** Asks `count` questions, `perEpoch` in each epoch at random heights, and ends when all gold is open. Resumes what the journal holds. */
export async function calibrate(options: CalibratorOptions): Promise<void> {
  const { node, journal } = options;
  let asked = 0;
  let plan: Plan = { epochEnd: -1, heights: [] };
  while (asked < options.count || journal.sealed.length > 0) {
    const { head, epochEnd } = await clockOf(node);
    for (const entry of journal.sealed) await advance(options, entry, head);
    if (asked < options.count && plan.epochEnd !== epochEnd) {
      const wanted = Math.min(options.perEpoch, options.count - asked);
      plan = { epochEnd, heights: drawHeights({ from: head, to: epochEnd, count: wanted }, options.randomBelow) };
    }
    while (asked < options.count && (plan.heights[0] ?? Number.POSITIVE_INFINITY) <= head) {
      plan.heights.shift();
      await ask(options);
      asked += 1;
    }
    if (asked < options.count || journal.sealed.length > 0) await options.wait();
  }
}

type Plan = { readonly epochEnd: number; readonly heights: number[] };

/** Ascending heights from `from` to below `to`, each as likely as any other. */
export function drawHeights(
  { from, to, count }: { readonly from: number; readonly to: number; readonly count: number },
  randomBelow: (bound: number) => number,
): number[] {
  const heights = Array.from({ length: count }, () => from + randomBelow(Math.max(1, to - from)));
  return heights.sort((a, b) => a - b);
}

async function clockOf(node: NodeClient): Promise<{ readonly head: number; readonly epochEnd: number }> {
  const { head, epochEnd } = await node.call('staking_params');
  return { head: Number(head), epochEnd: Number(epochEnd) };
}

/** The salt is on disk before the question is anywhere else. */
async function ask(options: CalibratorOptions): Promise<void> {
  const { node, journal, operator, payer, domain } = options;
  const { question, gold } = pickQuestion(options);
  const salt = options.randomBytes(32);
  const seal = sealHash(operator.address, salt, gold);
  const { raw: unsigned } = await node.call('query_prepare', {
    prompt: question,
    sender: publicKeyOf(payer.seed),
    seal,
    ...(domain === undefined ? {} : { domain }),
  });
  const { raw, queryId, validUntil } = signOpening(unsigned, { question, seal, payer });
  journal.add({ queryId, question, gold: [...gold], salt: toHex(salt), raw, validUntil, phase: 'sealed', code: null });
  await node.call('query_submit', { raw: `0x${raw}` });
  options.onNews({ kind: 'asked', queryId, question });
}

/** One that was not asked before, while there are any. */
function pickQuestion({ questions, journal, randomBelow }: CalibratorOptions): GoldQuestion {
  const used = new Set(journal.entries.map(({ question }) => question));
  const fresh = questions.filter(({ question }) => !used.has(question));
  if (fresh.length > 0) return fresh[randomBelow(fresh.length)]!;
  throw new SynodError(
    'GOLD_USED_UP',
    `All ${questions.length} questions were asked before (${journal.file}): who remembers them knows the answers. Add new ones.`,
  );
}

/** Signs what the node prepared, after looking whether it is what was asked for. */
function signOpening(
  unsigned: string,
  { question, seal, payer }: { readonly question: string; readonly seal: string; readonly payer: AccountKey },
): { readonly raw: string; readonly queryId: string; readonly validUntil: number } {
  const decoded = decodeTransaction(fromHex(unsigned.slice(2)));
  const body = decoded.ok ? decoded.value.body : null;
  const contract = body?.payload.type === 'query.open' ? body.payload.contract : null;
  const isMine = body !== null && addressOf(body.sender) === payer.address;
  if (body === null || contract === null || !isMine || contract.prompt !== question || contract.seal !== seal)
    throw new SynodError(
      'CONTRACT_UNEXPECTED',
      'The node prepared another query than it was asked for. Ask your own node.',
    );
  const raw = toHex(encodeTransaction({ body, signature: sign(payer.seed, transactionSignBytes(body)) }));
  return { raw, queryId: `0x${transactionId(body)}`, validUntil: body.validUntil };
}

/** Sends again what never arrived, opens what has settled, gives up what can no longer come. */
async function advance(options: CalibratorOptions, entry: SealedQuestion, head: number): Promise<void> {
  const { node, journal } = options;
  const query = await find(node, entry.queryId);
  if (query === null && head >= entry.validUntil) {
    journal.finish(entry.queryId, 'lost');
    return options.onNews({ kind: 'lost', queryId: entry.queryId, question: entry.question });
  }
  if (query === null) {
    await node.call('query_submit', { raw: `0x${entry.raw}` });
    return;
  }
  if (query.phase === 'settled') await open(options, entry, query);
}

async function find(node: NodeClient, queryId: string): Promise<QueryJson | null> {
  try {
    return await node.call('query_get', { queryId });
  } catch (error) {
    if (error instanceof SynodError && (error.code === 'UNKNOWN' || error.code === 'QUERY_UNKNOWN')) return null;
    throw error;
  }
}

async function open(options: CalibratorOptions, entry: SealedQuestion, query: QueryJson): Promise<void> {
  const { node, journal, operator } = options;
  const { queryId, question, gold } = entry;
  const payload = {
    type: 'calibration.reveal',
    queryId: queryId.slice(2) as never,
    salt: fromHex(entry.salt),
    gold,
  } as const;
  let height: string | null = null;
  try {
    ({ height } = await signAndSubmit(node, { key: operator, payload, what: 'gold' }));
  } catch (error) {
    if (!(error instanceof SynodError)) throw error;
    if (PASSING.has(error.code)) return;
    // A crash between the chain's answer and the journal leads here: it is open.
    if (error.code !== 'ALREADY_CALIBRATED') {
      journal.finish(queryId, 'refused', error.code);
      return options.onNews({ kind: 'refused', queryId, question, code: error.code });
    }
  }
  const isVoid = height === null ? null : await isVoidAt(node, queryId, height);
  journal.finish(queryId, 'opened', isVoid === true ? 'GOLD_VOID' : null);
  const verdicts = query.respondents.flatMap(({ expert, answer, score }): Verdict[] =>
    answer === null ? [] : [{ expert, isRight: saysGold(answer, gold), score }],
  );
  options.onNews({ kind: 'opened', queryId, question, gold, verdicts, isVoid });
}

/** What the block that took the gold says of it; null where the node keeps no events of it. */
async function isVoidAt(node: NodeClient, queryId: string, height: string): Promise<boolean | null> {
  const { events } = await node.call('chain_getBlockEvents', { height });
  const told = events?.find((event) => event['type'] === 'query.calibrated' && event['queryId'] === queryId);
  return typeof told?.['isVoid'] === 'boolean' ? told['isVoid'] : null;
}

/** True when the chain lists the account as a validator. */
export async function isValidator(node: NodeClient, operator: Address): Promise<boolean> {
  return (await node.validators()).some((validator) => validator.operator === operator);
}
