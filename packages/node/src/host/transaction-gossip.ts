/** Transactions of this node's users on their way out. Owns the short wait for company and the size of batches. */
import { limits } from './limits.ts';
import { encodeTransactionBatch } from './messages.ts';
import type { HostPorts } from './ports.ts';

export class TransactionGossip {
  readonly #ports: Pick<HostPorts, 'network' | 'timers'>;
  #waiting: Uint8Array[] = [];

  constructor(ports: Pick<HostPorts, 'network' | 'timers'>) {
    this.#ports = ports;
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
