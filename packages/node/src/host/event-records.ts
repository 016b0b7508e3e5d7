/**
 * What a block did, as it is kept beside its results: JSON text, because nothing of it is hashed or read back by the chain.
 * Owns that form. Receipts are left out of it: the block's results hold them.
 */
import type { ChainEvent } from '@synod/chain';

/** An event as it was kept: amounts are decimal strings, bytes are 0x hex, everything else is as the chain reported it. */
export type KeptEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Bytes of the events of one block, in their order. */
export function encodeEvents(events: readonly ChainEvent[]): Uint8Array {
  return Buffer.from(JSON.stringify(events.map(withoutReceipt), plainValue), 'utf8');
}

/** The events that `encodeEvents` wrote. Throws `SyntaxError` for anything else: a store checks what it reads. */
export function decodeEvents(bytes: Uint8Array): readonly KeptEvent[] {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as readonly KeptEvent[];
}

function withoutReceipt(event: ChainEvent): Readonly<Record<string, unknown>> {
  if (event.type !== 'query.settled') return event;
  const { type, queryId, receipt } = event;
  return { type, queryId, outcome: receipt.outcome };
}

function plainValue(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Uint8Array ? `0x${Buffer.from(value).toString('hex')}` : value;
}
