/** Blocks only while there is something to do (DESIGN §9, last sentence but three). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, decodeBlock, listOpenQueries, publicKeyOf } from '@synod/chain';
import type { Pace } from '../../src/host/index.ts';
import { aliceSeed, Lab, type LabOptions, openQuery } from './lab.ts';

const bob = addressOf(publicKeyOf(new Uint8Array(32).fill(7)));
const worker = {
  answer: (_job: unknown, node: number) => `answer of node ${node}`,
  score: (job: { readonly answers: readonly string[] }) => job.answers.map(() => 700_000),
};

/** A lab that has come to rest. */
function resting(): Lab {
  const lab = new Lab({ pace: 'auto', worker });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 20_000);
  lab.runFor(4_000);
  return lab;
}

test('a chain with nothing to do makes a block now and then, and not one every interval', () => {
  const lab = resting();
  const before = lab.heightEverywhere();
  lab.runFor(20_000);
  const made = lab.heightEverywhere() - before;
  assert.ok(made >= 2 && made <= 4, `${made} blocks in 20 s`);
});

test('a transaction is in a block at once, and the block after it, which proves its result, follows at the interval', () => {
  const lab = resting();
  const before = lab.heightEverywhere();
  lab.submit(aliceSeed, { type: 'transfer', to: bob, amount: 5n }, 2);
  lab.runUntil(() => lab.heightEverywhere() > before, 1_500);
  lab.runUntil(() => lab.heightEverywhere() > before + 1, 1_500);
  lab.runFor(3_000);
  assert.equal(lab.heightEverywhere(), before + 2, 'and then it rests again');
});

test('while a window is open blocks follow one another at the interval, and no proposer loses its turn to the rest before', () => {
  const lab = resting();
  const queryId = openQuery(lab);
  const isSettled = () => lab.nodes[0]!.head.results?.receipts.some((receipt) => receipt.queryId === queryId) === true;
  let startedAt: number | null = null;
  lab.runUntil(() => {
    if (startedAt === null && listOpenQueries(lab.nodes[0]!.head.state).length > 0) startedAt = lab.nowMs;
    return isSettled();
  }, 30_000);
  const receipt = lab.nodes[0]!.head.results!.receipts.find((one) => one.queryId === queryId)!;
  assert.equal(receipt.outcome, 'answered');
  const perBlockMs = (lab.nowMs - startedAt!) / (receipt.settledAt - receipt.openedAt);
  assert.ok(perBlockMs < 1_000, `${perBlockMs} ms a block`);
  const rounds = lab.nodes[0]!.events.flatMap((event) => (event.kind === 'blockApplied' ? [event.round] : []));
  assert.ok(
    rounds.every((round) => round === 0),
    rounds.join(),
  );
});

const pace = (lab: Lab, change: Partial<Pace>) => {
  for (const { host } of lab.nodes) host!.pace.set({ ...host!.pace.pace, ...change });
};
const isLevelAt = (lab: Lab, height: number) => () => lab.nodes.every((node) => node.head.height === height);

/** A manual lab with its first block. */
function manual(): Lab {
  const lab = new Lab({ pace: 'manual' });
  lab.runUntil(isLevelAt(lab, 1), 20_000);
  return lab;
}

test('by hand: one block to begin with, then none until it is asked for, and exactly as many as are asked for', () => {
  const lab = manual();
  lab.submit(aliceSeed, { type: 'transfer', to: bob, amount: 5n });
  lab.runFor(60_000);
  assert.ok(isLevelAt(lab, 1)(), 'a transaction alone makes no block');
  pace(lab, { mineUntil: 4 });
  lab.runUntil(isLevelAt(lab, 4), 5_000);
  lab.runFor(60_000);
  assert.ok(isLevelAt(lab, 4)());
  const rounds = lab.nodes[0]!.events.flatMap((event) => (event.kind === 'blockApplied' ? [event.round] : []));
  assert.deepEqual(rounds.slice(1), [0, 0, 0], 'no round ran out while nobody asked');
});

test('by hand: time follows from the blocks, one interval each, whatever the clocks say', () => {
  const lab = manual();
  const interval = lab.genesis.params.timeouts.blockIntervalMs;
  lab.runFor(12_345);
  pace(lab, { mineUntil: 5 });
  lab.runUntil(isLevelAt(lab, 5), 5_000);
  assert.equal(lab.nodes[2]!.head.header!.time, lab.genesis.time + 5 * interval);
});

test('by hand: the same commands give the same blocks, however long messages take', () => {
  const blocks = [5, 40].map((most) => {
    let draw = 0;
    const delay = () => {
      draw += 7;
      return 1 + (draw % most);
    };
    const lab = new Lab({ pace: 'manual', delay });
    lab.runUntil(isLevelAt(lab, 1), 20_000);
    lab.runFor(most * 100);
    pace(lab, { mineUntil: 12 });
    lab.runUntil(isLevelAt(lab, 12), 20_000);
    return lab.nodes[0]!.head.blockId;
  });
  assert.equal(blocks[0], blocks[1]);
});

