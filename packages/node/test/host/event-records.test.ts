/** What blocks did, as stores keep it: small, whole but for receipts, and the same on every node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Address, ChainEvent, Hash, Receipt } from '@synod/chain';
import { decodeEvents, encodeEvents } from '../../src/host/index.ts';

const hash = 'ab'.repeat(32) as Hash;

test('amounts become decimal strings, bytes hex, and a settled query keeps its outcome without the receipt', () => {
  const amount = 18_446_744_073_709_551_615n;
  const events = [
    { type: 'stake.paid', validator: 'syn1v' as Address, delegator: 'syn1d' as Address, amount },
    { type: 'query.settled', queryId: hash, receipt: { outcome: 'noAnswer', cost: 5n } as Receipt },
    { type: 'query.disclosed', queryId: hash, expert: 'syn1e' as Address, problem: null, slashed: 0n },
    { type: 'odd', bytes: Uint8Array.of(1, 255) } as unknown as ChainEvent,
  ] as const;
  assert.deepEqual(decodeEvents(encodeEvents(events)), [
    { type: 'stake.paid', validator: 'syn1v', delegator: 'syn1d', amount: '18446744073709551615' },
    { type: 'query.settled', queryId: hash, outcome: 'noAnswer' },
    { type: 'query.disclosed', queryId: hash, expert: 'syn1e', problem: null, slashed: '0' },
    { type: 'odd', bytes: '0x01ff' },
  ]);
  assert.deepEqual(decodeEvents(encodeEvents([])), []);
});
