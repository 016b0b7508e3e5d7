/** What waits while nobody handles inputs, and how much of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostInput } from '../src/host/index.ts';
import { InputQueue } from '../src/input-queue.ts';

test('inputs wait for whoever handles them, in order; of messages only so many bytes, of all else nothing is lost', () => {
  const queue = new InputQueue();
  const message = (byte: number): HostInput => ({
    kind: 'direct',
    peer: 'a',
    bytes: new Uint8Array(8 << 20).fill(byte, 0, 1),
  });
  queue.deliver({ kind: 'peerConnected', peer: 'a' });
  for (let byte = 1; byte <= 20; byte++) queue.deliver(message(byte));
  queue.deliver({ kind: 'peerDisconnected', peer: 'a' });
  const handled: HostInput[] = [];
  queue.connect((input) => void handled.push(input));
  const kinds = handled.map(({ kind }) => kind);
  assert.deepEqual([kinds[0], kinds.at(-1)], ['peerConnected', 'peerDisconnected']);
  const bytes = handled.flatMap((input) => (input.kind === 'direct' ? [input.bytes[0]] : []));
  assert.deepEqual(bytes, [1, 2, 3, 4, 5, 6, 7, 8]);
  queue.hold([{ kind: 'peerConnected', peer: 'first' }]);
  queue.deliver(message(9));
  queue.connect((input) => void handled.push(input));
  assert.deepEqual(handled.slice(-2), [{ kind: 'peerConnected', peer: 'first' }, message(9)]);
});
