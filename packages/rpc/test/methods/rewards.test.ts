/** `reward_*`: the table of an epoch, and explanations that add up to it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMethod } from '../../src/methods/registry.ts';
import { serve } from '../fixture/serve.ts';
import { addressOfName, experts, rewardRecord, validators } from '../fixture/small-chain.ts';

test('an epoch is told as a table, and every payment in it is explained to the nano', async (t) => {
  const { rpc } = await serve(t);
  const call = async (name: string, params: object) => findMethod(name)!.result.parse((await rpc(name, params)).result);
  const { items } = await call('reward_epochs', {});
  assert.deepEqual(
    items.map(({ epoch, height, experts: count }: Record<string, unknown>) => [epoch, height, count]),
    [[rewardRecord.epoch, '420', 2]],
  );
  const table = await call('reward_epoch', {});
  assert.equal(table.epoch, 7);
  const paid = [...table.experts, ...table.scorers].map(({ payment }: { payment: string }) => BigInt(payment));
  assert.equal(
    paid.reduce((sum, each) => sum + each, 0n),
    BigInt(table.issued),
  );
  assert.ok(BigInt(table.issued) > 999_999_990n && BigInt(table.issued) <= 1_000_000_000n);
  assert.ok(table.experts[0].incentive > table.experts[1].incentive, 'the greatest first');
  const [expert] = table.experts;
  const explained = await call('reward_explain', { address: expert.expert, epoch: '7' });
  assert.equal(explained.asExpert.payment, expert.payment);
  const { pot, rank, rankSum, payment } = explained.asExpert;
  assert.equal((BigInt(pot) * BigInt(rank)) / BigInt(rankSum), BigInt(payment));
  assert.match(explained.text, /payment = ⌊0\.5 SYN × rank/);
  const scorer = await call('reward_explain', { address: validators[2]!.operator });
  assert.equal(scorer.asScorer.payment, table.scorers[0].payment);
  assert.equal(scorer.asExpert, null);
  const nobody = await call('reward_explain', { address: addressOfName('nobody') });
  assert.deepEqual([nobody.asExpert, nobody.asScorer], [null, null]);
  assert.match(nobody.text, /No part in this epoch/);
  assert.equal(experts.length, table.experts.length);
});

test('an epoch that is not kept is unknown, and what is kept is told', async (t) => {
  const { rpc } = await serve(t);
  const { error } = await rpc('reward_epoch', { epoch: 6 });
  assert.deepEqual([error.code, error.data.reason], [-32001, 'unknown']);
  assert.match(error.message, /Epoch 6 is not kept. Epochs 7 to 7 are kept/);
  assert.equal((await rpc('reward_epoch', { epoch: 0 })).error.code, -32602);
  assert.equal((await rpc('reward_explain', {})).error.code, -32602);
});
