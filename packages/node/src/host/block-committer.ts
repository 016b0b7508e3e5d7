/**
 * Makes a decided block durable in the one safe order (consensus §1.9): block and certificate, end of height in the log,
 * then state in one atomic batch. Owns that order and nothing else; each step waits for the store's completion.
 */
import {
  type AppliedBlock,
  decodeBlock,
  decodeExtendedCommit,
  encodeBlockResults,
  encodeExtendedCommit,
  encodeValidators,
  type Hash,
  type Height,
  oncePerObject,
  readValidatorsAt,
  SynodError,
  validatorsHash,
} from '@synod/chain';
import { type ChainHead, validatorSetKey } from './chain-head.ts';
import { encodeEvents } from './event-records.ts';
import { chainExecution, type HostPorts, type StateChange, type StoredBlock } from './ports.ts';
import type { Decision } from './runner-hooks.ts';
import { encodeWalRecord } from './wal-records.ts';

export type Committed = { readonly head: ChainHead; readonly decision: Decision; readonly applied: AppliedBlock };

export class BlockCommitter {
  readonly #ports: HostPorts;
  #pending: Committed | null = null;
  #run: readonly Committed[] = [];

  constructor(ports: HostPorts) {
    this.#ports = ports;
  }

  get isBusy(): boolean {
    return this.#pending !== null || this.#run.length > 0;
  }

  /** First step. `stored` says the block is in the store already (start-up case store = state + 1). */
  begin(decision: Decision, head: ChainHead, options: { stored: boolean }): void {
    this.#pending = { ...applyDecision(decision, head, this.#ports), decision };
    if (options.stored) return this.onBlockStored(decision.commit.height);
    this.#ports.store.saveBlock(storedBlock(decision));
  }

  /**
   * All of a run of decided blocks that catch-up applied, in one atomic batch: block, certificate and state become durable
   * together, so the store is never ahead of the state. The log then holds nothing but finished heights.
   */
  beginRun(run: readonly Committed[]): void {
    this.#run = run;
    this.#keepNewSets(run);
    this.#ports.store.saveApplied?.(run.map((one) => ({ block: storedBlock(one.decision), change: changeOf(one) })));
  }

  onBlockStored(height: Height): void {
    const pending = this.#pending;
    if (pending === null || pending.head.height !== height) return;
    this.#ports.wal.append(encodeWalRecord({ kind: 'endHeight', height }));
    this.#ports.wal.sync();
    this.#keepNewSets([pending]);
    this.#ports.store.saveState(changeOf(pending));
  }

  /** State forgets old sets; whoever asks for an old certificate needs its set, found by the header's hash. */
  #keepNewSets(committed: readonly Committed[]): void {
    for (const { head, applied } of committed) {
      for (const event of applied.events) {
        const set = event.type === 'validators.changed' ? readValidatorsAt(head.state, event.from) : null;
        if (set !== null) this.#ports.store.putLocal(validatorSetKey(validatorsHash(set)), encodeValidators(set));
      }
    }
  }

  /** Last step: the new heads, lowest first, to be taken over by the host. */
  onStateStored(height: Height): readonly Committed[] {
    const done = this.#pending === null ? this.#run : [this.#pending];
    if (done.at(-1)?.head.height !== height) return [];
    this.#pending = null;
    this.#run = [];
    this.#ports.wal.truncate();
    return done;
  }
}

/** The decision of a block that a crash left in the store without its effects. Throws `DATABASE_DAMAGED`. */
export function decodeStored(stored: StoredBlock): Decision {
  const block = decodeBlock(stored.block);
  const commit = decodeExtendedCommit(stored.commit);
  if (!block.ok || !commit.ok) {
    throw new SynodError(
      'DATABASE_DAMAGED',
      `Block ${stored.height} in this node's database does not decode. Restore the data directory from a backup, or start from an empty one.`,
      { facts: { height: stored.height } },
    );
  }
  return { block: block.value, bytes: stored.block, commit: commit.value };
}

function storedBlock({ commit, bytes }: Decision): StoredBlock {
  return { height: commit.height, hash: commit.blockId, block: bytes, commit: encodeExtendedCommit(commit) };
}

/** Once for the same objects: what several nodes of one process share, and what a crash makes one apply again. */
const resultsBytes = oncePerObject(encodeBlockResults);
const eventsBytes = oncePerObject(encodeEvents);

function changeOf({ head, applied }: Committed): StateChange {
  return {
    height: head.height,
    stateRoot: head.state.root,
    writes: applied.writes,
    results: resultsBytes(applied.results),
    events: eventsBytes(applied.events),
    transactionIds: applied.results.transactions.map(({ id }) => id),
    queryIds: applied.results.receipts.map(({ queryId }) => queryId),
  };
}

/** Throws `DECIDED_BLOCK_INVALID` when the block cannot be applied. */
export function applyDecision(
  decision: Decision,
  head: ChainHead,
  { crypto, execution = chainExecution }: Pick<HostPorts, 'crypto' | 'execution'> = {},
): { head: ChainHead; applied: AppliedBlock } {
  const applied = execution.applyBlock(head.state, decision.block, {
    execute: decision.execute,
    verifyBeacon: crypto?.verifyBeacon,
  });
  if (!applied.ok) {
    // > 2/3 of the power decided what this node finds inapplicable: code or state differ. Stop rather than sign.
    throw decidedInvalid(decision.commit.height, applied.code);
  }
  const next: ChainHead = {
    height: decision.commit.height,
    blockId: decision.commit.blockId as Hash,
    header: decision.block.header,
    state: applied.state,
    results: applied.results,
    commit: decision.commit,
  };
  return { head: next, applied };
}

export function decidedInvalid(height: Height, code: string): SynodError {
  const message =
    `The network decided block ${height}, which this node cannot apply (${code}). ` +
    'Its data or version differs from the others: stop it, update it, or start again from an empty data directory.';
  return new SynodError('DECIDED_BLOCK_INVALID', message, { facts: { height, code } });
}
