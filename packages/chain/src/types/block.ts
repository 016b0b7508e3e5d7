/**
 * Blocks, votes, certificates and vote extensions as they are signed, stored and sent.
 * Owns shapes only; encoding is codec/, validity is block-validity.ts, voting is the consensus package.
 */
import type { LearningItem } from './learning.ts';
import type { GroupCheck } from './market.ts';
import type { Address, Hash, Height, Ppm, PublicKey, Round, TimestampMs } from './primitives.ts';
import type { Transaction } from './transaction.ts';

/** The block id is the tagged hash of the encoded header. */
export type Header = {
  readonly protocolVersion: number;
  readonly chainId: string;
  readonly height: Height;
  readonly time: TimestampMs;
  /** ZERO_HASH at height 1. */
  readonly lastBlockId: Hash;
  /** RFC 6962 root over the encoded precommits of the last commit, extensions left out. */
  readonly lastCommitRoot: Hash;
  /** RFC 6962 root over the encoded extensions of the last commit. */
  readonly extensionsRoot: Hash;
  readonly validatorsHash: Hash;
  readonly nextValidatorsHash: Hash;
  readonly paramsHash: Hash;
  /** State root after the block before (genesis state's at height 1). */
  readonly stateRoot: Hash;
  /** RFC 6962 root over the results of the block before: transaction results, then receipts. */
  readonly resultsRoot: Hash;
  /** RFC 6962 root over the encoded transactions. */
  readonly transactionsRoot: Hash;
  readonly evidenceRoot: Hash;
  /** ECVRF proof by the proposer over (previous beacon, height), 80 bytes. */
  readonly beaconProof: Uint8Array;
  /** Operator address of the validator that made this block. */
  readonly proposer: Address;
};

export type Block = {
  readonly header: Header;
  readonly transactions: readonly Transaction[];
  /** Null at height 1 only. */
  readonly lastCommit: ExtendedCommit | null;
  readonly evidence: readonly Evidence[];
};

/** The finality proof of a block: > 2/3 of the power precommitted it; every precommit carries an extension. */
export type ExtendedCommit = {
  readonly height: Height;
  readonly round: Round;
  readonly blockId: Hash;
  /** Sorted by `validator`, each validator at most once. */
  readonly precommits: readonly CommitPrecommit[];
};

export type CommitPrecommit = {
  /** Index into the validator set of that height. */
  readonly validator: number;
  /** Over the vote sign bytes, 64 bytes. */
  readonly signature: Uint8Array;
  /** Encoded `VoteExtension` (possibly with no items). */
  readonly extension: Uint8Array;
  /** Over the extension sign bytes, 64 bytes. */
  readonly extensionSignature: Uint8Array;
};

export type VoteType = 'prevote' | 'precommit';

/** A prevote or precommit; `blockId` null is a vote for nil. */
export type Vote = {
  readonly type: VoteType;
  readonly height: Height;
  readonly round: Round;
  readonly blockId: Hash | null;
  /** Operator address of the voter. */
  readonly validator: Address;
  readonly signature: Uint8Array;
  /** Present exactly on non-nil precommits. */
  readonly extension: SignedExtension | null;
};

export type SignedExtension = { readonly bytes: Uint8Array; readonly signature: Uint8Array };

/** A proposal without its block; the block travels beside it. */
export type Proposal = {
  readonly height: Height;
  readonly round: Round;
  /** Round of the proof-of-lock, or −1. */
  readonly polRound: Round;
  readonly blockId: Hash;
  readonly proposer: Address;
  readonly signature: Uint8Array;
};

/** What a validator says in its precommit: about scores (DESIGN §9), blobs and candidates (spec: learning §3, §7). */
export type VoteExtension = { readonly items: readonly ExtensionItem[] };

export type ExtensionItem = ScoreItem | LearningItem;

export type ScoreItem = ScoreCommit | ScoreReveal;

/** Commits to this validator's scores of one query: see `scoreCommitment` (spec: market §6). */
export type ScoreCommit = { readonly kind: 'score.commit'; readonly queryId: Hash; readonly commitment: Hash };

/** Opens the commitment: one score per answer group that this validator may score, sorted by group. */
export type ScoreReveal = {
  readonly kind: 'score.reveal';
  readonly queryId: Hash;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  readonly scores: readonly GroupScore[];
  /** One for each group that this validator was drawn to verify, sorted by group. */
  readonly checks: readonly GroupCheck[];
};

export type GroupScore = { readonly group: number; readonly score: Ppm };

/** Proof of misconduct. */
export type Evidence = DuplicateEvidence | LightAttack;

/** Proof that a validator signed two different things for one slot. */
export type DuplicateEvidence =
  | { readonly kind: 'duplicate.vote'; readonly first: Vote; readonly second: Vote }
  | { readonly kind: 'duplicate.proposal'; readonly first: Proposal; readonly second: Proposal };

/** Proof that validators certified a header that is not the chain's, to deceive light clients (spec: light-client §9). */
export type LightAttack = {
  readonly kind: 'light.attack';
  /** Both sides agree on the block at this height. Signers are named by the set after it or by that of the headers' height. */
  readonly commonHeight: Height;
  /** The chain's own. Signatures only where both were certified in one round; else none, and round 0. */
  readonly trusted: SignedHeader;
  readonly conflicting: SignedHeader;
};

/** A header with precommits for it. */
export type SignedHeader = {
  readonly header: Header;
  readonly round: Round;
  /** Each signer once, ascending. */
  readonly signatures: readonly NamedSignature[];
};

/** A precommit's signature and the operator whose it is, as the chain names it. */
export type NamedSignature = { readonly validator: Address; readonly signature: Uint8Array };

/** A member of the validator set. Sorted by operator address. */
export type Validator = {
  readonly operator: Address;
  /** Consensus key: proposals, votes, extensions. */
  readonly publicKey: PublicKey;
  /** Beacon key (ECVRF). */
  readonly vrfKey: PublicKey;
  readonly power: bigint;
};
