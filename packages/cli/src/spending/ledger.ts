/**
 * The arithmetic of spend keys: what of a budget is spent, set aside and left. Owns the rules, as values; files, clocks and the chain are
 * others'. At all times spent + reserved ≤ budget, unless a query or a deposit cost more than it was said to cost at most.
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

/** What is set aside for feedback: its deposit and its fee until a block has it, then the deposit until it is back or burnt. */
export type HeldFeedback = {
  /** The query that it is about; a key speaks about each once. */
  readonly queryId: Hash;
  /** Of its transaction. */
  readonly id: Hash;
  /** Names its words. */
  readonly content: Hash;
  /** The signed transaction in hex: whoever repeats the request sends this very one again. */
  readonly raw: string;
  readonly validUntil: Height;
  readonly amount: Amount;
  /** Part of `amount`. */
  readonly deposit: Amount;
  /** A block has taken it, and its fee is spent. */
  readonly isTaken: boolean;
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
  /** Settled queries that it paid for, the newest last. */
  readonly paid: readonly Hash[];
  readonly feedback: readonly HeldFeedback[];
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
  /** Null: never. */
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
};

export type SpendKeyStanding = 'active' | 'expired' | 'revoked' | 'exhausted';

export function reservedOf({ reservations, feedback }: SpendKey): Amount {
  return [...reservations, ...feedback].reduce((sum, { amount }) => sum + amount, 0n);
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

/** Settled queries that a key remembers, to let its bearer speak about them. */
export const PAID_MAX = 256;

/** The true cost in place of the reservation; unchanged where there is none. */
export function settle(key: SpendKey, queryId: Hash, cost: Amount): SpendKey {
  if (!key.reservations.some((one) => one.queryId === queryId)) return key;
  return {
    ...key,
    spent: key.spent + cost,
    reservations: key.reservations.filter((one) => one.queryId !== queryId),
    paid: [...key.paid, queryId].slice(-PAID_MAX),
  };
}

/** Whether the key paid for the query, as far as it is remembered. */
export function paidFor({ reservations, paid }: SpendKey, queryId: Hash): boolean {
  return paid.includes(queryId) || reservations.some((one) => one.queryId === queryId);
}

/** The key with the feedback's amount set aside; null where its budget does not hold it, or it spoke about the query already. */
export function holdFeedback(key: SpendKey, held: HeldFeedback): SpendKey | null {
  if (held.amount > availableOf(key)) return null;
  if (key.feedback.some(({ queryId }) => queryId === held.queryId)) return null;
  return { ...key, feedback: [...key.feedback, held] };
}

/** What was spent of a held amount, and what of it is still held; null: nothing. */
export function settleFeedback(
  key: SpendKey,
  queryId: Hash,
  { spent, held }: { readonly spent: Amount; readonly held: HeldFeedback | null },
): SpendKey {
  const feedback = key.feedback.flatMap((one) => (one.queryId !== queryId ? [one] : held === null ? [] : [held]));
  return { ...key, spent: key.spent + spent, feedback };
}

/** Notes the transaction that ends a query. */
export function cancelling(key: SpendKey, queryId: Hash, cancel: Reservation['cancel']): SpendKey {
  const noted = (one: Reservation) => (one.queryId === queryId ? { ...one, cancel } : one);
  return { ...key, reservations: key.reservations.map(noted) };
}
