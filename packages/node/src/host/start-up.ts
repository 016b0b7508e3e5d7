/**
 * What a node may do with what it finds on its disk when it starts (consensus §1.7–§1.9): start, start without signing, or
 * stop. Owns that decision as a function of facts, the sentences a person reads about it, and the gathering of the facts
 * from opened storage; opening it is the composition root's, and the simulator's.
 */
import {
  decodeBlock,
  decodeBlockResults,
  decodeExtendedCommit,
  type Hash,
  type Height,
  type StateTree,
  SynodError,
} from '@synod/chain';
import { type ChainHead, type ChainIdentity, genesisHead } from './chain-head.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { DoppelgangerSettings } from './doppelganger.ts';
import { limits } from './limits.ts';
import { newestForgottenSignature } from './own-signatures.ts';
import type { ConsensusSigner, PeerId, Store, StoredBlock } from './ports.ts';
import { decodeWalRecord, type WalRecord } from './wal-records.ts';

/** What start-up found on disk (consensus §1.9). */
export type HostBoot = {
  readonly identity: ChainIdentity;
  readonly head: ChainHead;
  /** The block above the head that was stored but not applied before a crash. */
  readonly unapplied: StoredBlock | null;
  readonly walRecords: readonly WalRecord[];
  /** Why this node must not sign and what to do about it, or null. */
  readonly observerReason: string | null;
  /** A block the chain must contain (consensus §1.15); left out when this node needs none. */
  readonly checkpoint?: Checkpoint | null;
  /** This node's id on the network; its hello signs it. */
  readonly peerId: PeerId;
  /** How it watches for another node with its key (keys §6); left out: not at all. */
  readonly doppelganger?: DoppelgangerSettings | null;
};

export type StartUpFacts = {
  /** Newest block applied to the state, and newest block stored. */
  readonly stateHeight: Height;
  readonly storeHeight: Height;
  /** A record in the middle of the log is bad, or one does not decode. */
  readonly isLogDamaged: boolean;
  /** Null: this node holds no validator key. */
  readonly key: null | {
    /** Why the sign state cannot be used and what to do, or null. */
    readonly signStateProblem: string | null;
    readonly signedHeight: Height;
    /** Newest recent block with this key's signature of which the sign state knows nothing, or null. */
    readonly forgottenHeight: Height | null;
  };
};

export type ObserverCause = 'NO_KEY' | 'SIGN_STATE_DAMAGED' | 'SIGN_STATE_OLD' | 'LOG_DAMAGED';

export type StartUpDecision =
  /** Neither of the two cases of consensus §1.9. */
  | { readonly kind: 'stop'; readonly code: 'DATABASE_DAMAGED'; readonly reason: string }
  | {
      readonly kind: 'start';
      /** The newest stored block is applied first. */
      readonly appliesStored: boolean;
      /** Null: it signs. */
      readonly observes: { readonly cause: ObserverCause; readonly reason: string } | null;
    };

/** Exactly two cases pass: store = state, or store = state + 1. A node that could sign twice starts and observes. */
export function decideStartUp(facts: StartUpFacts): StartUpDecision {
  const { stateHeight, storeHeight } = facts;
  if (storeHeight !== stateHeight && storeHeight !== stateHeight + 1) {
    const reason = `its newest block is ${storeHeight}, its state is at ${stateHeight}`;
    return { kind: 'stop', code: 'DATABASE_DAMAGED', reason };
  }
  return { kind: 'start', appliesStored: storeHeight === stateHeight + 1, observes: observerCause(facts) };
}

