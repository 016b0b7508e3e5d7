/** Blocks only while there is something to do (DESIGN §9, last sentence but three). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, listOpenQueries, publicKeyOf } from '@synod/chain';
import { aliceSeed, Lab, openQuery } from './lab.ts';

const bob = addressOf(publicKeyOf(new Uint8Array(32).fill(7)));
const worker = {
  answer: (_job: unknown, node: number) => `answer of node ${node}`,
  score: (job: { readonly answers: readonly string[] }) => job.answers.map(() => 700_000),
};

/** A lab that has come to rest. */
function resting(): Lab {
  const lab = new Lab({ idles: true, worker });
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
