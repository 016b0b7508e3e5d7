/** Queries as the server asks a node for them and hears of them. Owns shapes; node-api.ts is the port. */
import type { Address, Amount, Answer, Hash, Height, PrivatePrompt, QueryState, Receipt } from '@synod/chain';

/** `quote`: passages alone, and refusals that no model reads; `full`: a model may put words before a quote (market §17). */
export type Effort = 'quote' | 'full';

export type QuoteRequest = {
  readonly prompt: string;
  readonly domain?: string | undefined;
  /** Asks this expert alone, whose domain is the query's (market §16). */
  readonly expert?: Address | undefined;
  readonly maxTokens?: number | undefined;
  readonly respondents?: number | undefined;
  readonly rounds?: number | undefined;
  /** Instead of what the difficulty says. */
  readonly effort?: Effort | undefined;
};

/** How much of the market a contract takes. */
export type Configuration = {
  readonly effort: Effort;
  readonly respondents: number;
  readonly rounds: number;
  /** Why, for people. */
  readonly reason: string;
};

/** A query the node signs for one of its devnet accounts. */
export type QueryRequest = {
  readonly prompt: string;
  readonly domain?: string | undefined;
  /** Asks this expert alone (market §16). */
  readonly expert?: Address | undefined;
  readonly maxCost?: Amount | undefined;
  /** Name (`alice`) or address of a devnet account; default the first one. */
  readonly from?: string | undefined;
  readonly respondents?: number | undefined;
  /** Rounds of collaborative prompting. */
  readonly rounds?: number | undefined;
  readonly effort?: Effort | undefined;
  readonly threshold?: number | undefined;
  /** `private`: only the query's committee and holders of its read key see its texts. */
  readonly privacy?: 'open' | 'private' | undefined;
};

/** A query on its way into a block; above `validUntil` no block can take it any more. `readKey`: 32 bytes in hex that open the texts of a private one; null for a public one. */
export type OpenedQuery = { readonly queryId: Hash; readonly validUntil: Height; readonly readKey: Hash | null };

/** Who pays for a query and who hears of it before it is out; for surfaces with books of their own. */
export type OpeningTerms = {
  /** Instead of `from`: one of `payers()`, which are more than `from` may name. */
  readonly payer?: Address | undefined;
  /** Called before the transaction goes out. When it throws, nothing goes out. */
  readonly onSigned?: ((signed: SignedQuery) => void) | undefined;
};

/** `costMax`: the most that the account can lose by it, in nano, the fee of its transaction included. */
export type SignedQuery = OpenedQuery & { readonly costMax: Amount };

/** As `OpeningTerms`, for the transaction that ends a query early. */
export type CancelTerms = {
  /** Also a query of an account that is among `payers()` alone. */
  readonly isPayers?: boolean | undefined;
  /** Most that its transaction may cost, in nano; it waits while block space is dearer. */
  readonly feeMax?: Amount | undefined;
  readonly onSigned?: ((signed: { readonly id: Hash; readonly validUntil: Height }) => void) | undefined;
};

/** Everything that `query.disclose` opens. */
export type Disclosure = PrivatePrompt & {
  readonly answers: readonly { readonly respondent: number; readonly answer: Answer }[];
};

export type QueryEvent =
  | { readonly kind: 'opened'; readonly queryId: Hash; readonly height: Height }
  | { readonly kind: 'selected'; readonly queryId: Hash; readonly experts: readonly Address[] }
  /** Provisional text of the first-selected respondent, in order. */
  | { readonly kind: 'token'; readonly queryId: Hash; readonly expert: Address; readonly text: string }
  | { readonly kind: 'answerDone'; readonly queryId: Hash; readonly expert: Address }
  | { readonly kind: 'phase'; readonly queryId: Hash; readonly phase: string; readonly height: Height }
  /** Settled and final: `settledAt + 1` has its certificate. */
  | { readonly kind: 'final'; readonly queryId: Hash; readonly view: QueryView }
  | { readonly kind: 'failed'; readonly queryId: Hash; readonly code: string; readonly message: string };

export type QueryView = {
  readonly queryId: Hash;
  readonly status: 'pending' | 'open' | 'settled' | 'final';
  readonly state: QueryState | null;
  readonly receipt: Receipt | null;
  /** Block that settled it. */
  readonly settled: { readonly height: Height; readonly blockHash: Hash; readonly finalized: boolean } | null;
  /** Null where it is not known, or private and not opened by its read key. */
  readonly prompt: string | null;
  /** A private query's texts are not shown. */
  readonly isSealed: boolean;
  readonly disclosedAt: Height | null;
};
