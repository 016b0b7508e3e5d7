/**
 * What an account can ask of the chain. Owns the shapes of transactions and their payloads.
 * Does not own their encoding (codec/), checks or effects (apply-block.ts and the folders beside it).
 */
import type { LearningPayload } from './learning.ts';
import type { MarketPayload, OperatorConsent, PrivateTerms } from './market.ts';
import type { Address, Amount, Hash, Height, Ppm, PublicKey } from './primitives.ts';
import type { VotingPayload } from './voting.ts';

/** A signed request. Its id is the tagged hash of its encoded body, so a signature cannot change the id. */
export type Transaction = {
  readonly body: TransactionBody;
  /** Ed25519 over the tagged body (spec: codec §4), 64 bytes. */
  readonly signature: Uint8Array;
};

export type TransactionBody = {
  readonly chainId: string;
  readonly sender: PublicKey;
  /** 16 random bytes: with `validUntil` it replaces an account nonce (spec: state §3). */
  readonly salt: Uint8Array;
  /** Last height at which it may stand in a block; at most 128 above the current height. */
  readonly validUntil: Height;
  /** Most the sender pays per encoded byte, in nano; the block's base fee must not exceed it. */
  readonly maxBaseFeePerByte: Amount;
  /** Paid to the proposer's operator on top of the base fee, in nano for the whole transaction. */
  readonly tip: Amount;
  readonly payload: Payload;
};

export type Payload =
  | Transfer
  | ExpertRegister
  | QueryOpen
  | AnswerCommit
  | AnswerReveal
  | MarketPayload
  | StakingPayload
  | VotingPayload
  | LearningPayload;

/** What touches stake (spec: staking §3). */
export type StakingPayload =
  | ValidatorCreate
  | ValidatorEdit
  | ValidatorExit
  | ValidatorUnjail
  | ValidatorRotate
  | Delegate
  | Undelegate
  | Redelegate;

/** Makes the sender the operator of a new pool with `bond` as its own stake. */
export type ValidatorCreate = {
  readonly type: 'validator.create';
  /** Consensus key. */
  readonly publicKey: PublicKey;
  /** Beacon key. */
  readonly vrfKey: PublicKey;
  readonly commission: Ppm;
  readonly bond: Amount;
  /** Ed25519 by the consensus key over `possessionSignBytes`, 64 bytes. */
  readonly keyProof: Uint8Array;
  /** ECVRF proof by the beacon key over `possessionSignBytes`, 80 bytes. */
  readonly vrfProof: Uint8Array;
};

/** Changes the commission of the sender's pool. */
export type ValidatorEdit = { readonly type: 'validator.edit'; readonly commission: Ppm };

/** Takes the sender's validator out for good and unbonds its own stake. `validator` is the sender. */
export type ValidatorExit = { readonly type: 'validator.exit'; readonly validator: Address };

/** Asks for release from jail. `validator` is the sender. */
export type ValidatorUnjail = { readonly type: 'validator.unjail'; readonly validator: Address };

/** Gives the sender's validator new keys, which act with a later set; each is proven as in `validator.create`. */
export type ValidatorRotate = {
  readonly type: 'validator.rotate';
  readonly publicKey: PublicKey;
  readonly vrfKey: PublicKey;
  readonly keyProof: Uint8Array;
  readonly vrfProof: Uint8Array;
};

/** Moves `amount` from the sender's balance into a pool. */
export type Delegate = { readonly type: 'delegate'; readonly validator: Address; readonly amount: Amount };

/** Takes `amount` out of a pool; it is paid out after the unbonding time. */
export type Undelegate = { readonly type: 'undelegate'; readonly validator: Address; readonly amount: Amount };

/** Moves `amount` from one pool to another at once; it answers for the first until the unbonding time is over. */
export type Redelegate = {
  readonly type: 'redelegate';
  readonly from: Address;
  readonly to: Address;
  readonly amount: Amount;
};

/** Moves `amount` from the sender to `to`. */
export type Transfer = { readonly type: 'transfer'; readonly to: Address; readonly amount: Amount };

/** Registers the sender as an expert; `bond` moves from its balance into the expert's record. */
export type ExpertRegister = {
  readonly type: 'expert.register';
  readonly expert: ExpertProfile;
  readonly bond: Amount;
  /** Needed where the operator is not the sender. */
  readonly consent: OperatorConsent | null;
};

