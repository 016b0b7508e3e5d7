/** Signed and missed blocks and earnings, counted from a network of production hosts, against what its state says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Block, type ChainEvent, countMissed, readAccount, readMissed } from '@synod/chain';
import { WorkCounter } from '../../src/service/work-counter.ts';
import { alice, Lab, type LabNode, operatorOf } from '../host/lab.ts';

const NOBODY = { operator: null, experts: [] };

/** Feeds a node's blocks to a counter, with the state that it has by then. */
function follow(node: LabNode, counter: WorkCounter): () => void {
  let told = 0;
  return () => {
    for (; told < node.events.length; told++) {
      const event = node.events[told]!;
      if (event.kind === 'blockApplied') counter.onBlock(event.block, event.events, node.head.state);
    }
  };
}

test('what is signed and missed agrees with the chain’s own count of absence', () => {
  const lab = new Lab({ validators: 4 });
  const [first] = lab.nodes;
  const counters = [0, 3].map((index) => new WorkCounter({ operator: operatorOf(index), experts: [] }));
  const stranger = new WorkCounter({ operator: alice, experts: [] });
  const looks = [...counters, stranger].map((counter) => follow(first!, counter));
  const runTo = (height: number) =>
    lab.runUntil(() => {
      for (const look of looks) look();
      return first!.head.height >= height;
    }, 600_000);
  runTo(6);
  lab.nodes[3]!.crash();
  runTo(12);
  const missed = countMissed(readMissed(first!.head.state, operatorOf(3)), 1);
  const [own, crashed] = counters.map((counter) => counter.report());
  assert.ok(missed >= 4);
  assert.equal(crashed!.missedBlocks, missed);
  // Block 1 certifies nothing; each later one the block below it.
  assert.equal(crashed!.signedBlocks + crashed!.missedBlocks, first!.head.height - 1);
  assert.equal(own!.signedBlocks + own!.missedBlocks, first!.head.height - 1);
  assert.deepEqual([stranger.report().signedBlocks, stranger.report().missedBlocks], [0, 0]);
});

test('earnings are counted by source for its own validator and experts, and for nobody else', () => {
  const lab = new Lab({ validators: 1 });
  const [node] = lab.nodes;
  lab.runUntil(() => node!.head.height >= 2, 600_000);
  const applied = node!.events.find((event) => event.kind === 'blockApplied');
  const block = (applied as { block: Block }).block;
  const me = operatorOf(0);
  const events = [
    {
      type: 'epoch.rewarded',
      epoch: 1,
      issued: 30n,
      experts: [
        { expert: alice, payment: 7n },
        { expert: me, payment: 1n },
      ],
      scorers: [
        { operator: me, payment: 11n, kept: 2n },
        { operator: alice, payment: 11n, kept: 2n },
      ],
    },
    { type: 'lineage.paid', domain: 'general', issued: 5n, payments: [{ account: alice, payment: 5n }] },
    { type: 'feedback.given', rating: 'correct' },
  ] as unknown as ChainEvent[];
  const count = (own: { operator: typeof me | null; experts: readonly (typeof me)[] }) => {
    const counter = new WorkCounter(own);
    counter.onBlock(block, events, node!.head.state);
    return counter.report();
  };
  const mine = count({ operator: me, experts: [alice] });
  assert.deepEqual(mine.earned, {
    answers: 0n,
    scores: 0n,
    coordination: 0n,
    incentive: 7n,
    dividend: 11n,
    lineage: 5n,
  });
  assert.deepEqual(mine.feedback, { good: 0, bad: 0, correct: 1 });
  assert.ok(Object.values(count(NOBODY).earned).every((amount) => amount === 0n));
  assert.ok(readAccount(node!.head.state, me).balance >= 0n);
});