/** The sign state goes before the log: without it nothing can be signed, whatever the log says. */
function observerCause({ isLogDamaged, key }: StartUpFacts): { cause: ObserverCause; reason: string } | null {
  if (key === null) return { cause: 'NO_KEY', reason: 'this node holds no validator key' };
  if (key.signStateProblem !== null) return { cause: 'SIGN_STATE_DAMAGED', reason: key.signStateProblem };
  if (key.forgottenHeight !== null) {
    const reason =
      `block ${key.forgottenHeight} carries this validator's signature, but its sign state ends at height ` +
      `${key.signedHeight}: it is an older copy, and signing from it could sign twice. Put the newest copy of the file ` +
      '"sign-state" back and start the node again, or give the validator a new consensus key';
    return { cause: 'SIGN_STATE_OLD', reason };
  }
  if (isLogDamaged) {
    const reason =
      'the write-ahead log is damaged in the middle, so what this node knew of the height in progress is uncertain. ' +
      'Move the folder "wal" away and start the node again: its sign state keeps the lock and the votes it gave';
    return { cause: 'LOG_DAMAGED', reason };
  }
  return null;
}

/** Storage as it was opened. */
export type FoundOnDisk = {
  readonly identity: ChainIdentity;
  readonly head: ChainHead;
  readonly store: Store;
  readonly storeHeight: Height;
  /** Records of the log up to its damage. */
  readonly logRecords: readonly Uint8Array[];
  readonly isLogDamaged: boolean;
  readonly signer: ConsensusSigner | null;
  readonly signStateProblem: string | null;
  readonly peerId: PeerId;
};

/** Gathers the facts, decides, and says what the host starts with. Throws `DATABASE_DAMAGED`. */
export function bootOf(found: FoundOnDisk): HostBoot {
  const { identity, head, store, storeHeight, logRecords, signer, peerId } = found;
  const walRecords = logRecords.map(decodeWalRecord).filter((record): record is WalRecord => record !== null);
  const decision = decideStartUp({
    stateHeight: head.height,
    storeHeight,
    isLogDamaged: found.isLogDamaged || walRecords.length < logRecords.length,
    key: signer === null ? null : keyFacts(signer, found),
  });
  if (decision.kind === 'stop') throw damaged(decision.reason);
  return {
    identity,
    head,
    unapplied: decision.appliesStored ? store.block(storeHeight) : null,
    walRecords,
    observerReason: decision.observes?.reason ?? null,
    peerId,
  };
}

/** For a node that must not start as an observer. Throws `SIGNING_IMPOSSIBLE`. */
export function requireSigning({ observerReason: reason }: Pick<HostBoot, 'observerReason'>): void {
  if (reason === null) return;
  throw new SynodError(
    'SIGNING_IMPOSSIBLE',
    `This node was asked to validate and must not sign: ${reason}. Without --validator it starts as an observer.`,
    { facts: { reason } },
  );
}

function keyFacts(signer: ConsensusSigner, { head, store, signStateProblem }: FoundOnDisk): StartUpFacts['key'] {
  return {
    signStateProblem,
    signedHeight: signer.signed().height,
    forgottenHeight: newestForgottenSignature({ head, store, signer, heights: limits.ownSignatureSearchHeights }),
  };
}

/** State, newest applied block and its results, as the store holds them. Throws `DATABASE_DAMAGED`. */
export function headOf(found: {
  readonly height: Height;
  readonly state: StateTree;
  readonly stateRoot: Hash;
  readonly store: Store;
}): ChainHead {
  const { height, state, stateRoot, store } = found;
  if (state.root !== stateRoot) throw damaged('its state does not hash to the recorded root');
  if (height === 0) return genesisHead(state);
  const stored = store.block(height);
  const results = store.results(height);
  if (stored === null || results === null) throw damaged(`block ${height} is missing`);
  const block = decodeBlock(stored.block);
  const commit = decodeExtendedCommit(stored.commit);
  const decoded = decodeBlockResults(results);
  if (!block.ok || !commit.ok || !decoded.ok) throw damaged(`block ${height} does not decode`);
  const { header } = block.value;
  return { height, blockId: stored.hash, header, state, results: decoded.value, commit: commit.value };
}

function damaged(what: string): SynodError {
  return new SynodError(
    'DATABASE_DAMAGED',
    `This node's database is damaged: ${what}. Restore the home folder from a backup, or move it away and let the node sync from its peers.`,
  );
}
