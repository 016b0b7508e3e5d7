/**
 * Transactions on their way in and out: what becomes of a batch from a peer, the short wait of others for company, the size of batches.
 * Owns no admission; that is mempool.ts.
 */
import { limits } from './limits.ts';
import { type Admission, batchVerdict } from './mempool.ts';
import { encodeTransactionBatch } from './messages.ts';
import type { GossipVerdict, HostPorts } from './ports.ts';

export class TransactionGossip {
  readonly #ports: Pick<HostPorts, 'network' | 'timers'>;
  readonly #admit: (transaction: Uint8Array) => Admission;
  #waiting: Uint8Array[] = [];

  constructor(ports: Pick<HostPorts, 'network' | 'timers'>, admit: (transaction: Uint8Array) => Admission) {
    this.#ports = ports;
    this.#admit = admit;
  }

  /** A batch by gossip. One that cannot be passed on as it came goes on without what this node did not take. */
  onBatch(batch: readonly Uint8Array[] | null): GossipVerdict {
    if (batch === null || batch.length > limits.gossipBatchTransactions) return 'reject';
    const admissions = batch.map(this.#admit);
    const verdict = batchVerdict(admissions);
    if (verdict === 'accept') return verdict;
    batch.forEach((bytes, index) => {
      if (admissions[index]?.kind === 'added') this.add(bytes);
    });
    return verdict;
  }

  /** What a peer sent to this node alone, at its greeting. */
  onSent(batch: readonly Uint8Array[]): GossipVerdict {
    return batch.length > limits.gossipBatchTransactions ? 'reject' : batchVerdict(batch.map(this.#admit));
  }

  /** Waits for the timer `gossip`. The mempool has admitted it, which bounds how many can wait. */
  add(transaction: Uint8Array): void {
    this.#waiting.push(transaction);
    this.#ports.timers.set('gossip', limits.gossipFlushMs);
  }

  /** Publishes everything that waits, in order. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    let batch: Uint8Array[] = [];
    let size = 0;
    for (const bytes of waiting) {
      batch.push(bytes);
      size += bytes.length;
      if (batch.length < limits.gossipBatchTransactions && size < limits.gossipBatchBytes) continue;
      this.#publish(batch);
      [batch, size] = [[], 0];
    }
    if (batch.length > 0) this.#publish(batch);
  }

  #publish(batch: readonly Uint8Array[]): void {
    this.#ports.network.publish('transactions', encodeTransactionBatch(batch));
  }
}
