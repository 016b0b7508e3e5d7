/**
 * Ends queries whose client has left (spec: openai §5): what is delivered by then is paid, the rest returns. Owns when that is tried, not who
 * signs it.
 */
import { type Hash, SynodError } from '@synod/chain';
import type { CancelTerms, NodeApi } from '../node-api.ts';
import type { RpcLog } from '../server/log.ts';

export type CancelDesk = {
  /** Ends the query after `delayMs`, if `isWanted` still says so then. Returns at once; whether it succeeded is logged. */
  cancel(
    queryId: Hash,
    options: { readonly delayMs: number; readonly isWanted: () => boolean; readonly terms: CancelTerms },
  ): void;
  close(): void;
};

/** Phases in which the chain takes a cancelling (market §1.4). */
const PHASES = ['selecting', 'answering'];

/** `pendingMax` queries wait at a time; further ones run to their end. */
export function createCancelDesk(options: {
  readonly api: NodeApi;
  readonly log: RpcLog;
  readonly pendingMax: number;
}): CancelDesk {
  const { api, log, pendingMax } = options;
  const abort = new AbortController();
  const pending = new Set<Hash>();

  /** The chain knows a query only once it is in a block. */
  async function untilOpened(queryId: Hash): Promise<boolean> {
    for await (const { kind } of api.followQuery(queryId, { signal: abort.signal })) {
      if (kind === 'opened' || kind === 'selected') return true;
      if (kind === 'final' || kind === 'failed') return false;
    }
    return false;
  }

  async function end(queryId: Hash, terms: CancelTerms): Promise<void> {
    if (!(await untilOpened(queryId))) return;
    const phase = api.query(queryId, null)?.state?.phase;
    if (phase !== undefined && !PHASES.includes(phase)) return;
    const { status, code } = await api.cancelQuery(queryId, terms);
    log.info({ queryId, status, code }, 'a query was ended, because its client has left');
  }

  return {
    cancel(queryId, { delayMs, isWanted, terms }) {
      if (pending.has(queryId) || pending.size >= pendingMax) return;
      pending.add(queryId);
      const timer = setTimeout(() => {
        const work = isWanted() ? end(queryId, terms) : Promise.resolve();
        work
          .catch((error: unknown) => {
            const code = error instanceof SynodError ? error.code : 'BUG';
            if (!abort.signal.aborted)
              log.warn({ queryId, code, error }, 'a query whose client has left could not be ended');
          })
          .finally(() => pending.delete(queryId));
      }, delayMs);
      timer.unref();
      abort.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    },
    close: () => abort.abort(),
  };
}
