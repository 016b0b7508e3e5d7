/**
 * The books of spend keys when a backup comes back. The chain knows what an account paid and not for which key, so nobody can tell what a key
 * spent after the backup was made. Owns what follows from it: a key that only the backup knows is revoked, and what the home knows stays.
 */
import type { SpendKey } from './ledger.ts';

export type MergedBooks = {
  readonly keys: readonly SpendKey[];
  /** Names of the keys that the restoration revoked. */
  readonly revoked: readonly string[];
  /** Names of the keys that go on from what the backup says they spent. */
  readonly trusted: readonly string[];
};

/**
 * `own` is the home's book, `backedUp` that of the backup. With `keep` the keys that only the backup knows go on: their owner says that they
 * spent nothing since.
 */
export function mergeBooks(
  own: readonly SpendKey[],
  backedUp: readonly SpendKey[],
  { nowMs, keep }: { readonly nowMs: number; readonly keep: boolean },
): MergedBooks {
  const known = new Set(own.map(({ id }) => id));
  const returning = backedUp.filter(({ id }) => !known.has(id));
  const usable = returning.filter(
    ({ revokedAtMs, expiresAtMs }) => revokedAtMs === null && (expiresAtMs === null || expiresAtMs > nowMs),
  );
  const names = usable.map(({ name }) => name);
  const returned = returning.map((key) => (keep || !usable.includes(key) ? key : { ...key, revokedAtMs: nowMs }));
  return {
    keys: [...own.map((key) => raised(key, backedUp)), ...returned],
    revoked: keep ? [] : names,
    trusted: keep ? names : [],
  };
}

/** What a book once said was spent never becomes less. */
function raised(key: SpendKey, backedUp: readonly SpendKey[]): SpendKey {
  const other = backedUp.find(({ id }) => id === key.id);
  return other === undefined || other.spent <= key.spent ? key : { ...key, spent: other.spent };
}
