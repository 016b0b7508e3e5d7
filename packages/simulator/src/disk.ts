/**
 * One node's disk: log, database, sign state and local notes, with what a crash leaves of each. Owns the model: the log's
 * records since the last sync live in the process and die with it; database batches are atomic and ordered; the sign
 * state is replaced whole. Framing, checksums and damage are production's code (`@synod/node/durable`).
 */
import { type Hash, type Height, type StateTree, SynodError } from '@synod/chain';
import {
  frameRecord,
  frameValue,
  type SignState,
  scanSegment,
  unframeValue,
  type WalDamage,
} from '@synod/node/durable';
import type { AppliedStep, StateChange, Store, StoredBlock, Wal } from '@synod/node/host';
import type { DiskOperation, FaultCounts } from './fault-counts.ts';
import type { Prng } from './prng.ts';

/** Thrown out of a port to end the process at that very point. */
export class CrashSignal extends Error {}

export type CrashPlan = {
  readonly operation: DiskOperation;
  readonly when: 'before' | 'after' | 'torn';
  /** Operations of this kind to let pass first. */
  countdown: number;
};

export type DiskOptions = {
  readonly prng: Prng;
  readonly counts: FaultCounts;
  readonly genesis: StateTree;
};

type Batch = { readonly operation: DiskOperation | null; readonly apply: () => void; readonly done: () => void };

/** What the running process is told; replaced at every boot. */
export type DiskListener = {
  after(delayMs: number, run: () => void): void;
  blockStored(height: Height): void;
  stateStored(height: Height): void;
  localStored(key: string): void;
  failed(error: SynodError): void;
};

export class Disk {
  readonly #options: DiskOptions;
  readonly #blocks = new Map<Height, StoredBlock>();
  readonly #results = new Map<Height, Uint8Array>();
  readonly #local = new Map<string, Uint8Array>();
  readonly #state = new Map<string, Uint8Array>();
  /** Values with a flipped bit, framed, by their name. */
  readonly #damaged = new Map<string, Uint8Array>();
  #segment = 1;
  #durable: Uint8Array[] = [];
  #buffered: Uint8Array[] = [];
  #damage: WalDamage = null;
  #pending: Batch[] = [];
  #isWriting = false;
  #listener: DiskListener | null = null;
  signState: SignState | null = null;
  lockedProposal: Uint8Array | null = null;
  /** Until its operator puts the newest copy back. */
  isSignStateDamaged = false;
  applied: { readonly height: Height; readonly stateRoot: Hash } | null = null;
  plan: CrashPlan | null = null;
  /** Where the process is dying: until it has, nothing it asks for is done, whatever catches the signal on its way out. */
  dying: string | null = null;
  isFull = false;
  slowMs = 0;
  /** True once a fault may have made the database unreadable or the disk unwritable: the process may then end by itself. */
  mayFail = false;

  constructor(options: DiskOptions) {
    this.#options = options;
  }

  attach(listener: DiskListener): void {
    this.#listener = listener;
    this.#pending = [];
    this.#isWriting = false;
  }

