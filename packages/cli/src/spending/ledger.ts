/**
 * The arithmetic of spend keys: what of a budget is spent, set aside and left. Owns the rules, as values; files, clocks and the chain are
 * others'. At all times spent + reserved ≤ budget, unless a query cost more than it was said to cost at most.
 */
import type { Address, Amount, Hash, Height } from '@synod/chain';

/** What is set aside for a query that is not settled yet. */
export type Reservation = {
  readonly queryId: Hash;
  /** Above it no block can open the query. */
  readonly validUntil: Height;
  /** The most that it can cost, in nano: escrow, its transaction, and the one that may end it. */
  readonly amount: Amount;
  /** Part of `amount` for the transaction that may end it. */
  readonly cancelFeeMax: Amount;
  /** That transaction, once it was signed. */
  readonly cancel: { readonly id: Hash; readonly validUntil: Height } | null;
};

export type SpendKey = {
  /** Names it, and is no secret. */
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the key, 64 hex digits. */
  readonly hash: string;
  readonly account: Address;
  readonly budget: Amount;
  readonly spent: Amount;
  readonly reservations: readonly Reservation[];
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
  /** Null: never. */
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
};

export type SpendKeyStanding = 'active' | 'expired' | 'revoked' | 'exhausted';

export function reservedOf({ reservations }: SpendKey): Amount {
  return reservations.reduce((sum, { amount }) => sum + amount, 0n);
}

/** What may still be set aside; never below zero. */
export function availableOf(key: SpendKey): Amount {
  const left = key.budget - key.spent - reservedOf(key);
  return left > 0n ? left : 0n;
}

export function standingOf(key: SpendKey, nowMs: number): SpendKeyStanding {
  if (key.revokedAtMs !== null) return 'revoked';
  if (key.expiresAtMs !== null && key.expiresAtMs <= nowMs) return 'expired';
  return key.spent >= key.budget ? 'exhausted' : 'active';
}

/** The key with the reservation; null where its budget does not hold it, or the query has one already. */
export function reserve(key: SpendKey, reservation: Reservation): SpendKey | null {
  if (reservation.amount > availableOf(key)) return null;
  if (key.reservations.some(({ queryId }) => queryId === reservation.queryId)) return null;
  return { ...key, reservations: [...key.reservations, reservation] };
}

/** The true cost in place of the reservation; unchanged where there is none. */
export function settle(key: SpendKey, queryId: Hash, cost: Amount): SpendKey {
  if (!key.reservations.some((one) => one.queryId === queryId)) return key;
  return {
    ...key,
    spent: key.spent + cost,
    reservations: key.reservations.filter((one) => one.queryId !== queryId),
  };
}

/** Notes the transaction that ends a query. */
export function cancelling(key: SpendKey, queryId: Hash, cancel: Reservation['cancel']): SpendKey {
  const noted = (one: Reservation) => (one.queryId === queryId ? { ...one, cancel } : one);
  return { ...key, reservations: key.reservations.map(noted) };
}
