/** The arithmetic of pools (staking §2): rounding favours the pool, nothing is lost on the way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Overlay, readPool, readShares, readSupply, type StakePool, worthOf } from '../../src/index.ts';
import { deposit, sharesFor, withdraw } from '../../src/staking/pool-shares.ts';
import { writePool, writeShares } from '../../src/staking/stake-records.ts';
import { SYN, user } from '../test-chain.ts';
import { stakingChain } from './staker.ts';

const chain = stakingChain();
const operator = chain.validators[0]!.address;

/** A pool whose shares, split between operator and user, are worth other than one nano each. */
function poolOf(tokens: bigint, own: bigint, others: bigint): Overlay {
  const overlay = new Overlay(chain.state);
  writePool(overlay, { ...readPool(chain.state, operator)!, tokens, shares: own + others });
  writeShares(overlay, operator, operator, own);
  writeShares(overlay, operator, user.address, others);
  return overlay;
}

const poolIn = (overlay: Overlay): StakePool => readPool(overlay, operator)!;

test('staking §2.2: a deposit buys at the present worth, and nothing where it buys no share', () => {
  const overlay = poolOf(95n, 60n, 40n);
  deposit(overlay, operator, user.address, 19n);
  assert.equal(readShares(overlay, operator, user.address), 60n);
  assert.equal(poolIn(overlay).tokens, 114n);
  const pool = poolIn(overlay);
  assert.equal(sharesFor({ ...pool, tokens: 100n, shares: 10n }, 9n), null);
  assert.equal(sharesFor({ ...pool, tokens: 0n, shares: 10n }, 9n), null);
  assert.equal(sharesFor({ ...pool, tokens: 1n, shares: 1n << 63n }, 2n), null);
  assert.equal(sharesFor({ ...pool, tokens: 0n, shares: 0n }, 9n), 9n);
});

test('staking §2.2: where one share is worth much, a deposit that rounding would take from is refused', () => {
  // Its operator took all but one nano out, and rewards came in since.
  const pool = { ...poolIn(poolOf(SYN, 1n, 0n)), tokens: SYN, shares: 1n };
  assert.equal(sharesFor(pool, (19n * SYN) / 10n), null);
  assert.equal(sharesFor(pool, 2n * SYN), 2n);
  assert.equal(sharesFor({ ...pool, shares: 1_000n }, SYN + SYN / 1_000n), 1_001n);
});

test('staking §2.3: a withdrawal sells rounded up, and worthless shares with it', () => {
  const overlay = poolOf(95n, 50n, 50n);
  withdraw(overlay, operator, user.address, 1n);
  assert.deepEqual([readShares(overlay, operator, user.address), poolIn(overlay).tokens], [48n, 94n]);
  withdraw(overlay, operator, user.address, worthOf(poolIn(overlay), 48n));
  assert.equal(readShares(overlay, operator, user.address), 0n);
  assert.equal(poolIn(overlay).shares, 50n);
  assert.throws(() => withdraw(overlay, operator, operator, 100n), /beyond the stake/);
  // Two of three shares are sold for one nano; the third is worth less than one.
  const slashed = poolOf(5n, 6n, 3n);
  withdraw(slashed, operator, user.address, 1n);
  assert.deepEqual([readShares(slashed, operator, user.address), poolIn(slashed).shares], [0n, 6n]);
});

test('staking §2.3: tokens left without shares are burnt', () => {
  const overlay = poolOf(10n * SYN, 3n, 0n);
  withdraw(overlay, operator, operator, 10n * SYN - 1n);
  const { tokens, shares } = poolIn(overlay);
  assert.deepEqual({ tokens, shares }, { tokens: 0n, shares: 0n });
  assert.equal(readSupply(overlay).burnt, 1n);
  assert.equal(readSupply(overlay).staked, readSupply(chain.state).staked - 1n);
});

test('whatever goes in and out: a share is never worth less to those who stay', () => {
  const size = fc.bigInt(1n, 10n ** 12n);
  fc.assert(
    fc.property(size, size, size, fc.bigInt(0n, 10n ** 6n), size, (tokens, own, others, part, more) => {
      const overlay = poolOf(tokens, own, others);
      const isNoPoorer = (before: StakePool, after: StakePool): boolean =>
        after.tokens * before.shares >= before.tokens * after.shares;
      const start = poolIn(overlay);
      withdraw(overlay, operator, user.address, (worthOf(start, others) * part) / 10n ** 6n);
      const less = poolIn(overlay);
      assert.ok(isNoPoorer(start, less));
      if (sharesFor(less, more) === null) return;
      deposit(overlay, operator, user.address, more);
      assert.ok(isNoPoorer(less, poolIn(overlay)));
      const all = readShares(overlay, operator, user.address) + readShares(overlay, operator, operator);
      assert.equal(poolIn(overlay).shares, all);
    }),
    { numRuns: 300 },
  );
});
