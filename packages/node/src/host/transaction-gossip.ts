/**
 * Transactions on their way in and out: what becomes of a batch from a peer, the short wait of others for company, the size of batches.
 * Owns no admission; that is mempool.ts.
 */
import { limits } from './limits.ts';
import { type Admission, batchVerdict } from './mempool.ts';
import { encodeTransactionBatch } from './messages.ts';
import type { GossipVerdict, HostPorts, PeerId } from './ports.ts';
import { TokenBucket } from './token-bucket.ts';

type Ports = Pick<HostPorts, 'network' | 'timers' | 'clock'>;

export class TransactionGossip {
  readonly #ports: Ports;
  readonly #admit: (transaction: Uint8Array) => Admission;
  /** Useless transactions that each peer may still bring: to look at one costs more than to make it up. */
  readonly #patience = new Map<PeerId, TokenBucket>();
  #waiting: Uint8Array[] = [];

  constructor(ports: Ports, admit: (transaction: Uint8Array) => Admission) {
    this.#ports = ports;
    this.#admit = admit;
  }

  /**
   * A batch by gossip. One that cannot be passed on as it came goes on without what this node did not take. Of a peer that brought too many
   * useless ones none is looked at for a while: no offence, because a full mempool makes honest peers' transactions useless too.
   */
  onBatch(peer: PeerId, batch: readonly Uint8Array[] | null): GossipVerdict {
    if (batch === null) return 'reject';
    const { verdict, added } = this.#look(peer, batch);
    if (verdict !== 'accept') for (const bytes of added) this.add(bytes);
    return verdict;
  }

  /** What a peer sent to this node alone, at its greeting. */
  onSent(peer: PeerId, batch: readonly Uint8Array[]): GossipVerdict {
    return this.#look(peer, batch).verdict;
  }

  #look(peer: PeerId, batch: readonly Uint8Array[]): { verdict: GossipVerdict; added: readonly Uint8Array[] } {
    if (batch.length > limits.gossipBatchTransactions) return { verdict: 'reject', added: [] };
    const patience = this.#patienceWith(peer);
    if (patience.waitMs(this.#ports.clock.nowMs()) > 0) return { verdict: 'ignore', added: [] };
    const admissions = batch.map(this.#admit);
    const added = batch.filter((_, index) => admissions[index]?.kind === 'added');
    patience.take(batch.length - added.length);
    return { verdict: batchVerdict(admissions), added };
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

  #patienceWith(peer: PeerId): TokenBucket {
    const known = this.#patience.get(peer);
    if (known !== undefined) return known;
    const { uselessPerSecond: perSecond, uselessBurst: burst } = limits;
    const bucket = new TokenBucket({ perSecond, burst }, this.#ports.clock.nowMs());
    this.#patience.set(peer, bucket);
    const [oldest] = this.#patience.keys();
    if (this.#patience.size > limits.servedPeers && oldest !== undefined) this.#patience.delete(oldest);
    return bucket;
  }
}
