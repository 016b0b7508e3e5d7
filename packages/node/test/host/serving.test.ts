/** What one peer is served: a share that fills with time, "busy" above it, and penalties for those who go on asking. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NETWORK_LIMITS } from '../../src/adapters/network-limits.ts';
import { type DirectMessage, decodeDirect, encodeDirect, limits } from '../../src/host/index.ts';
import { TokenBucket } from '../../src/host/token-bucket.ts';
import { Lab, openQuery } from './lab.ts';

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

const lacksEverything = (height: number) =>
  encodeDirect({ kind: 'status', height, round: 0, polRound: -1, rounds: [] });

test('statuses that lack everything, sent without end, are answered a few times a second and no more', () => {
  const sent: DirectMessage['kind'][] = [];
  const lab = new Lab({
    blockIntervalMs: 60_000,
    delay: ({ from, to, bytes }) => {
      const kind = from === 0 && to === 1 ? decodeDirect(bytes)?.kind : undefined;
      if (kind !== undefined) sent.push(kind);
      return 5;
    },
  });
  const host = lab.nodes[0]!.host!;
  lab.runUntil(() => lab.heightEverywhere() >= 2, 200_000);
  const tell = (height: number) => {
    sent.length = 0;
    for (let count = 0; count < 500; count++)
      host.handle({ kind: 'direct', peer: 'node-1', bytes: lacksEverything(height) });
    return sent.filter((kind) => kind === 'blocks').length;
  };
  assert.equal(tell(host.head.height), limits.statusesBurst);
  lab.runFor(2_000);
  const again = tell(host.head.height);
  // The peer's own statuses count as well.
  assert.ok(again >= limits.statusesBurst - 5 && again <= limits.statusesBurst, `${again} after a while`);
  const others = lab.nodes[0]!.penalties;
  assert.deepEqual(others, [], 'a peer that lags is no offender');
});

test('a peer that greets without end is answered a few times, then blamed', () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const [victim, peer] = [lab.nodes[0]!, lab.nodes[1]!];
  victim.penalties.length = 0;
  victim.host!.handle({ kind: 'peerConnected', peer: 'stranger' });
  const bytes = peer.host!.sync.helloBytes(new Uint8Array(64), 'stranger');
  for (let count = 0; count < limits.greetings + 3; count++)
    victim.host!.handle({ kind: 'direct', peer: 'stranger', bytes });
  assert.deepEqual(
    victim.penalties,
    Array.from({ length: 3 }, () => ({ peer: 'stranger', reason: 'greets without end' })),
  );
});

test('nothing longer than a message goes out: what waits for newcomers, and a snapshot of a block with long results', () => {
  const lengths: number[] = [];
  const lab = new Lab({
    delay: ({ from, to, bytes }) => {
      if (from === 0 && to === 1) lengths.push(bytes.length);
      return 5;
    },
  });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const { host } = lab.nodes[0]!;
  for (let count = 0; count < 200; count++) openQuery(lab, { prompt: 'x'.repeat(8_000) + count });
  lengths.length = 0;
  host!.handle({ kind: 'direct', peer: 'node-1', bytes: lab.nodes[1]!.host!.sync.helloBytes(new Uint8Array(64), 'x') });
  assert.ok(lengths.length > 0 && Math.max(...lengths) <= limits.gossipBatchBytes + 1_024, `${Math.max(...lengths)}`);
  const part = new Uint8Array(4 << 20);
  const snapshot = { manifest: part, proof: part, lightBlock: part, block: part, results: part };
  lab.nodes[0]!.snapshots = { heights: () => [1], snapshot: () => snapshot, chunk: () => null };
  lengths.length = 0;
  host!.handle({ kind: 'direct', peer: 'node-1', bytes: encodeDirect({ kind: 'snapshotGet', height: 1 }) });
  assert.deepEqual(lengths, [encodeDirect({ kind: 'snapshot', height: 1, snapshot: null }).length]);
});

test('whoever the network connects is heard: a peer beyond the bound would be blamed for its first message', () => {
  const { connectionsMax, connectionsTarget } = NETWORK_LIMITS;
  assert.ok(limits.peers > connectionsMax + connectionsTarget);
});
