/**
 * The questions of this page and what can be done with them: ask, stop, take up again after a reload, forget. Owns the list and one
 * follower per running question; how a course reads is course.ts.
 */
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { callRpc, client } from '../../api/client.ts';
import { askPaid } from '../../api/paid-chat.ts';
import { isAbort, problemOf } from '../../api/problem.ts';
import { status } from '../../live/chain-live.ts';
import { payer } from './account.ts';
import { applyEvent, failTurn, isRunning, newTurn, restartTurn, type Turn } from './course.ts';
import { readHistory, writeHistory } from './history.ts';
import { type Options, termsOf } from './terms.ts';

/** Times a broken event stream is taken up again before the question counts as failed, and the pause before each. */
const limits = { reconnects: 20, pauseMs: 1_000 } as const;

const list = signal<readonly Turn[]>([]);
const chain = signal<string | null>(null);
const followers = new Map<string, AbortController>();

/** Own questions, oldest first. */
export const turns: ReadonlySignal<readonly Turn[]> = computed(() => list.value);
/** Whether one is on its way. */
export const isBusy: ReadonlySignal<boolean> = computed(() => list.value.some(isRunning));

const stores = (): { readonly lasting: Storage; readonly session: Storage } => ({
  lasting: localStorage,
  session: sessionStorage,
});

/** Takes up the history once the chain is known; returns what ends it. */
export function keepHistory(): () => void {
  return effect(() => {
    const genesisHash = status.value?.genesisHash ?? null;
    if (genesisHash === null || genesisHash === chain.peek()) return;
    chain.value = genesisHash;
    list.value = readHistory(genesisHash, stores());
    for (const turn of list.peek().filter(isRunning)) void follow(turn.key);
  });
}

function change(key: string, next: (turn: Turn) => Turn): void {
  list.value = list.peek().map((turn) => (turn.key === key ? next(turn) : turn));
  const genesisHash = chain.peek();
  if (genesisHash !== null) writeHistory(genesisHash, list.peek(), stores());
}

/** Asks, pays, and follows the question to its end. Never throws: what went wrong stands in the turn. */
export async function ask(prompt: string, options: Options): Promise<void> {
  const who = payer.value;
  const turn = newTurn({
    key: crypto.randomUUID(),
    prompt,
    isPrivate: options.isPrivate,
    askedAtMs: Date.now(),
    account: who?.kind === 'devnet' ? who.name : null,
  });
  list.value = [...list.peek(), turn];
  try {
    await open(turn, options);
  } catch (error) {
    change(turn.key, (now) => failTurn(now, problemOf(error)));
    return;
  }
  await follow(turn.key);
}

async function open(turn: Turn, options: Options): Promise<void> {
  const who = payer.peek();
  const terms = termsOf(options);
  if (who?.kind === 'spendKey') {
    const controller = new AbortController();
    followers.set(turn.key, controller);
    const { isPrivate, prompt } = turn;
    const { signal } = controller;
    const { queryId, readKey, done } = await askPaid({ prompt, terms, isPrivate, spendKey: who.key, signal });
    change(turn.key, (now) => ({ ...now, queryId, readKey, phase: 'opening' }));
    done.catch((error: unknown) => change(turn.key, (now) => (isRunning(now) ? failTurn(now, problemOf(error)) : now)));
    return;
  }
  const { queryId, readKey } = await callRpc('query_submit', {
    prompt: turn.prompt,
    ...terms,
    ...(who === null ? {} : { from: who.name }),
    ...(turn.isPrivate ? { privacy: 'private' as const } : {}),
  });
  change(turn.key, (now) => ({ ...now, queryId, readKey, phase: 'opening' }));
}

/** Follows the query's events to its end; a stream that breaks is taken up again from the beginning. */
async function follow(key: string): Promise<void> {
  for (let attempt = 0; attempt <= limits.reconnects; attempt++) {
    const turn = list.peek().find((one) => one.key === key);
    if (turn === undefined || turn.queryId === null || !isRunning(turn)) return;
    const problem = await followOnce(turn, turn.queryId);
    const now = list.peek().find((one) => one.key === key);
    if (now === undefined || !isRunning(now)) return;
    if (problem !== null && (attempt === limits.reconnects || isHopeless(problem.code))) {
      change(key, (one) => failTurn(one, problem));
      return;
    }
    await new Promise((resume) => setTimeout(resume, limits.pauseMs));
    change(key, (one) => ({ ...restartTurn(one), firstTokenMs: one.firstTokenMs, isStopping: one.isStopping }));
  }
}

/** Null when the stream ended by itself; else why it broke. */
async function followOnce(turn: Turn, queryId: string): Promise<ReturnType<typeof problemOf> | null> {
  try {
    for await (const event of client.followQuery(queryId, { readKey: turn.readKey })) {
      change(turn.key, (now) => applyEvent(now, event, Date.now()));
    }
    return null;
  } catch (error) {
    return isAbort(error) ? null : problemOf(error);
  }
}

/** Codes that asking again does not change: the node knows no such query, or no longer. */
function isHopeless(code: string): boolean {
  return ['QUERY_UNKNOWN', 'NOT_FOUND', 'PRUNED', 'INVALID_PARAMS'].includes(code);
}

/** Ends a running question early: what was delivered is settled, the rest is refunded. Returns what went wrong, or null. */
export async function stop(turn: Turn): Promise<ReturnType<typeof problemOf> | null> {
  if (turn.queryId === null) return null;
  change(turn.key, (now) => ({ ...now, isStopping: true }));
  try {
    // A spend key's query ends with the request that opened it.
    const request = followers.get(turn.key);
    if (request !== undefined) request.abort();
    else await callRpc('query_cancel', { queryId: turn.queryId });
    return null;
  } catch (error) {
    change(turn.key, (now) => ({ ...now, isStopping: false }));
    return problemOf(error);
  }
}

/** Forgets one question, or all that are over. The chain forgets nothing. */
export function forget(key: string | null): void {
  list.value = list.peek().filter((turn) => isRunning(turn) || (key !== null && turn.key !== key));
  const genesisHash = chain.peek();
  if (genesisHash !== null) writeHistory(genesisHash, list.peek(), stores());
}
