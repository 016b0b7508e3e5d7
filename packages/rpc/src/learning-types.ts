/**
 * Learning as the server asks a node for it (spec: learning): feedback, its blobs, and what domains have learnt. Owns shapes; it is
 * a part of the port in node-api.ts.
 */
import type {
  Address,
  Amount,
  Feedback,
  FeedbackRating,
  Hash,
  Height,
  LearningLine,
  ModelVersion,
  PublicKey,
  TrainingRound,
} from '@synod/chain';

/** What a requester says about the answer to a query. */
export type FeedbackRequest = {
  readonly queryId: Hash;
  readonly rating: FeedbackRating;
  /** The right answer, with the rating `correct`; null with the others. */
  readonly correction: string | null;
  /** Where the correction is from; null: the user knows it. */
  readonly source: string | null;
  /** SPDX id of the licence under which the words are given. */
  readonly licence: string;
  /** `release`: may also be published in a data set. */
  readonly consent: 'train' | 'release';
};

/** Feedback that the node signs for one of its devnet accounts, or keeps at home. */
export type OwnFeedbackRequest = FeedbackRequest & {
  /** Name or address of a devnet account; the query's requester when left out. */
  readonly from?: string | undefined;
  /** True: it goes to the file of the node's home and nowhere else. That of a private query always does. */
  readonly isPrivate: boolean;
  /** Of a private query: shows that who speaks is its requester. Null for a public one. */
  readonly readKey: Hash | null;
};

export type FeedbackResult =
  /** Submitted as `feedback.give`; `status`, `code`, `hint` and `height` as for any transaction. */
  | {
      readonly kind: 'given';
      readonly queryId: Hash;
      readonly id: Hash;
      /** Id and bytes of the blob, which is durable here. */
      readonly content: Hash;
      readonly bytes: number;
      readonly status: 'pending' | 'included' | 'final' | 'rejected' | 'failed';
      readonly code: string;
      readonly hint: string | null;
      readonly height: Height | null;
    }
  /** Durable in this file of the node's home, and never sent. */
  | { readonly kind: 'kept'; readonly queryId: Hash; readonly file: string };

/** What somebody signs whose key is elsewhere: both go back to `submitSignedFeedback`. */
export type PreparedFeedback = {
  /** Encoded `feedback.give`; its signature is 64 zeros. */
  readonly transaction: Uint8Array;
  readonly blob: Uint8Array;
  readonly content: Hash;
};

/** Feedback as it stands, with the words where their blob is here. */
export type FeedbackView = {
  readonly feedback: Feedback;
  readonly text: FeedbackText | null;
};

/** What a feedback's blob says (spec: learning §2.2). */
export type FeedbackText = Omit<FeedbackRequest, 'queryId' | 'rating'> & {
  readonly prompt: string;
  readonly answer: string;
};

/** Feedback that a surface with books of its own pays for: by whom, and what those books know and hear of it. */
export type FeedbackTerms = {
  /** One of `payers()`, and the query's requester. */
  readonly payer: Address;
  /** What these books had sent about the query before; the same words go out again as the same transaction, others are refused. */
  readonly sent: () => SentFeedback | null;
  /** Called before the transaction goes out, with its words on disk. When it throws, nothing goes out. */
  readonly onSigned: (signed: SignedFeedback) => void;
};

/** A signed `feedback.give`; `content` names its words. */
export type SentFeedback = { readonly id: Hash; readonly content: Hash; readonly raw: Uint8Array };

/** `deposit` and `feeMax`: the most that the account can lose by it, in nano. Above `validUntil` no block can take it. */
export type SignedFeedback = SentFeedback & {
  readonly validUntil: Height;
  readonly deposit: Amount;
  readonly feeMax: Amount;
};

export type FeedbackWait = { readonly waitFor: 'mempool' | 'block' | 'final'; readonly timeoutMs: number };

/** Part of `NodeApi`. Codes of what is thrown: spec rpc, 3300–3399. */
export type LearningApi = {
  /**
   * Finds prompt and answer of the settled query, keeps the blob, signs `feedback.give` for a devnet account, or for the payer, and submits it. Throws NOT_DEVNET,
   * ACCOUNT_UNKNOWN, FEEDBACK_UNKNOWN_QUERY, FEEDBACK_UNSETTLED, FEEDBACK_NO_ANSWER, FEEDBACK_FOREIGN, FEEDBACK_TWICE, FEEDBACK_WINDOW_OVER,
   * FEEDBACK_PRIVATE, FEEDBACK_TOO_LONG, FEEDBACK_EMPTY, FEEDBACK_MALFORMED, FEEDBACK_UNFUNDED, FEEDBACK_FILE_FULL, READ_KEY_WRONG or BLOB_NOT_STORED.
   */
  submitFeedback(request: OwnFeedbackRequest, wait: FeedbackWait, terms?: FeedbackTerms): Promise<FeedbackResult>;
  /** The same for a key that is elsewhere; nothing is kept or sent. */
  prepareFeedback(request: FeedbackRequest, sender: PublicKey): PreparedFeedback;
  /** Keeps the blob and submits the signed transaction. Throws BLOB_MISSING (null) and BLOB_MISMATCH besides. */
  submitSignedFeedback(raw: Uint8Array, blob: Uint8Array | null, wait: FeedbackWait): Promise<FeedbackResult>;
  /** What was given about a query; null where nothing was. */
  feedbackOf(queryId: Hash): FeedbackView | null;
  getFeedback(domain: string, number: number): FeedbackView | null;
  /** By number, from `from` on, at most 100 at a time. */
  listFeedback(domain: string, from: number, limit: number): readonly FeedbackView[];
  /** The bytes behind `content`; null where they are not here. */
  getBlob(content: Hash): Uint8Array | null;
  /** Domains that learn, ascending. */
  learningDomains(): readonly string[];
  learningLine(domain: string): LearningLine | null;
  modelVersion(domain: string, number: number): ModelVersion | null;
  /** The domain's round under way. */
  trainingRound(domain: string): TrainingRound | null;
  /** True unless the expert declined its domain's versions. */
  learns(expert: Address): boolean;
};

/** A round: under way, or over with the version that it made. */
export type RoundView =
  | { readonly kind: 'open'; readonly round: TrainingRound }
  | { readonly kind: 'closed'; readonly version: ModelVersion };
