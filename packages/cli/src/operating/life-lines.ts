/**
 * What a node's log says of its validator: one line a change of state, with the reason, until when, and the next command; and one line now
 * and then of how the node stands. Owns the words and what counts as a change; the node owns the facts.
 */
import type { ChainParams } from '@synod/chain';
import type { NodeApi, ValidatorView } from '@synod/rpc';
import { clockText, nextCommand } from '../staking/validator-text.ts';

export type LifeLine = {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
};

/** What is compared from one look to the next. */
export type Life = Pick<ValidatorView, 'operator' | 'publicKey' | 'missed' | 'standing'>;

type Standing = ValidatorView['standing']['name'];

/** The log lines of a validator's life, in one place. */
const STANDING_LINES: Readonly<Record<Standing, readonly ['info' | 'warn', string]>> = {
  signing: ['info', 'validator signs'],
  joining: ['info', 'validator joins the set'],
  waiting: ['warn', 'validator waits outside the set'],
  jailed: ['warn', 'validator is in jail'],
  exited: ['info', 'validator has left'],
  tombstoned: ['warn', 'validator is out for good'],
};

/** Parts of what is allowed to be missed that are worth a line, in percent. */
const MISSED_PERCENT = [25, 50, 75] as const;

/** Lines for what changed since `before`; null is the first look, which tells how things stand. */
export function lifeLines(
  before: Life | null,
  now: Life,
  { head, params, nowMs }: { readonly head: number; readonly params: ChainParams; readonly nowMs: number },
): readonly LifeLine[] {
  const facts = standingFacts(now, { head, params, nowMs });
  const lines: LifeLine[] = [];
  if (
    before !== null &&
    before.standing.name === 'jailed' &&
    ['signing', 'joining', 'waiting'].includes(now.standing.name)
  )
    lines.push({ level: 'info', message: 'validator was released from jail', facts });
  if (before?.standing.name !== now.standing.name) {
    const [level, message] = STANDING_LINES[now.standing.name];
    lines.push({ level, message, facts });
  } else if (before.standing.next !== now.standing.next && now.standing.next === 'unjail') {
    lines.push({ level: 'info', message: 'validator can be released from jail now', facts });
  }
  if (before !== null && before.publicKey !== now.publicKey)
    lines.push({
      level: 'info',
      message: 'validator keys changed',
      facts: { from: before.publicKey, to: now.publicKey },
    });
  const missed = missedStep(now.missed, params);
  if (before !== null && now.standing.name === 'signing' && missed > missedStep(before.missed, params)) {
    const { downtimeWindow, downtimeMissedMax } = params.staking;
    const counted = { missed: now.missed, window: downtimeWindow, jailedAfter: downtimeMissedMax };
    lines.push({ level: 'warn', message: 'validator misses more blocks', facts: { ...counted, ...facts } });
  }
  return lines;
}

function standingFacts(
  { operator, standing }: Life,
  { head, params, nowMs }: { readonly head: number; readonly params: ChainParams; readonly nowMs: number },
): Record<string, unknown> {
  const { reason, next, fromHeight } = standing;
  const until =
    fromHeight === null || fromHeight <= head
      ? {}
      : { fromHeight, about: clockText(nowMs + (fromHeight - head) * params.timeouts.blockIntervalMs, nowMs) };
  return { reason, ...until, ...(next === 'none' ? {} : { next: nextCommand(next, operator) }) };
}

/** How many of the thresholds it has passed. */
function missedStep(missed: number, { staking }: ChainParams): number {
  return MISSED_PERCENT.filter((percent) => 100 * missed > percent * staking.downtimeMissedMax).length;
}

/** How a node stands, for the line that comes now and then. */
export function statusFacts(api: Pick<NodeApi, 'status' | 'epochEnd'>): Record<string, unknown> {
  const { head, peers, role, syncing, mempoolTransactions, openQueries, warnings } = api.status();
  return {
    height: head.height,
    epochEnd: api.epochEnd(),
    peers,
    role,
    syncing,
    transactions: mempoolTransactions,
    openQueries,
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}
