/**
 * Watches queries opened here from opening to receipt, for metrics: time to the first token, whole time, outcome.
 * Owns a bounded number of followers; past it queries go unobserved, never unanswered.
 */
import type { Hash } from '@synod/chain';
import type { NodeApi, QueryView } from '../node-api.ts';
import type { RpcLog } from './log.ts';
import type { Metrics } from './metrics.ts';

export type QueryObserver = {
  observe(queryId: Hash, startedAtMs: number): void;
  /** Ends all followers. */
  close(): void;
};

/** Creates an observer that reports to `metrics`. Times are milliseconds of `performance.now()`. */
export function createQueryObserver(options: {
  readonly api: NodeApi;
  readonly metrics: Metrics;
  readonly log: RpcLog;
  readonly observedMax: number;
}): QueryObserver {
  const { api, metrics, log, observedMax } = options;
  const abort = new AbortController();
  const observed = new Set<Hash>();

  async function follow(queryId: Hash, startedAtMs: number): Promise<void> {
    const seconds = () => (performance.now() - startedAtMs) / 1000;
    let tokens = 0;
    for await (const event of api.followQuery(queryId, { signal: abort.signal })) {
      if (event.kind === 'token' && tokens++ === 0) metrics.onFirstToken(seconds());
      if (event.kind === 'final') onFinal(event.view, seconds());
      if (event.kind === 'failed') metrics.onQueryFinished('failed', seconds());
    }
  }

  function onFinal({ receipt }: QueryView, seconds: number): void {
    metrics.onQueryFinished(receipt?.outcome ?? 'unknown', seconds);
    const best = receipt === null || receipt.best === null ? null : (receipt.groups[receipt.best]?.answer ?? null);
    if (best !== null) metrics.onTokens({ in: best.promptTokens, out: best.answerTokens });
  }

  return {
    observe(queryId, startedAtMs) {
      if (observed.size >= observedMax || observed.has(queryId)) return;
      observed.add(queryId);
      follow(queryId, startedAtMs)
        .catch((error: unknown) => {
          if (!abort.signal.aborted) log.warn({ error, queryId }, 'query could not be followed for metrics');
        })
        .finally(() => observed.delete(queryId));
    },
    close: () => abort.abort(),
  };
}
