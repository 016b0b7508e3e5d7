/**
 * Makes a decided block durable in the one safe order (consensus §1.9): block and certificate, end of height in the log,
 * then state in one atomic batch. Owns that order and nothing else; each step waits for the store's completion.
 */
import {
  type AppliedBlock,
  applyBlock,
  encodeBlockResults,
  encodeExtendedCommit,
  encodeValidators,
  type Hash,
  type Height,
  readValidatorsAt,
  SynodError,
  transactionId,
  type VerifyBeacon,
  validatorsHash,
} from '@synod/chain';
import { type ChainHead, validatorSetKey } from './chain-head.ts';
import type { HostPorts } from './ports.ts';
import type { Decision } from './runner-hooks.ts';
import { encodeWalRecord } from './wal-records.ts';

export type Committed = { readonly head: ChainHead; readonly decision: Decision; readonly applied: AppliedBlock };

export class BlockCommitter {
  readonly #ports: HostPorts;
  #pending: Committed | null = null;

  constructor(ports: HostPorts) {
    this.#ports = ports;
  }

  get isBusy(): boolean {
    return this.#pending !== null;
  }

  /** First step. `stored` says the block is in the store already (start-up case store = state + 1). */
  begin(decision: Decision, head: ChainHead, options: { stored: boolean }): void {
    const id = decision.commit.blockId;
    this.#pending = { ...applyDecision(decision, head, this.#ports.crypto?.verifyBeacon), decision };
    if (options.stored) return this.onBlockStored(decision.commit.height);
    this.#ports.store.saveBlock({
      height: decision.commit.height,
      hash: id,
      block: decision.bytes,
      commit: encodeExtendedCommit(decision.commit),
    });
  }

  onBlockStored(height: Height): void {
    const pending = this.#pending;
    if (pending === null || pending.head.height !== height) return;
    this.#ports.wal.append(encodeWalRecord({ kind: 'endHeight', height }));
    this.#ports.wal.sync();
    this.#keepNewSet(pending);
    this.#ports.store.saveState({
      height,
      stateRoot: pending.head.state.root,
      writes: pending.applied.writes,
      results: encodeBlockResults(pending.applied.results),
      transactionIds: pending.decision.block.transactions.map(({ body }) => transactionId(body)),
      queryIds: pending.applied.results.receipts.map(({ queryId }) => queryId),
    });
  }

  /** State forgets old sets; whoever asks for an old certificate needs its set, found by the header's hash. */
  #keepNewSet({ head, applied }: Committed): void {
    for (const event of applied.events) {
      const set = event.type === 'validators.changed' ? readValidatorsAt(head.state, event.from) : null;
      if (set !== null) this.#ports.store.putLocal(validatorSetKey(validatorsHash(set)), encodeValidators(set));
    }
  }

  /** Last step: the new head, to be taken over by the host. */
  onStateStored(height: Height): Committed | null {
    const pending = this.#pending;
    if (pending === null || pending.head.height !== height) return null;
    this.#pending = null;
    this.#ports.wal.truncate();
    return pending;
  }
}

function applyDecision(
  decision: Decision,
  head: ChainHead,
  verifyBeacon?: VerifyBeacon,
): { head: ChainHead; applied: AppliedBlock } {
  const applied = applyBlock(head.state, decision.block, decision.execution, verifyBeacon);
  if (!applied.ok) {
    // > 2/3 of the power decided what this node finds inapplicable: code or state differ. Stop rather than sign.
    throw new SynodError('DECIDED_BLOCK_INVALID', invalidMessage(decision.commit.height, applied.code), {
      facts: { height: decision.commit.height, code: applied.code },
    });
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

function invalidMessage(height: Height, code: string): string {
  return (
    `The network decided block ${height}, which this node cannot apply (${code}). ` +
    'Its data or version differs from the others: stop it, update it, or start again from an empty data directory.'
  );
}
