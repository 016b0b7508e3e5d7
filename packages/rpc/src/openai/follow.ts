/**
 * Follows a query with two bounds: on the wait for its first complete answer, then on the wait for its final receipt.
 * Owns the timers; what the events mean for an answer is answer.ts.
 */
import type { Hash } from '@synod/chain';
import type { NodeApi, QueryEvent } from '../node-api.ts';

export type FollowOptions = {
  readonly answerWaitMs: number;
  readonly finalityWaitMs: number;
  /** Opens the texts of a private query. */
  readonly readKey: Hash | null;
  /** Aborted when the client is gone: following ends at once. What becomes of the query is cancelling.ts. */
  readonly signal: AbortSignal;
};

/** A query's events from its beginning; `timeout` when a bound passed first, nothing more after an abort. */
export type FollowedEvent = QueryEvent | { readonly kind: 'timeout' };

/** Yields events until `final`, `failed`, `timeout`, or the abort of `signal`. */
export async function* followBounded(
  api: NodeApi,
  queryId: Hash,
  options: FollowOptions,
): AsyncGenerator<FollowedEvent> {
  const abort = new AbortController();
  const stop = () => abort.abort();
  options.signal.addEventListener('abort', stop, { once: true });
  const ended = new Promise<null>((resolve) =>
    abort.signal.addEventListener('abort', () => resolve(null), { once: true }),
  );
  if (options.signal.aborted) stop();
  let timer = setTimeout(stop, options.answerWaitMs);
  const iterator = api.followQuery(queryId, { signal: abort.signal, readKey: options.readKey })[Symbol.asyncIterator]();
  try {
    let answered = false;
    for (;;) {
      const next = await Promise.race([nextOrNull(iterator, abort.signal), ended]);
      if (next === null || (next.done === true && abort.signal.aborted)) {
        if (!options.signal.aborted) yield { kind: 'timeout' };
        return;
      }
      if (next.done === true) return;
      if (next.value.kind === 'answerDone' && !answered) {
        answered = true;
        clearTimeout(timer);
        timer = setTimeout(stop, options.finalityWaitMs);
      }
      yield next.value;
      if (next.value.kind === 'final' || next.value.kind === 'failed') return;
    }
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', stop);
    abort.abort();
  }
}

/** The iterator may reject once aborted, by its own taste; that is the end we asked for, not a failure. */
async function nextOrNull(
  iterator: AsyncIterator<QueryEvent>,
  signal: AbortSignal,
): Promise<IteratorResult<QueryEvent> | null> {
  try {
    return await iterator.next();
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}
