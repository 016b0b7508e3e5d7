/** Looks at a running node now and then and logs what changed. Owns when it looks; the words are life-lines.ts. */
import type { NodeApi } from '@synod/rpc';
import type { Logger } from 'pino';
import { describeFailure } from '../terminal/failure.ts';
import { type Life, lifeLines, statusFacts } from './life-lines.ts';
import { type ValidatorTrouble, validatorTrouble } from './must-validate.ts';

export const LIFE_LIMITS = {
  /** Looking at all stakes costs a little: never more often than this, however fast blocks come. */
  lookEveryMs: 2_000,
  statusEveryMs: 30_000,
} as const;

type Watched = Pick<NodeApi, 'status' | 'validators' | 'params' | 'epochEnd' | 'subscribe'>;

export type WatchOptions = {
  /** Home of a node that `start --validator` runs; null for others. */
  readonly mustValidate?: string | null;
  readonly nowMs?: () => number;
};

/** Logs until the returned function is called. */
export function watchLife(
  api: Watched,
  log: Pick<Logger, 'info' | 'warn'>,
  { mustValidate = null, nowMs = () => performance.now() }: WatchOptions = {},
): () => void {
  const { operator } = api.status();
  let life: Life | null = null;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  // Told when it is found at two looks: a key that is being rotated is another for a moment.
  let trouble: { readonly kind: ValidatorTrouble['kind']; isTold: boolean } | null = null;
  const insist = (own: Life | null) => {
    const { syncing, signingKey } = api.status();
    // While it is behind, it cannot know.
    if (mustValidate === null || operator === null || syncing) return;
    const found = validatorTrouble(own, { home: mustValidate, operator, signingKey });
    if (found === null) trouble = null;
    else if (found.kind !== trouble?.kind) trouble = { kind: found.kind, isTold: false };
    else if (!trouble.isTold) {
      log.warn(found.facts, found.message);
      trouble.isTold = true;
    }
  };
  const look = () => {
    if (nowMs() - lookedAtMs < LIFE_LIMITS.lookEveryMs) return;
    lookedAtMs = nowMs();
    const own = api.validators().find((each) => each.operator === operator);
    insist(own ?? null);
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
