/** Looks at a running node now and then and logs what changed. Owns when it looks; the words are life-lines.ts. */
import type { NodeApi } from '@synod/rpc';
import type { Logger } from 'pino';
import { describeFailure } from '../terminal/failure.ts';
import { type Life, lifeLines, statusFacts } from './life-lines.ts';

export const LIFE_LIMITS = {
  /** Looking at all stakes costs a little: never more often than this, however fast blocks come. */
  lookEveryMs: 2_000,
  statusEveryMs: 30_000,
} as const;

type Watched = Pick<NodeApi, 'status' | 'validators' | 'params' | 'epochEnd' | 'subscribe'>;

/** Logs until the returned function is called. */
export function watchLife(api: Watched, log: Pick<Logger, 'info' | 'warn'>): () => void {
  const { operator } = api.status();
  let life: Life | null = null;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  const look = () => {
    if (performance.now() - lookedAtMs < LIFE_LIMITS.lookEveryMs) return;
    lookedAtMs = performance.now();
    const own = api.validators().find((each) => each.operator === operator);
    if (own === undefined) return;
    const context = { head: api.status().head.height, params: api.params(), nowMs: Date.now() };
    for (const { level, message, facts } of lifeLines(life, own, context)) log[level](facts, message);
    life = own;
  };
  const guarded = (act: () => void) => () => {
    try {
      act();
    } catch (error) {
      log.warn({ error: describeFailure(error).message }, 'node could not be looked at for its log');
    }
  };
  const end = operator === null ? () => undefined : api.subscribe('newHeads', null, guarded(look));
  if (operator !== null) guarded(look)();
  const timer = setInterval(
    guarded(() => log.info(statusFacts(api), 'status')),
    LIFE_LIMITS.statusEveryMs,
  );
  timer.unref();
  return () => {
    end();
    clearInterval(timer);
  };
}
