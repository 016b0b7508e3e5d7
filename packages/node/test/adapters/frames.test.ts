/** Messages cut into frames: urgent ones overtake, everything arrives whole, nonsense is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeFrame, FRAME_BYTES_MAX, FrameReader, SendQueue } from '../../src/adapters/frames.ts';
import { encodeDirect, type SendPriority, sendPriority } from '../../src/host/index.ts';

const messageBytesMax = 1024 * 1024;

function drain(queue: SendQueue): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let frame = queue.next(); frame !== null; frame = queue.next()) frames.push(frame.subarray());
  return frames;
}

test('whatever the lanes, the lengths and the cuts of the stream, every message arrives whole and in its lane in order', () => {
  const message = fc.record({
    lane: fc.constantFrom<SendPriority>(0, 1, 2, 3),
    length: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3 * FRAME_BYTES_MAX })),
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), fc.integer({ min: 1, max: 70_000 }), (messages, cut) => {
      const queue = new SendQueue();
      const sent = messages.map(({ lane, length }, index) => {
        const bytes = new Uint8Array(length).fill(index + 1);
        queue.add(lane, bytes);
        return { lane, bytes };
      });
      const stream = Buffer.concat(drain(queue));
      assert.equal(queue.bytes, 0);
      const reader = new FrameReader(messageBytesMax);
      const received: Uint8Array[] = [];
      for (let at = 0; at < stream.length; at += cut) received.push(...reader.push(stream.subarray(at, at + cut))!);
      const expected = sent.toSorted((a, b) => a.lane - b.lane).map(({ bytes }) => Buffer.from(bytes));
      assert.deepEqual(
        received.map((bytes) => Buffer.from(bytes)),
        expected,
      );
    }),
    { numRuns: 60 },
  );
});

test('a vote overtakes a chunk of megabytes that is on its way', () => {
  const queue = new SendQueue();
  const chunk = encodeDirect({ kind: 'chunk', height: 1, index: 0, bytes: new Uint8Array(4 * 1024 * 1024) });
  const vote = encodeDirect({ kind: 'vote', vote: new Uint8Array(100) });
  queue.add(sendPriority(chunk), chunk);
  const first = queue.next()!;
  queue.add(sendPriority(vote), vote);
  const reader = new FrameReader(8 * 1024 * 1024);
  assert.deepEqual(reader.push(first), []);
  assert.deepEqual(reader.push(queue.next()!), [vote], 'the very next frame is the vote');
  const rest = drain(queue).flatMap((frame) => reader.push(frame)!);
  assert.deepEqual(
    rest.map(({ length }) => length),
    [chunk.length],
  );
});

test('votes go before proposals, those before sync, transactions last', () => {
  const empty = new Uint8Array(1);
  const order = [
    encodeDirect({ kind: 'transactions', transactions: [empty] }),
    encodeDirect({ kind: 'blocks', blocks: [] }),
    encodeDirect({ kind: 'proposal', proposal: empty, block: empty }),
    encodeDirect({ kind: 'vote', vote: empty }),
  ].map(sendPriority);
  assert.deepEqual(order, [3, 2, 1, 0]);
});

test('a frame without bytes, one too long, and a message longer than allowed over many frames end the stream', () => {
  const frame = (length: number, isLast: boolean) => encodeFrame(new Uint8Array(length), { lane: 2, isLast });
  assert.equal(new FrameReader(messageBytesMax).push(frame(0, true)), null);
  assert.equal(new FrameReader(messageBytesMax).push(frame(FRAME_BYTES_MAX + 1, true)), null);
  const reader = new FrameReader(2 * FRAME_BYTES_MAX - 1);
  assert.deepEqual(reader.push(frame(FRAME_BYTES_MAX, false)), []);
  assert.equal(reader.push(frame(FRAME_BYTES_MAX, false)), null);
});

test('a message cut into small parts ends the stream: each part costs memory of its own', () => {
  const part = (length: number) => encodeFrame(new Uint8Array(length), { lane: 2, isLast: false });
  for (const length of [1, FRAME_BYTES_MAX - 1])
    assert.equal(new FrameReader(messageBytesMax).push(part(length)), null);
});
