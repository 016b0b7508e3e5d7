/**
 * Spend keys as /v1 needs them (spec: openai §7). Owns the port; the process that runs a node keeps the books (cli: spending/).
 */
import type { Address, Amount, Hash, Height } from '@synod/chain';
import type { SentFeedback, SignedFeedback, SignedQuery } from '../node-api.ts';

export type SpendKeys = {
  /** What a key in plain text opens. Throws `API_KEY_INVALID`, also for one that has expired or was revoked. */
  walletOf(secret: string): Wallet;
};

/** What the bearer of one key may spend. */
export type Wallet = {
  /** Names the key without telling it. */
  readonly id: string;
  /** Who pays. */
  readonly account: Address;
  /** Nano that a query may still be opened for. */
  available(): Amount;
  /** Sets aside what the query can cost, durably, before it is out. Throws `QUOTA_EXCEEDED`. */
  reserve(query: Pick<SignedQuery, 'queryId' | 'validUntil' | 'costMax'>): void;
  /** Nano set aside for the transaction that ends the query early; null where none was. */
  cancelFeeMax(queryId: Hash): Amount | null;
  /** Notes that such a transaction is about to go out. */
  cancelling(queryId: Hash, transaction: { readonly id: Hash; readonly validUntil: Height }): void;
  /** Whether this key paid for the query; of those settled, the newest are remembered. */
  paidFor(queryId: Hash): boolean;
  /** Feedback about the query that this key has sent, until its deposit is back or lost; null where there is none. */
  feedbackSent(queryId: Hash): SentFeedback | null;
  /** Sets aside deposit and fee, durably, before the feedback is out. Throws `QUOTA_EXCEEDED`. */
  reserveFeedback(feedback: SignedFeedback & { readonly queryId: Hash }): void;
};

/** How a spend key begins. */
export const SPEND_KEY_PREFIX = 'sk-synod-';
