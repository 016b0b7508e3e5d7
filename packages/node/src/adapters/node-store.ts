/**
 * What a store offers beyond the host's port: look-ups for the RPC, and what is known when it opens.
 * Owns the shapes that level-store.ts and memory-store.ts share.
 */
import type { Hash, Height } from '@synod/chain';
import type { HostInput, Store, StoredBlock } from '../host/ports.ts';
import type { TransactionPlace } from './store-format.ts';

/** Answers from the indices. All synchronous; null when unknown. A write is seen once its completion was delivered. */
export type StoreLookups = {
  heightOfHash(hash: Hash): Height | null;
  transactionPlace(id: Hash): TransactionPlace | null;
  transactionHeight(id: Hash): Height | null;
  querySettledHeight(id: Hash): Height | null;
  /** What that block did, as event-records.ts encodes it; null where this store has not kept it. */
  events(height: Height): Uint8Array | null;
  /** Lowest and highest stored block; null when there is none. */
  oldestHeight(): Height | null;
  latestHeight(): Height | null;
};

/** What the store held when it was opened. Consensus §1.9: `storeHeight` is `stateHeight` or one more. */
export type StoreBoot = {
  readonly stateHeight: Height;
  readonly stateRoot: Hash;
  /** Every record of the state, sorted by key bytes. Whether they hash to `stateRoot` is the caller's to check. */
  readonly entries: readonly (readonly [key: string, value: Uint8Array])[];
  /** Highest stored block, 0 when there is none. */
  readonly storeHeight: Height;
};

export type OpenedStore = {
  readonly store: Store & StoreLookups;
  /** Null until `initialise` has written the genesis state. */
  readonly boot: StoreBoot | null;
  /** Writes the genesis state in one synced batch, at height 0, and gives what `boot` would be. Once only. */
  initialise(genesis: GenesisState): Promise<StoreBoot>;
  /**
   * Writes a whole state from elsewhere into a store that holds none, with the block it is the state after. Whatever cuts it
   * short, the store then still holds none. The caller has checked all of it. Gives what `boot` would be.
   */
  install(state: WholeState): Promise<StoreBoot>;
  /** Forgets blocks below the height after the writes already asked for; state is kept. A store without it keeps all. */
  prune?(below: Height): void;
  /** Finishes the writes already asked for, delivers their completions, and closes. */
  close(): Promise<void>;
};

export type GenesisState = { readonly entries: Iterable<readonly [string, Uint8Array]>; readonly stateRoot: Hash };

/** A state at a height above genesis brings its block and results; genesis has neither. */
export type WholeState = GenesisState & {
  readonly height: Height;
  readonly block?: StoredBlock;
  /** Encoded BlockResults. */
  readonly results?: Uint8Array;
  /** A node's own notes to begin with. */
  readonly notes?: readonly (readonly [key: string, value: Uint8Array])[];
};

export type Deliver = (input: HostInput) => void;
