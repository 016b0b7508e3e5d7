/**
 * What the host asks of its surroundings. Owns the ports and the inputs that answer them; adapters/ implements them for
 * production, the simulator for whole networks in one process. Every port call is synchronous; whatever takes time
 * comes back as a `HostInput`.
 */
import {
  type Address,
  type AppliedBlock,
  applyBlock,
  type Block,
  type BlockExecution,
  type BlockRefusal,
  buildBlock,
  type ChainEvent,
  type Hash,
  type Height,
  type Proposal,
  type PublicKey,
  type Round,
  type SealedMessage,
  type Segment,
  type StateTree,
  type SynodError,
  type TimestampMs,
  type VerifyBeacon,
  type VerifySignature,
  type Vote,
  type VoteType,
  validateBlock,
  verifySignature,
  vrfVerify,
} from '@synod/chain';
import type { AnswerResult, ExpertSetup, FromWorker, Job } from '@synod/inference';
import type { PaceMode } from './block-pace.ts';
import type { Learner, LearnerMessage, VersionFile, VersionFiles } from './learning-ports.ts';

/** Identity of a connected node as the transport knows it (libp2p peer id). */
export type PeerId = string;

export type GossipTopic = 'transactions' | 'proposals' | 'votes' | 'sealed';

/** What gossip does with a message: deliver it on, drop it silently, or hold it against its sender. */
export type GossipVerdict = 'accept' | 'ignore' | 'reject';

export type HostInput =
  | { readonly kind: 'timer'; readonly name: string }
  | { readonly kind: 'peerConnected'; readonly peer: PeerId }
  | { readonly kind: 'peerDisconnected'; readonly peer: PeerId }
  /** A message of the direct protocol, at most `limits.directMessageBytesMax` long. */
  | { readonly kind: 'direct'; readonly peer: PeerId; readonly bytes: Uint8Array }
  | { readonly kind: 'blockStored'; readonly height: Height }
  | { readonly kind: 'stateStored'; readonly height: Height }
  | { readonly kind: 'localStored'; readonly key: string }
  | { readonly kind: 'contentStored'; readonly content: ContentKind; readonly hash: Hash }
  /**
   * What was asked for with these ids; the folder before it stays for the jobs that read it. Null: none could be made. Not whole: some of them could not
   * be read, or the folder not be written.
   */
  | {
      readonly kind: 'knowledgeJoined';
      readonly domain: string;
      readonly ids: readonly Hash[];
      readonly folder: string | null;
      readonly passages: number;
      readonly isWhole: boolean;
    }
  /** The blob is durable here; what is `blobDamaged` was here and is no longer. */
  | { readonly kind: 'blobStored'; readonly content: Hash }
  | { readonly kind: 'blobDamaged'; readonly content: Hash }
  | { readonly kind: 'worker'; readonly message: WorkerMessage }
  | { readonly kind: 'workerDown'; readonly reason: string }
  | { readonly kind: 'learner'; readonly message: LearnerMessage }
  | { readonly kind: 'versionStored'; readonly file: VersionFile; readonly hash: Hash }
  /** The store or the log cannot be written: the host stops signing and says so. */
  | { readonly kind: 'storageFailed'; readonly error: SynodError };

export type Network = {
  /** Sends to all nodes subscribed to the topic. */
  publish(topic: GossipTopic, bytes: Uint8Array): void;
  /** Sends on the direct stream to one peer; silently lost if it is gone (a `peerDisconnected` tells). */
  send(peer: PeerId, bytes: Uint8Array): void;
  /** Counts against the peer; the adapter disconnects and bans by score. `severe` bans at once. */
  penalise(peer: PeerId, reason: string, severity: 'minor' | 'severe'): void;
};

export type Timers = {
  /** Arms (or re-arms) the named timer; it fires once as an input. */
  set(name: string, delayMs: number): void;
  clear(name: string): void;
};

export type Clock = { nowMs(): TimestampMs };

/** Write-ahead log (consensus §1.8). `append` buffers, `sync` makes everything appended so far durable. */
export type Wal = {
  append(record: Uint8Array): void;
  sync(): void;
  /** Everything up to here belongs to finished heights and may be deleted. Called after the state is stored. */
  truncate(): void;
};

