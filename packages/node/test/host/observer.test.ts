/** A node without a validator key, and the checkpoint it must meet (consensus §1.15). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressOf,
  decodeExtendedCommit,
  type Hash,
  NANO_PER_SYN,
  publicKeyOf,
  readAccount,
  SynodError,
} from '@synod/chain';
import { aliceSeed, Lab, type LabNode, operatorSeed } from './lab.ts';

const bob = addressOf(publicKeyOf(new Uint8Array(32).fill(7)));

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
