/** The edges of what leaves a pool: the last entry that a height takes, the last nano, a slash that takes all (staking §3, §5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CHAIN_LIMITS,
  type ChainEvent,
  checkSupply,
  readParams,
  readUnbondingPool,
  stakeOf,
  type Validator,
} from '../../src/index.ts';
import { punishDowntime } from '../../src/staking/slashing.ts';
import {
  listMaturing,
  noteMaturing,
  readUpdates,
  writeUnbondingPool,
  writeUpdates,
} from '../../src/staking/stake-records.ts';
import { payMatured, startUnbonding } from '../../src/staking/unbonding.ts';
import { cutUnbonding } from '../../src/staking/unbonding-shares.ts';
import { moveBetweenPots } from '../../src/state/ledger.ts';
import { SYN, type TestValidator, user } from '../test-chain.ts';
import { Heights } from './heights.ts';
import { STAKING, stakingChain } from './staker.ts';

const { maturingMax } = CHAIN_LIMITS;

test('staking §5.3: no block ends more than the codec can hold, and what ends with another block finds room', () => {
  const chain = stakingChain();
  const [{ address }] = chain.validators as [TestValidator];
  const heights = new Heights(chain);
  const leave = { type: 'undelegate', validator: address, amount: SYN } as const;
  const maturesAt = heights.height + STAKING.unbondingHeights;
  const one = { operator: address, delegator: user.address };
  for (let count = 0; count < maturingMax; count++) noteMaturing(heights.overlay, maturesAt, one);
  assert.equal(heights.code(address, leave), 'UNBONDING_FULL');
  assert.equal(heights.code(address, { type: 'validator.exit', validator: address }), 'UNBONDING_FULL');
  assert.equal(listMaturing(heights.state(), maturesAt).length, maturingMax);
  heights.height++;
  assert.equal(heights.code(address, leave), 'OK');
});

test('staking §5.4: what leaves after a slash that took all, at the same height, is no part of what was taken', () => {
  const chain = stakingChain();
  const [{ address }] = chain.validators as [TestValidator];
  const { overlay } = new Heights(chain);
  const at = { operator: address, delegator: address };
  startUnbonding(overlay, at, { amount: 2n * SYN, maturesAt: 99 });
  const before = readUnbondingPool(overlay, address);
  const cut = cutUnbonding(before, before.tokens);
  moveBetweenPots(overlay, 'unbonding', 'burnt', cut.burnt);
  writeUnbondingPool(overlay, address, cut.pool);
  startUnbonding(overlay, at, { amount: SYN, maturesAt: 99 });
  const events: ChainEvent[] = [];
  payMatured(overlay, 99, (event) => events.push(event));
  assert.deepEqual(
    events.map((event) => event.type === 'stake.paid' && event.amount),
    [0n, SYN],
  );
  assert.ok(checkSupply(chain.state.update(overlay.writes())).ok);
});

test('staking §6.2: who is jailed leaves the set whatever was queued for it, once', () => {
  const chain = stakingChain();
  const [first, second] = chain.setOf(1) as [Validator, Validator];
  const { overlay, height } = new Heights(chain);
  const queued = [first, second].map((each) => ({ ...each, power: each.power + 5n }));
  writeUpdates(overlay, queued);
  punishDowntime(overlay, first.operator, { params: readParams(overlay), height, emit: () => undefined });
  assert.deepEqual(readUpdates(overlay), [{ ...first, power: 0n }, queued[1]]);
});

test('staking §3.3: the last nano may leave, and none beyond it, by either way', () => {
  const chain = stakingChain();
  const [{ address }, other] = chain.validators as [TestValidator, TestValidator];
  const heights = new Heights(chain);
  const stake = stakeOf(heights.overlay, address, address);
  for (const move of [
    { type: 'undelegate', validator: address } as const,
    { type: 'redelegate', from: address, to: other.address } as const,
  ]) {
    assert.equal(heights.code(address, { ...move, amount: stake + 1n }), 'INSUFFICIENT_STAKE');
    assert.equal(heights.code(user.address, { ...move, amount: 1n }), 'INSUFFICIENT_STAKE');
  }
  assert.equal(heights.code(address, { type: 'undelegate', validator: address, amount: stake }), 'OK');
  assert.ok(checkSupply(heights.state()).ok);
});
