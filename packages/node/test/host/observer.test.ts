/** A node without a validator key, and the checkpoint it must meet (consensus §1.15). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressOf,
  decodeExtendedCommit,
  type Hash,
  NANO_PER_SYN,
  PLAIN_TERMS,
  publicKeyOf,
  type QueryContract,
  readAccount,
  SynodError,
} from '@synod/chain';
import { aliceSeed, expertSeed, Lab, type LabNode, operatorOf, operatorSeed } from './lab.ts';

const bob = addressOf(publicKeyOf(new Uint8Array(32).fill(7)));

const forThree: QueryContract = {
  prompt: 'What is the capital of France?',
  domain: 'general',
  coordinator: operatorOf(0),
  ...PLAIN_TERMS,
  respondents: 3,
  maxFee: 3n * NANO_PER_SYN,
  threshold: 300_000,
  basePart: 200_000,
  answerWindow: 60,
  revealWindow: 12,
  scoreWindow: 20,
  scoreRevealWindow: 8,
};

/** Three validators of four decide; the fourth place comes later, as an observer with nothing on disk. */
function labWithNewcomer(heights: number): { lab: Lab; newcomer: LabNode } {
  const lab = new Lab();
  const newcomer = lab.nodes[3]!;
  newcomer.crash();
  newcomer.isValidator = false;
  lab.runUntil(() => lab.heightEverywhere() >= heights, 120_000);
  return { lab, newcomer };
}

test('an observer follows, forwards transactions and signs nothing', () => {
  const { lab, newcomer } = labWithNewcomer(10);
  newcomer.checkpoint = { height: 8, hash: lab.nodes[0]!.store.block(8)!.hash };
  newcomer.restart();
  lab.runUntil(() => newcomer.head.height >= 12, 20_000);
  assert.match(newcomer.host!.observerReason ?? '', /no validator key/);
  lab.submit(aliceSeed, { type: 'transfer', to: bob, amount: NANO_PER_SYN }, 3);
  lab.runUntil(() => readAccount(lab.nodes[0]!.head.state, bob)?.balance === NANO_PER_SYN, 20_000);
  const operator = addressOf(publicKeyOf(operatorSeed(3)));
  const index = lab.genesis.validators.findIndex((validator) => validator.operator === operator);
  for (let height = 11; height <= newcomer.head.height; height++) {
    const commit = decodeExtendedCommit(newcomer.store.block(height)!.commit);
    assert.ok(commit.ok && !commit.value.precommits.some(({ validator }) => validator === index), `height ${height}`);
  }
});

test('a chain without the block of the checkpoint is refused, and nothing from there on is kept', () => {
  const { lab, newcomer } = labWithNewcomer(12);
  newcomer.checkpoint = { height: 9, hash: 'ab'.repeat(32) as Hash };
  newcomer.restart();
  assert.throws(
    () => lab.runUntil(() => newcomer.head.height >= 12, 20_000),
    (error) => error instanceof SynodError && error.code === 'CHECKPOINT_MISMATCH' && error.facts['height'] === 9,
  );
  assert.equal(newcomer.store.block(9), null);
});

test('the expert of a node without validator keys answers and is paid, and its text reaches the coordinator by its own key', () => {
  const lab = new Lab({
    worker: { answer: (_job, node) => `answer of node ${node}`, score: (job) => job.answers.map(() => 700_000) },
  });
  const host = lab.nodes[3]!;
  host.crash();
  host.isValidator = false;
  host.restart();
  const expert = addressOf(publicKeyOf(expertSeed(3)));
  lab.runUntil(() => lab.heightEverywhere() >= 2, 30_000);
  const opened = Array.from({ length: 4 }, () => lab.submit(aliceSeed, { type: 'query.open', contract: forThree }));
  const receipts = () =>
    lab.nodes[0]!.events.flatMap((event) =>
      event.kind === 'blockApplied'
        ? event.events.flatMap((one) => (one.type === 'query.settled' ? [one.receipt] : []))
        : [],
    );
  lab.runUntil(() => receipts().length === opened.length, 120_000);
  const own = receipts().flatMap(({ respondents }) => respondents.filter((each) => each.expert === expert));
  assert.equal(own.length, 4, 'three candidates for three places');
  assert.ok(own.every(({ paid }) => paid > 0n));
  const first = receipts().filter(({ respondents }) => respondents[0]!.expert === expert);
  const streamed = lab.nodes[0]!.events.filter((event) => event.kind === 'answerToken' && event.expert === expert);
  assert.ok(first.length > 0, 'it was selected first at least once');
  assert.equal(streamed.length, first.length);
  assert.equal(
    lab.nodes[0]!.host!.sync.holdsExpert(lab.nodes[1]!.peerId, expert),
    false,
    'nobody else may speak for it',
  );
});
