/** A node that is far behind, several peers, and peers that lie or stay silent (consensus §1.16). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBlock } from '@synod/chain';
import { type DirectMessage, decodeDirect, encodeDirect, limits, trustingPeriodMs } from '../../src/host/index.ts';
import { Lab, type LabNode, type LabOptions } from './lab.ts';

const heights = 60;

type Message = Parameters<NonNullable<LabOptions['delay']>>[0];

/** Three decide `heights` blocks while the fourth is down; `meddle` sees every message from then on. */
function farBehind(meddle: (message: Message, kind: DirectMessage['kind'] | null) => number | null) {
  let isMeddling = false;
  const lab: Lab = new Lab({
    delay: (message) => (isMeddling ? meddle(message, decodeDirect(message.bytes)?.kind ?? null) : 5),
  });
  const newcomer = lab.nodes[3]!;
  newcomer.crash();
  lab.runUntil(() => lab.heightEverywhere() >= heights, 600_000);
  isMeddling = true;
  newcomer.restart();
  return { lab, newcomer };
}

function assertSame(lab: Lab, node: LabNode): void {
  for (let height = 1; height <= heights; height++) {
    const expected = lab.nodes[0]!.store.block(height);
    assert.equal(node.store.block(height)?.hash, expected?.hash, `block ${height}`);
    assert.deepEqual(node.store.results(height), lab.nodes[0]!.store.results(height));
    assert.deepEqual(node.store.events(height), lab.nodes[0]!.store.events(height) ?? 'not kept');
  }
}

test('blocks come in ranges from several peers and are applied in runs, each told to the observer once', () => {
  const asked = new Map<number, number>();
  const { lab, newcomer } = farBehind(({ from, to }, kind) => {
    if (from === 3 && kind === 'blocksGet') asked.set(to, (asked.get(to) ?? 0) + 1);
    return 5;
  });
  const startMs = lab.nowMs;
  lab.runUntil(() => newcomer.head.height >= heights, 10_000);
  assert.ok(lab.nowMs - startMs < 2_000, `${lab.nowMs - startMs} virtual ms`);
  assert.ok(asked.size >= 2, `asked ${asked.size} peers`);
  assertSame(lab, newcomer);
  const applied = newcomer.events.flatMap((event) => (event.kind === 'blockApplied' ? [event.height] : []));
  assert.deepEqual(
    applied.slice(-heights),
    Array.from({ length: heights }, (_, index) => applied.at(-heights)! + index),
  );
  const isVoting = () => {
    const block = decodeBlock(lab.nodes[0]!.store.block(lab.nodes[0]!.head.height)!.block);
    return block.ok && block.value.lastCommit?.precommits.length === 4;
  };
  lab.runUntil(isVoting, 20_000);
});

test('a peer that sends a forged block is thrown out, and the others serve what it did not', () => {
  const { lab, newcomer } = farBehind(({ from, to, bytes }, kind) => {
    if (from === 1 && to === 3 && kind === 'blocks') return null;
    const message = from === 3 && to === 1 ? decodeDirect(bytes) : null;
    if (message?.kind !== 'blocksGet') return 5;
    const blocks = Array.from({ length: message.count }, (_, index) => {
      const { block, commit } = lab.nodes[0]!.store.block(message.from + index)!;
      const forged = block.slice();
      forged[forged.length - 1]! ^= 1;
      return { block: forged, commit };
    });
    lab.after(5, () =>
      newcomer.host!.handle({ kind: 'direct', peer: 'node-1', bytes: encodeDirect({ kind: 'blocks', blocks }) }),
    );
    return null;
  });
  lab.runUntil(() => newcomer.head.height >= heights, 20_000);
  assertSame(lab, newcomer);
  const blamed = new Set(newcomer.penalties.map(({ peer, reason }) => `${peer}: ${reason}`));
  assert.deepEqual([...blamed], ['node-1: block without a valid certificate']);
});

test('a peer that never answers costs one timeout, not the sync', () => {
  const { lab, newcomer } = farBehind(({ from, to }, kind) => (from === 1 && to === 3 && kind === 'blocks' ? null : 5));
  const startMs = lab.nowMs;
  lab.runUntil(() => newcomer.head.height >= heights, 30_000);
  assert.ok(lab.nowMs - startMs < 2 * limits.syncTimeoutMs, `${lab.nowMs - startMs} virtual ms`);
  assert.deepEqual([...new Set(newcomer.penalties.map(({ peer }) => peer))], ['node-1']);
  assertSame(lab, newcomer);
});

test('a crash between asking for a run and its completion leaves a node that goes on', () => {
  const { lab, newcomer } = farBehind(() => 5);
  for (const part of [0.3, 0.6]) {
    lab.runUntil(() => newcomer.head.height >= heights * part, 20_000);
    newcomer.crash();
    lab.runFor(10);
    newcomer.restart();
    assert.ok(newcomer.head.height >= heights * part, 'what was told as applied is kept');
  }
  lab.runUntil(() => newcomer.head.height >= heights, 20_000);
  assertSame(lab, newcomer);
});

test('a peer that says it is far ahead and has nothing is asked now and then, not as fast as it answers', () => {
  let asked = 0;
  const lab: Lab = new Lab({
    alter: (message, from) => (message.kind === 'status' && from === 0 ? { ...message, height: 1_000_000 } : message),
    delay: ({ from, to, bytes }) => {
      if (from === 1 && to === 0 && decodeDirect(bytes)?.kind === 'blocksGet') asked += 1;
      return 5;
    },
  });
  lab.runUntil(() => lab.nodes[1]!.head.height >= 3, 10_000);
  asked = 0;
  lab.runFor(10_000);
  assert.ok(asked < 20, `asked ${asked} times in 10 s`);
});

for (const [what, meddle] of Object.entries({
  'fetched in ranges': () => 5,
  'given one by one as the next': ({ to }: Message, kind: DirectMessage['kind'] | null) =>
    to === 3 && kind === 'status' ? null : 5,
})) {
  test(`an old checkpoint does not vouch for what comes after it, its blocks ${what}; a fresh one does`, () => {
    for (const [height, isFresh] of [
      [3, false],
      [heights, true],
    ] as const) {
      let isMeddling = false;
      const lab: Lab = new Lab({
        devnet: false,
        staking: { evidenceAgeHeights: 50 },
        delay: (message) => (isMeddling ? meddle(message, decodeDirect(message.bytes)?.kind ?? null) : 5),
      });
      const newcomer = lab.nodes[3]!;
      newcomer.crash();
      lab.runUntil(() => lab.heightEverywhere() >= heights, 600_000);
      assert.equal(trustingPeriodMs(lab.genesis), 5_000);
      isMeddling = true;
      newcomer.checkpoint = { height, hash: lab.nodes[0]!.store.block(height)!.hash };
      newcomer.restart();
      const bring = () => {
        const { block, commit } = lab.nodes[0]!.store.block(newcomer.head.height + 1)!;
        const bytes = encodeDirect({ kind: 'blocks', blocks: [{ block, commit }] });
        newcomer.host?.handle({ kind: 'direct', peer: 'node-0', bytes });
        lab.runFor(20);
      };
      const sync = () => {
        if (what === 'fetched in ranges') return lab.runUntil(() => newcomer.head.height >= heights, 20_000);
        while (newcomer.head.height < heights) bring();
      };
      if (isFresh) sync();
      else assert.throws(sync, { code: 'CHECKPOINT_EXPIRED' });
      assert.equal(newcomer.store.block(4) === null, !isFresh, 'nothing that follows is kept');
    }
  });
}