/** What an expert publishes about itself. */
export type ExpertProfile = {
  /** Short name for people, 1–48 characters of [a-z0-9-]. */
  readonly name: string;
  /** Account that masks (self-score, coordinator, payer = payee) go by. */
  readonly operator: Address;
  readonly domain: string;
  /** Hash over base model, adapter and knowledge root: what a verifier re-runs. */
  readonly modelId: Hash;
  /** Model name for people, e.g. `smollm2-135m-instruct`. */
  readonly modelName: string;
  /** RFC 6962 root over the expert's passages, or ZERO_HASH when it quotes nothing. */
  readonly knowledgeRoot: Hash;
  /** Number of passages under `knowledgeRoot`. */
  readonly knowledgeSize: number;
  /** Nano per byte of prompt. */
  readonly priceInPerByte: Amount;
  /** Nano per byte of answer that the model wrote. */
  readonly priceOutPerByte: Amount;
  /** Nano per byte of answer that is quoted. */
  readonly priceQuotePerByte: Amount;
  /** Answers it can work on side by side; what its load is measured by. */
  readonly capacity: number;
};

/** Opens a query: escrows `contract.maxFee` from the sender (the requester). The query's id is the transaction's id. */
export type QueryOpen = { readonly type: 'query.open'; readonly contract: QueryContract };

/** The terms of a query, fixed before any answer exists (DESIGN §3.2). */
export type QueryContract = {
  /** UTF-8 text; empty exactly in private mode. */
  readonly prompt: string;
  /** Private mode: the prompt is known to the committee alone. Null: everything is public. */
  readonly privacy: PrivateTerms | null;
  readonly domain: string;
  /** The one expert to ask, whose standing nothing that comes of it moves (spec: market §16); null: selection draws who answers. */
  readonly expert: Address | null;
  /** Operator account of the node the requester talks to; its experts are not selected. */
  readonly coordinator: Address;
  /** Number of respondents k. */
  readonly respondents: number;
  /** Rounds of collaborative prompting: from the second on every respondent sees its peers' answers. */
  readonly rounds: number;
  /** Escrowed maximum for everything, in nano. */
  readonly maxFee: Amount;
  /** An answer scored below this is paid only the base part. */
  readonly threshold: Ppm;
  /** Part of an answer's fee paid for delivery whatever its score. */
  readonly basePart: Ppm;
  /** The coordinator's estimate of how hard the prompt is, made before anything runs: it raises the price. */
  readonly difficulty: Ppm;
  /** Part of every payment that goes to those who scored the answer. */
  readonly scorerShare: Ppm;
  /** Part of every payment that goes to the coordinator. */
  readonly coordinatorShare: Ppm;
  /** Random, or a commitment to the right answer: nobody can tell until it is opened (spec: market §12). */
  readonly seal: Hash;
  /** Heights after selection within which the answer's commitment must stand in a block. */
  readonly answerWindow: number;
  /** Heights after the commitments closed within which the answer must be revealed. */
  readonly revealWindow: number;
  /** Heights after the reveals closed within which score commitments must stand in a block. */
  readonly scoreWindow: number;
  /** Heights after the score commitments closed within which scores must be revealed. */
  readonly scoreRevealWindow: number;
};

/** Commits the sender (a selected expert) to an answer: see `answerCommitment` (spec: market §4). */
export type AnswerCommit = { readonly type: 'answer.commit'; readonly queryId: Hash; readonly commitment: Hash };

/** Opens a commitment. */
export type AnswerReveal = {
  readonly type: 'answer.reveal';
  readonly queryId: Hash;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  readonly answer: Answer;
};

/** An answer is a list of segments (DESIGN §3.4); its text is their concatenation. */
export type Answer = {
  readonly segments: readonly Segment[];
  readonly modelId: Hash;
  /** Tokens read and written, shown to people; the chain meters bytes. */
  readonly promptTokens: number;
  readonly answerTokens: number;
};

export type Segment = GeneratedSegment | QuoteSegment | SealedSegment;

/** The whole answer of a private query, as the chain sees it (spec: privacy §2). Its text is empty. */
export type SealedSegment = {
  readonly kind: 'sealed';
  readonly text: '';
  /** Equal for equal texts within a query, and telling nothing to anybody outside its committee. */
  readonly hash: Hash;
  /** Of the whole answer with its segments and evidence. */
  readonly content: Hash;
  readonly generatedBytes: number;
  readonly quotedBytes: number;
};

/** Text a model wrote, with what a verifier needs to re-score it. */
export type GeneratedSegment = {
  readonly kind: 'generated';
  readonly text: string;
  /** Token ids, one per generated token. */
  readonly tokens: readonly number[];
  /** −1000 · ln p of each token, rounded, clipped to 0 … 65535. Same length as `tokens`. */
  readonly logProbabilities: readonly number[];
};

/** Text byte-equal to a passage under the expert's knowledge root. */
export type QuoteSegment = {
  readonly kind: 'quote';
  readonly text: string;
  /** Source and licence, part of the passage's leaf. */
  readonly source: string;
  /** Leaf index under the knowledge root. */
  readonly index: number;
  /** RFC 6962 audit path, leaf to root. */
  readonly proof: readonly Hash[];
};
