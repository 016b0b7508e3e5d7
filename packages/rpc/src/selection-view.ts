/** What a node tells of a draw of respondents. Owns shapes; part of the port in node-api.ts. */
import type { Address, Candidate, Exclusion, Hash, SelectionDraw, WeighedCandidate } from '@synod/chain';

/** How a query's respondents were drawn, or who would be drawn from now. */
export type SelectionView = {
  readonly queryId: Hash | null;
  /** Null where nothing has been drawn. */
  readonly seed: Hash | null;
  readonly candidates: readonly (WeighedCandidate & {
    /** Null where the state it was drawn from is no longer kept. */
    readonly factors: Candidate | null;
  })[];
  /** Null where the state is no longer kept. */
  readonly excluded: readonly { readonly expert: Address; readonly reason: Exclusion }[] | null;
  readonly draws: readonly SelectionDraw[];
};

export type FutureQuery = {
  readonly domain: string;
  readonly prompt: string;
  readonly respondents: number;
};