/** An expert that answers through this node: its key, how it writes and what it knows. */
export type HostedExpert = {
  readonly signer: ExpertSigner;
  readonly setup: ExpertSetup;
  /** SHA-256 of its adapter, `ZERO_HASH` without one; null where the file cannot be read: then its recipe is not published. */
  readonly adapterHash: Hash | null;
};

/** What was signed, or why it was refused. */
export type Signed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly reason: string };

/**
 * Signs with the validator's keys and keeps the last-sign state: durable before a signature is returned (consensus §1.7).
 * At the slot it last signed it returns the old signature for equal bytes and refuses other bytes; below it refuses.
 */
export type ConsensusSigner = {
  readonly operator: Address;
  /** The consensus key in use: this node takes part in heights whose set names it, and in no others (staking §4.7). */
  readonly publicKey: PublicKey;
  /** Before a height: goes over to the key that its set names, if it is held. Left out by signers with one key. */
  useKey?(publicKey: PublicKey): void;
  signProposal(slot: {
    readonly height: Height;
    readonly round: Round;
    readonly polRound: Round;
    readonly blockId: Hash;
  }): Signed<Uint8Array>;
  /** For a non-nil precommit `extension` holds its bytes; a repeat returns the extension that was signed first. */
  signVote(slot: {
    readonly type: VoteType;
    readonly height: Height;
    readonly round: Round;
    readonly blockId: Hash | null;
    readonly extension: Uint8Array | null;
    /** For a non-nil precommit: the proposal message it locks, kept as durably as the lock. */
    readonly lockedProposal?: Uint8Array | null;
  }): Signed<{
    readonly signature: Uint8Array;
    readonly extension: { readonly bytes: Uint8Array; readonly signature: Uint8Array } | null;
  }>;
  /** ECVRF proof by the beacon key, 80 bytes; null where the key cannot be reached now. */
  proveBeacon(alpha: Uint8Array): Uint8Array | null;
  /** 32 secret bytes derived from the consensus key and the label; the same for the same label. For salts. */
  deriveSecret(label: string): Uint8Array;
  /** Consensus key over `identitySignBytes(chainId, peerId)`: proves to peers which operator this node is. Null as above. */
  signIdentity(peerId: PeerId): Uint8Array | null;
  /** Consensus key over `sealedSignBytes`: shows whoever forwards it that the coordinator sent this. Null as above. */
  signSealed(message: Omit<SealedMessage, 'signature'>): Uint8Array | null;
  /** X25519 with the consensus key `own`, 32 bytes; null where it is not held, or theirs is of low order. */
  agree(own: PublicKey, theirs: Uint8Array): Uint8Array | null;
  /**
   * What the key signed at the height of its last signature. No getter: in an object literal it gives each object a hidden class of its own,
   * which keeps all that the getter sees alive until a full collection.
   */
  signed(): OwnSigned;
};

/** What the sign state remembers of one height: enough to go on when the log is lost (consensus §1.7). */
export type OwnSigned = {
  /** Place of the last signature; height 0 before the first. */
  readonly height: Height;
  readonly round: Round;
  readonly step: 'propose' | 'prevote' | 'precommit';
  /** Signed at that height, in order: the last rounds whole, of older ones what is for a block. */
  readonly proposals: readonly Proposal[];
  readonly votes: readonly Vote[];
  /** Proposal message of the last precommit for a block; null when there is none, or it was lost. */
  readonly lockedProposal: Uint8Array | null;
};

/** The key of one expert run by this node. */
export type ExpertSigner = {
  readonly address: Address;
  readonly publicKey: PublicKey;
  /** Signs transaction sign bytes. */
  sign(message: Uint8Array): Uint8Array;
  deriveSecret(label: string): Uint8Array;
  /** X25519 with the expert's key, 32 bytes; null where theirs is of low order. */
  agree(theirs: Uint8Array): Uint8Array | null;
};

export type StoredBlock = {
  readonly height: Height;
  readonly hash: Hash;
  readonly block: Uint8Array;
  readonly commit: Uint8Array;
};

