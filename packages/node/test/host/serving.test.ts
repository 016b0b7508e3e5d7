/** What one peer is served: a share that fills with time, "busy" above it, and penalties for those who go on asking. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DirectMessage, decodeDirect, encodeDirect, limits } from '../../src/host/index.ts';
import { TokenBucket } from '../../src/host/token-bucket.ts';
import { Lab } from './lab.ts';

test('a bucket gives at most its burst and its rate, and says exactly when it gives again', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0);
  for (let taken = 0; taken < 5; taken++) {
    assert.equal(bucket.waitMs(0), 0);
    bucket.take(1);
  }
  assert.equal(bucket.waitMs(0), 1);
  assert.equal(bucket.waitMs(1), 0);
  bucket.take(10);
  const wait = bucket.waitMs(1);
  assert.ok(bucket.waitMs(wait) > 0);
  assert.equal(bucket.waitMs(1 + wait), 0);
});

test('over any time no more than burst, rate and one last item are given', () => {
  const steps = fc.array(
    fc.record({ passedMs: fc.integer({ min: -50, max: 2_000 }), cost: fc.integer({ min: 1, max: 30 }) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const bucket = new TokenBucket({ perSecond: 20, burst: 40 }, 0);
      let [nowMs, given] = [0, 0];
      for (const { passedMs, cost } of all) {
        nowMs += passedMs;
        if (bucket.waitMs(nowMs) > 0) continue;
        bucket.take(cost);
        given += cost;
      }
      const elapsedMs = all.reduce((sum, { passedMs }) => sum + Math.max(0, passedMs), 0);
      assert.ok(given <= 40 + (20 * elapsedMs) / 1_000 + 30, `${given} in ${elapsedMs} ms`);
    }),
  );
});

test('a peer above its share is told to wait, then penalised; others are served, and blocks go on', () => {
  const answers: DirectMessage['kind'][] = [];
  const lab = new Lab({
    blockIntervalMs: 1_000,
    delay: ({ from, to, bytes }) => {
      const kind = from === 0 && to === 1 ? decodeDirect(bytes)?.kind : undefined;
      if (kind !== undefined) answers.push(kind);
      return 5;
    },
  });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 60_000);
  const server = lab.nodes[0]!;
  const ask = (peer: string) =>
    server.host!.handle({ kind: 'direct', peer, bytes: encodeDirect({ kind: 'blocksGet', from: 1, count: 1 }) });
  answers.length = 0;
  for (let count = 0; count < limits.servedRequestsBurst; count++) ask('node-1');
  assert.deepEqual([...new Set(answers)], ['blocks']);
  answers.length = 0;
  for (let count = 0; count < limits.servedRefusals; count++) ask('node-1');
  assert.deepEqual([...new Set(answers)], ['busy']);
  assert.deepEqual(server.penalties, [{ peer: 'node-1', reason: 'asks for more than its share' }]);
  answers.length = 0;
  const height = server.head.height;
  ask('node-2');
  lab.runUntil(() => lab.heightEverywhere() >= height + 2, 60_000);
  answers.length = 0;
  ask('node-1');
  assert.deepEqual(answers, ['blocks'], 'time fills the share again');
});

test('bytes count too: large answers use the share up in fewer requests', () => {
  const chunk = new Uint8Array(1024 * 1024);
  const answers: DirectMessage['kind'][] = [];
  const lab = new Lab({
    blockIntervalMs: 1_000,
    delay: ({ from, to, bytes }) => {
      const kind = from === 0 && to === 1 ? decodeDirect(bytes)?.kind : undefined;
      if (kind !== undefined) answers.push(kind);
      return 5;
    },
  });
  lab.runUntil(() => lab.heightEverywhere() >= 1, 60_000);
  lab.nodes[0]!.snapshots = { heights: () => [1], snapshot: () => null, chunk: () => chunk };
  answers.length = 0;
  const bytes = encodeDirect({ kind: 'chunkGet', height: 1, index: 0 });
  for (let count = 0; count < 25; count++) lab.nodes[0]!.host!.handle({ kind: 'direct', peer: 'node-1', bytes });
  assert.equal(answers.filter((kind) => kind === 'chunk').length, limits.servedBytesBurst / chunk.length);
  assert.equal(answers.at(-1), 'busy');
});
