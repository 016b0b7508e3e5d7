/**
 * What happened, newest first, as the server asks a node for it: transactions, queries, evidence, signatures. A node has no index by
 * account: it reads the blocks that it keeps, a bounded number at a time. Owns shapes; it is a part of the port in node-api.ts.
 */
import type {
  Address,
  Amount,
  Evidence,
  Hash,
  Height,
  QueryState,
  Receipt,
  TimestampMs,
  Transaction,
  TransactionResult,
} from '@synod/chain';

/** Where reading goes on: below this item of this height. Index 0 is that below which the height has none left. */
export type HistoryPlace = { readonly height: Height; readonly index: number };

/** Null as place: from the newest on. Heights are inclusive; null: no bound. */
export type HistoryWindow = {
  readonly before: HistoryPlace | null;
  readonly fromHeight: Height | null;
  readonly toHeight: Height | null;
  readonly limit: number;
};

/** Items newest first. Fewer than `limit`, even none, while `next` is not null: the bound on reading was reached. */
export type HistoryPage<Item> = {
  readonly items: readonly Item[];
  /** Lowest height that was read for this page. */
  readonly scannedFrom: Height;
  /** Null: nothing older is kept or wanted. */
  readonly next: HistoryPlace | null;
};

export type TransactionSearch = HistoryWindow & {
  /** As sender, or named in what it asks for. */
  readonly address: Address | null;
  readonly type: string | null;
};

export type IncludedTransaction = {
  readonly transaction: Transaction;
  readonly result: TransactionResult | null;
  readonly place: HistoryPlace;
  readonly blockHash: Hash;
  readonly time: TimestampMs;
};

export type ReceiptSearch = HistoryWindow & {
  /** As requester, expert or operator of an expert. */
  readonly account: Address | null;
  readonly domain: string | null;
};

export type SettledQuery = { readonly receipt: Receipt; readonly place: HistoryPlace };

export type IncludedEvidence = {
  readonly evidence: Evidence;
  readonly place: HistoryPlace;
  readonly time: TimestampMs;
};

/** Who signed what, as later blocks recorded it. */
export type SignatureGrid = {
  readonly from: Height;
  readonly to: Height;
  /** By operator, one letter a height from `from` on: `s` signed, `m` missed, `-` not in the set. */
  readonly rows: ReadonlyMap<Address, string>;
};

/** A transaction tried on the newest state, which stays as it is. */
export type SimulatedTransaction = {
  readonly id: Hash;
  /** `refused`: no block would take it. `failed`: a block would, and charge the fee. */
  readonly outcome: 'ok' | 'failed' | 'refused';
  readonly code: string;
  readonly hint: string | null;
  /** Null where it was refused before its fee was known. */
  readonly fee: Amount | null;
  /** A signature of 64 zeros is not checked. */
  readonly isSignatureChecked: boolean;
};

export type HistoryApi = {
  transactions(search: TransactionSearch): Promise<HistoryPage<IncludedTransaction>>;
  receipts(search: ReceiptSearch): Promise<HistoryPage<SettledQuery>>;
  evidence(window: HistoryWindow): Promise<HistoryPage<IncludedEvidence>>;
  /** The last heights whose signatures are recorded, at most `heights`. */
  signatures(heights: number): Promise<SignatureGrid>;
  /** Those of the newest state, the last opened first. */
  openQueries(): readonly QueryState[];
  /** What waits for a block, in the order in which a proposer here would take it. */
  pending(): readonly Transaction[];
  /** Throws `MALFORMED` for bytes that are no transaction. */
  simulate(raw: Uint8Array): SimulatedTransaction;
  /** Of the next block, nano a byte. */
  baseFeePerByte(): Amount;
};