/** Durable storage. Reads are synchronous; writes complete as inputs, in the order they were asked. */
export type Store = {
  /** Block with the extended commit that decided it; null when unknown or pruned. */
  block(height: Height): StoredBlock | null;
  /** One synced batch; completes as `blockStored`. */
  saveBlock(block: StoredBlock): void;
  /** State writes, results and applied height in one synced batch; completes as `stateStored`. */
  saveState(change: StateChange): void;
  /**
   * Several decided blocks in a row with the state after each, all in one synced batch, so that the store is never ahead of
   * the state (consensus §1.9); completes as `stateStored` of the last. A store without it gets them one by one.
   */
  saveApplied?(steps: readonly AppliedStep[]): void;
  results(height: Height): Uint8Array | null;
  /** A node's own small notes (answers and salts awaiting their reveal). Completes as `localStored`, synced. */
  putLocal(key: string, value: Uint8Array): void;
  getLocal(key: string): Uint8Array | null;
  deleteLocal(key: string): void;
};

export type StateChange = {
  readonly height: Height;
  readonly stateRoot: Hash;
  /** Value null deletes. */
  readonly writes: ReadonlyMap<string, Uint8Array | null>;
  /** Encoded BlockResults. */
  readonly results: Uint8Array;
  /** Encoded by event-records.ts. */
  readonly events: Uint8Array;
  /** Transaction ids in block order and settled query ids, for look-ups. */
  readonly transactionIds: readonly Hash[];
  readonly queryIds: readonly Hash[];
};

export type AppliedStep = { readonly block: StoredBlock; readonly change: StateChange };

/** What a snapshot holds beside the state, all of it checked against the header above (spec: snapshot §4). */
export type SnapshotAnchor = {
  /** Light block of the height above, encoded: its header names the state root. Empty where it did not exist yet. */
  readonly proof: Uint8Array;
  /** Light block of the snapshot's height, encoded. */
  readonly lightBlock: Uint8Array;
  readonly block: Uint8Array;
  /** Encoded BlockResults of that block. */
  readonly results: Uint8Array;
};

/** Snapshots that this node can serve. Reads are synchronous; what is damaged is no longer there. */
export type SnapshotSource = {
  /** Heights, rising. */
  heights(): readonly Height[];
  snapshot(height: Height): (SnapshotAnchor & { readonly manifest: Uint8Array }) | null;
  chunk(height: Height, index: number): Uint8Array | null;
};

/** What a restoration keeps on disk, so that a crash costs only what was in flight. Reads are synchronous; null when absent or damaged. */
export type RestoreFiles = {
  begun(): (SnapshotAnchor & { readonly manifest: Uint8Array }) | null;
  /** The snapshot that is being restored from now on. Chunks of another one stay: some may fit. */
  begin(snapshot: SnapshotAnchor & { readonly manifest: Uint8Array }): void;
  chunk(index: number): Uint8Array | null;
  /** Number of chunks there, good or not. */
  chunks(): number;
  /** Not awaited: what is lost is fetched again. */
  save(index: number, bytes: Uint8Array): void;
};

/** What nodes fetch from each other by its hash: a recipe by the model id, an adapter by the file's SHA-256, knowledge by its id. */
export type ContentKind = 'recipe' | 'adapter' | 'knowledge';

/** Recipes, adapters and knowledge of this node's own experts and fetched ones. Reads are synchronous; what is damaged is as if it were not there. */
export type ModelLibrary = {
  /** Hash of the base model that the worker runs; null while it loads, and where none runs. */
  baseModel(): Hash | null;
  has(content: ContentKind, hash: Hash): boolean;
  read(content: ContentKind, hash: Hash): Uint8Array | null;
  /** Where the worker finds an adapter that is there. */
  adapterFile(hash: Hash): string;
  /** Written whole or not at all; completes as `contentStored`, or never: what is lost is fetched again. */
  save(content: ContentKind, hash: Hash, bytes: Uint8Array): void;
  /**
   * Makes one folder of a domain's knowledge bundles, the first of two that differ going first (knowledge §10); completes as
   * `knowledgeJoined`, also where that fails. Without ids the domain's folders are removed.
   */
  join(domain: string, ids: readonly Hash[]): void;
};

/**
 * Blobs that the chain names (spec: learning §3), for good. Reads are synchronous; what is damaged is as if it were not there, and is told
 * as `blobDamaged`.
 */
