/** What a block is to those who subscribed to heads and transactions. Owns these events' form; the log of events keeps them. */
import type { TransactionResult } from '@synod/chain';
import type { HostEvent } from '../host/index.ts';
import type { EventLog } from './events.ts';

/** A decided block is final: both topics hear of it at once. */
export function emitBlock(
  events: EventLog,
  { height, hash, block }: Extract<HostEvent, { kind: 'blockApplied' }>,
  results: readonly TransactionResult[],
): void {
  const summary = { height: height.toString(), hash: `0x${hash}`, time: block.header.time.toString() };
  events.emit('newHeads', { ...summary, transactions: block.transactions.length });
  events.emit('finalized', summary);
  for (const { id, code } of results) {
    const status = code === 'OK' ? 'included' : 'failed';
    events.emit('txStatus', { id: `0x${id}`, status, code, height: summary.height });
  }
}
