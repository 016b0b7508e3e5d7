/** What a node can say about one query, joined from state and results. Owns the joining only. */
import type { Hash, Height, QueryState, Receipt } from '@synod/chain';

export type QueryView = {
  readonly queryId: Hash;
  readonly status: 'pending' | 'open' | 'settled' | 'final';
  readonly state: QueryState | null;
  readonly receipt: Receipt | null;
  readonly settled: { readonly height: Height; readonly blockHash: Hash; readonly finalized: boolean } | null;
  /** Null where it is not known, or private and not opened by its read key. */
  readonly prompt: string | null;
  /** Height of the block that made a private query's texts public; null as long as none did. */
  readonly disclosedAt: Height | null;
  /** A private query's texts are not shown. */
  readonly isSealed: boolean;
};