function precommitsIn(lab: Lab, height: number): number | undefined {
  const block = decodeBlock(lab.nodes[0]!.store.block(height)!.block);
  return block.ok ? block.value.lastCommit?.precommits.length : undefined;
}

/** Precommits in the last commits of the blocks 2 and 3, and the newest block, of a chain by hand whose messages take so long. */
function threeByHand(delay: NonNullable<LabOptions['delay']>, prepare: (lab: Lab) => void = () => undefined) {
  const lab = new Lab({ pace: 'manual', delay });
  prepare(lab);
  lab.runUntil(isLevelAt(lab, 1), 20_000);
  pace(lab, { mineUntil: 3 });
  lab.runUntil(isLevelAt(lab, 3), 20_000);
  const precommits = [2, 3].map((height) => precommitsIn(lab, height));
  return { lab, precommits, last: lab.nodes[0]!.head.blockId, tookMs: lab.nowMs - lab.genesis.time };
}

test('by hand: a node that hears of a block before it has signed it signs it all the same', () => {
  const calm = threeByHand(() => 5);
  assert.deepEqual(calm.precommits, [4, 4]);
  // Its first messages are lost, as before gossip has made a mesh: it learns of the block by the others' certificate.
  let lost = 0;
  const deaf = threeByHand(({ to }) => (to === 3 && lost++ > 6 && lost < 40 ? null : 5));
  // Blocks come to it after the votes about them: it decides by others' precommits.
  const slow = threeByHand(({ to, bytes }) => (to === 3 && bytes.length > 900 ? 150 : 5));
  for (const { precommits, last, tookMs } of [deaf, slow]) {
    assert.deepEqual([precommits, last], [calm.precommits, calm.last]);
    assert.ok(tookMs < 5_000, 'nobody waited for it in vain');
  }
  // Such a signature is one like others: after a crash the node signs on.
  const { lab } = slow;
  lab.nodes[3]!.crash();
  lab.nodes[3]!.restart();
  lab.runFor(1_000);
  pace(lab, { mineUntil: 5 });
  lab.runUntil(isLevelAt(lab, 5), 20_000);
  assert.deepEqual([precommitsIn(lab, 5), lab.nodes[3]!.host!.observerReason], [4, null]);
});

test('by hand: whoever may not sign, or signed otherwise, signs nothing after the fact; nor does a node of another pace', () => {
  const late = ({ to, bytes }: { to: number; bytes: Uint8Array }) => (to === 3 && bytes.length > 900 ? 150 : 5);
  // Its signer refuses every slot, as one does that signed above.
  const refused = threeByHand(late, (lab) => {
    lab.nodes[3]!.refusesRoundsBelow = 9;
  });
  assert.deepEqual(refused.precommits, [3, 3]);
  const lab = new Lab({ delay: late });
  lab.runUntil(() => lab.heightEverywhere() >= 4, 60_000);
  assert.ok([2, 3, 4].some((height) => precommitsIn(lab, height) === 3));
});

test('by hand: one who is away costs blocks a wait once, and one who did not hear of it follows', () => {
  const lab = manual();
  lab.runFor(5_000);
  const [first, ...others] = lab.nodes;
  first!.crash();
  const startedMs = lab.nowMs;
  for (const { host } of others.slice(1)) host!.pace.set({ mode: 'manual', intervalMs: null, mineUntil: 9 });
  lab.runUntil(() => others.every((node) => node.head.height === 9), 60_000);
  assert.ok(lab.nowMs - startedMs < 8_000, `${lab.nowMs - startedMs} ms for 8 blocks`);
});

test('asked for, blocks come at once also where they would follow the interval or rest', () => {
  for (const mode of ['interval', 'auto'] as const) {
    const lab = new Lab({ pace: mode });
    lab.runUntil(() => lab.heightEverywhere() >= 3, 30_000);
    const startedMs = lab.nowMs;
    const before = lab.heightEverywhere();
    pace(lab, { mineUntil: before + 20 });
    lab.runUntil(() => lab.heightEverywhere() >= before + 20, 30_000);
    assert.ok(lab.nowMs - startedMs < 20 * 250, `${mode}: ${lab.nowMs - startedMs} ms`);
  }
});

test('from by hand back to the interval: the clock counts again', () => {
  const lab = manual();
  lab.runFor(30_000);
  pace(lab, { mode: 'interval', intervalMs: 2_000 });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 5_000);
  assert.ok(Math.abs(lab.nodes[0]!.head.header!.time - lab.nowMs) < 5_000);
  const before = lab.heightEverywhere();
  lab.runFor(20_000);
  const made = lab.heightEverywhere() - before;
  assert.ok(made >= 8 && made <= 11, `${made} blocks in 20 s`);
});