export type BlobStore = {
  has(content: Hash): boolean;
  /** The whole blob, checked against its id. */
  read(content: Hash): Uint8Array | null;
  /** Durable, whole or not at all: completes as `blobStored`, or never, where the disk takes nothing. Its parts are then forgotten. */
  save(content: Hash, bytes: Uint8Array): void;
  /** A chunk of a blob that is being fetched, so that a crash costs only what was in flight. */
  part(content: Hash, index: number): Uint8Array | null;
  savePart(content: Hash, index: number, bytes: Uint8Array): void;
  forgetParts(content: Hash): void;
};

/** What a worker says, with every quote proved under the root of the knowledge that it comes from. */
export type WorkerMessage =
  | Exclude<FromWorker, { readonly kind: 'answered' | 'alive' }>
  | { readonly kind: 'answered'; readonly id: string; readonly result: ProvenAnswer };

export type ProvenAnswer = Omit<AnswerResult, 'segments'> & { readonly segments: readonly Segment[] };

/** The inference worker. Answers arrive as `worker` inputs; exactly one final event a job. */
export type Worker = { submit(job: Job): void; cancel(id: string): void };

/** What the host tells the rest of its process (RPC, metrics, logs). */
export type Observer = { onHostEvent(event: HostEvent): void };

export type HostEvent =
  | {
      readonly kind: 'blockApplied';
      readonly height: Height;
      readonly hash: Hash;
      readonly block: Block;
      readonly round: Round;
      readonly events: readonly ChainEvent[];
    }
  | { readonly kind: 'transactionAccepted'; readonly id: Hash }
  | { readonly kind: 'answerToken'; readonly queryId: Hash; readonly expert: Address; readonly text: string }
  | { readonly kind: 'answerDone'; readonly queryId: Hash; readonly expert: Address }
  /** What the private desk was given is durable: its query may be opened. */
  | { readonly kind: 'privateKept'; readonly queryId: Hash }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly facts: Readonly<Record<string, unknown>>;
    };

/** How signatures and beacon proofs are checked. The simulator's bulk tier puts a keyed hash in the place of both. */
export type Crypto = { readonly verifySignature: VerifySignature; readonly verifyBeacon: VerifyBeacon };

/** The chain's own rules (consensus §2, RFC 9381). */
export const chainCrypto: Crypto = { verifySignature, verifyBeacon: vrfVerify };

/**
 * How blocks are built, judged and applied. A simulation of a whole network may compute once what is the same for all its nodes; the
 * results must be those of the chain's own functions.
 */
export type Execution = {
  readonly buildBlock: typeof buildBlock;
  readonly validateBlock: typeof validateBlock;
  /** `execute` finishes what judging or building this block began; without it the block is executed here. */
  applyBlock(
    state: StateTree,
    block: Block,
    options: {
      readonly execute?: (() => BlockExecution) | undefined;
      readonly verifyBeacon?: VerifyBeacon | undefined;
    },
  ): AppliedBlock | BlockRefusal;
};

/** The chain's own functions, each time anew. */
export const chainExecution: Execution = {
  buildBlock,
  validateBlock,
  applyBlock: (state, block, { execute, verifyBeacon }) => applyBlock(state, block, execute?.(), verifyBeacon),
};

export type HostPorts = {
  readonly network: Network;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly wal: Wal;
  readonly store: Store;
  /** Left out by a node that serves no snapshots. */
  readonly snapshots?: SnapshotSource;
  readonly worker: Worker;
  readonly observer: Observer;
  /** Null: this node observes and never signs. */
  readonly signer: ConsensusSigner | null;
  readonly experts: readonly HostedExpert[];
  /** Folders of published knowledge on this machine by domain, for judging; none when left out. */
  readonly knowledge?: ReadonlyMap<string, string>;
  /** Left out: this node knows no expert's model, publishes none, and verifies nothing. */
  readonly library?: ModelLibrary;
  /** Left out: this node keeps no blobs, and attests none. */
  readonly blobs?: BlobStore;
  /** Left out: this node trains, measures and rebuilds nothing. */
  readonly learner?: Learner;
  /** Left out: this node answers with no version but 0. */
  readonly versions?: VersionFiles;
  /** How blocks follow one another at first; `interval` when left out (`--block-time`). */
  readonly pace?: PaceMode;
  /** The block after which this node stops: none above it is applied. Null or left out: none. */
  readonly haltHeight?: () => Height | null;
  /** Left out in production: `chainCrypto`. */
  readonly crypto?: Crypto;
  /** Left out in production: `chainExecution`. */
  readonly execution?: Execution;
};