  get latestHeight(): Height {
    return Math.max(0, ...this.#blocks.keys());
  }

  /** Durable records since the last truncation, and what was found wrong with them. */
  get log(): { readonly records: readonly Uint8Array[]; readonly damage: WalDamage } {
    return { records: this.#durable, damage: this.#damage };
  }

  /** Everything appended since the last truncation, synced or not. */
  get wholeLog(): readonly Uint8Array[] {
    return [...this.#durable, ...this.#buffered];
  }

  get unsyncedRecords(): number {
    return this.#buffered.length;
  }

  get lastSyncedRecord(): Uint8Array | null {
    return this.#durable.at(-1) ?? null;
  }

  readonly wal: Wal = {
    append: (record) => {
      this.mustLive();
      this.#point('walAppend', 'before');
      if (this.isFull) throw this.#full('the log');
      this.#buffered.push(record);
      this.#point('walAppend', 'after');
    },
    sync: () => {
      this.mustLive();
      this.#point('walSync', 'before');
      if (this.isFull) throw this.#full('the log');
      this.#tear();
      this.#durable.push(...(this.#damage === null ? this.#buffered : []));
      this.#buffered = [];
      this.#point('walSync', 'after');
    },
    truncate: () => {
      this.mustLive();
      this.#point('walTruncate', 'before');
      this.#segment += 1;
      this.#durable = [];
      this.#buffered = [];
      this.#damage = null;
      this.#point('walTruncate', 'after');
    },
  };

  /** The sign state as production's signer sees it. */
  saveSignState(state: SignState, lockedProposal: Uint8Array | null): void {
    this.mustLive();
    this.#point('signState', 'before');
    if (this.isFull) {
      this.#options.counts.add('diskFull');
      throw new Error('no space left on the disk');
    }
    this.signState = state;
    this.lockedProposal = lockedProposal ?? this.lockedProposal;
    this.#point('signState', 'after');
  }

  readonly store: Store = {
    block: (height) => {
      this.#read(`block/${height}`);
      return this.#blocks.get(height) ?? null;
    },
    saveBlock: (block) =>
      this.#write({
        operation: 'saveBlock',
        apply: () => void this.#blocks.set(block.height, block),
        done: () => this.#listener?.blockStored(block.height),
      }),
    saveState: (change) =>
      this.#write({
        operation: 'saveState',
        apply: () => this.#applyChange(change),
        done: () => this.#listener?.stateStored(change.height),
      }),
    saveApplied: (steps) =>
      this.#write({
        operation: 'saveApplied',
        apply: () => this.#applySteps(steps),
        done: () => this.#listener?.stateStored(steps.at(-1)?.change.height ?? 0),
      }),
    results: (height) => {
      this.#read(`results/${height}`);
      return this.#results.get(height) ?? null;
    },
    putLocal: (key, value) =>
      this.#write({
        operation: 'putLocal',
        apply: () => void this.#local.set(key, value),
        done: () => this.#listener?.localStored(key),
      }),
    getLocal: (key) => {
      this.#read(`local/${key}`);
      return this.#local.get(key) ?? null;
    },
    deleteLocal: (key) =>
      this.#write({ operation: null, apply: () => void this.#local.delete(key), done: () => undefined }),
  };

  /** Entries of the applied state, read as start-up does. */
  stateEntries(): ReadonlyMap<string, Uint8Array> {
    this.#read('state');
    return this.#state;
  }

  hasBlock(height: Height): boolean {
    return this.#blocks.has(height);
  }

  /** What the end of the process takes away: unsynced log records, and batches not yet written. */
  crash(): void {
    const { prng, counts } = this.#options;
    if (this.#buffered.length > 0) counts.add('lostUnsynced');
    this.#buffered = [];
    const first = this.#pending[0];
    // The batch under way may have reached the disk without anybody hearing of it.
    if (first !== undefined && !this.isFull && prng.chance(500_000)) first.apply();
    this.#pending = [];
    this.#listener = null;
    this.plan = null;
    this.dying = null;
  }

  /** Flips one bit of the log's bytes; only while the process is down. False when the log is empty. */
  flipLogBit(): boolean {
    const bytes = this.#framed(this.#durable);
    if (bytes.length === 0 || this.#damage !== null) return false;
    const at = this.#options.prng.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << this.#options.prng.below(8));
    this.#recover(bytes);
    return true;
  }

  /** Flips one bit of one value of the database. False when it holds nothing yet. */
  flipDatabaseBit(): boolean {
    const { prng } = this.#options;
    const names = [...this.#blocks.keys()].map((height) => `block/${height}`);
    if (names.length === 0) return false;
    names.push('state', ...[...this.#results.keys()].map((height) => `results/${height}`));
    const name = prng.pick(names);
    const key = Buffer.from(name);
    const framed = frameValue(key, this.#valueOf(name));
    const at = prng.below(framed.length);
    framed[at] = (framed[at] ?? 0) ^ (1 << prng.below(8));
    this.#damaged.set(name, framed);
    this.mayFail = true;
    return true;
  }

  /** The operator's remedy for a damaged database: everything but the sign state goes. */
  wipeDatabase(): void {
    for (const map of [this.#blocks, this.#results, this.#local, this.#state, this.#damaged]) map.clear();
    this.applied = null;
    this.wipeLog();
  }

  /** The log is gone: by a fault, or moved away by the operator because it is damaged. */
  wipeLog(): void {
    this.#segment += 1;
    this.#durable = [];
    this.#buffered = [];
    this.#damage = null;
  }

  #valueOf(name: string): Uint8Array {
    const [kind, height] = name.split('/');
    if (kind === 'block') return this.#blocks.get(Number(height))?.block ?? new Uint8Array(1);
    if (kind === 'results') return this.#results.get(Number(height)) ?? new Uint8Array(1);
    return this.#state.values().next().value ?? new Uint8Array(1);
  }

  #read(name: string): void {
    const framed = this.#damaged.get(name);
    if (framed === undefined || unframeValue(Buffer.from(name), framed) !== null) return;
    throw new SynodError('DATABASE_DAMAGED', `The value ${name} is not what was written.`, { facts: { name } });
  }

  #full(what: string): SynodError {
    this.#options.counts.add('diskFull');
    return new SynodError('DISK_FULL', `No space left for ${what}. Free disk space, then start the node again.`);
  }

  /** One batch: all of its blocks with their states, or none. */
  #applySteps(steps: readonly AppliedStep[]): void {
    for (const { block, change } of steps) {
      this.#blocks.set(block.height, block);
      this.#applyChange(change);
    }
  }

  #applyChange(change: StateChange): void {
    if (this.applied === null) {
      for (const { key, value } of this.#options.genesis.entries()) this.#state.set(key, value);
    }
    for (const [key, value] of change.writes) {
      if (value === null) this.#state.delete(key);
      else this.#state.set(key, value);
    }
    this.#results.set(change.height, change.results);
    this.applied = { height: change.height, stateRoot: change.stateRoot };
  }

  /** Throws while the process is dying. */
  mustLive(): void {
    if (this.dying !== null) throw new CrashSignal(this.dying);
  }

  #write(batch: Batch): void {
    this.mustLive();
    this.#pending.push(batch);
    if (!this.#isWriting) this.#next();
  }

  #next(): void {
    const listener = this.#listener;
    const batch = this.#pending[0];
    this.#isWriting = batch !== undefined && listener !== null;
    if (batch === undefined || listener === null) return;
    if (this.slowMs > 0) this.#options.counts.add('slowDisk');
    const delayMs = 1 + this.slowMs;
    listener.after(delayMs, () => {
      if (this.isFull) return listener.failed(this.#full('the database'));
      if (batch.operation !== null) this.#point(batch.operation, 'before');
      batch.apply();
      this.#pending.shift();
      if (batch.operation !== null) this.#point(batch.operation, 'after');
      this.#next();
      batch.done();
    });
  }

  /** Ends the process here if the plan says so. */
  #point(operation: DiskOperation, when: 'before' | 'after'): void {
    const { plan } = this;
    if (plan === null || plan.operation !== operation || plan.when !== when) return;
    if (plan.countdown > 0) {
      plan.countdown -= 1;
      return;
    }
    this.plan = null;
    this.#options.counts.add(`crash.${operation}.${when}`);
    this.dying = `${operation} ${when}`;
    throw new CrashSignal(this.dying);
  }

  /** A sync cut short: a part of the buffered bytes reaches the disk, the last record perhaps in half. */
  #tear(): void {
    const { plan } = this;
    if (plan?.when !== 'torn' || this.#buffered.length === 0 || this.#damage !== null) return;
    if (plan.countdown > 0) {
      plan.countdown -= 1;
      return;
    }
    const whole = this.#framed([...this.#durable, ...this.#buffered]);
    const safe = this.#framed(this.#durable).length;
    const kept = safe + this.#options.prng.below(whole.length - safe);
    this.#recover(whole.subarray(0, kept));
    this.#buffered = [];
    this.plan = null;
    this.#options.counts.add('crash.walSync.torn');
    this.#options.counts.add('tornWrite');
    this.dying = 'walSync torn';
    throw new CrashSignal(this.dying);
  }

  #framed(records: readonly Uint8Array[]): Uint8Array {
    const parts: Uint8Array[] = [];
    let offset = 0;
    for (const record of records) {
      const framed = frameRecord(this.#segment, offset, record);
      parts.push(framed);
      offset += framed.length;
    }
    return Buffer.concat(parts);
  }

  #recover(bytes: Uint8Array): void {
    const { records, damage } = scanSegment(this.#segment, bytes);
    this.#durable = records;
    this.#damage = damage?.kind === 'damagedMiddle' ? damage : null;
  }
}
