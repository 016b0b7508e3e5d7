/** Shares of what leaves a pool against books that cut every entry by itself, in exact fractions (spec: staking §5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { UnbondingPool } from '../../src/index.ts';
import {
  cutUnbonding,
  joinUnbonding,
  leaveUnbonding,
  unbondingShares,
  unbondingWorth,
} from '../../src/staking/unbonding-shares.ts';

type Entry = { shares: bigint; series: number; exact: number; put: bigint };

const EMPTY: UnbondingPool = { tokens: 0n, shares: 0n, series: 0 };

const step = fc.oneof(
  fc.record({ kind: fc.constant('join'), amount: fc.bigInt(1n, 10n ** 15n), at: fc.nat(9), part: fc.constant(0) }),
  fc.record({ kind: fc.constant('leave'), amount: fc.constant(0n), at: fc.nat(9), part: fc.constant(0) }),
  fc.record({ kind: fc.constant('lose'), amount: fc.bigInt(1n, 10n ** 14n), at: fc.nat(9), part: fc.constant(0) }),
  fc.record({
    kind: fc.constant('slash'),
    amount: fc.constant(0n),
    at: fc.nat(9),
    part: fc.oneof(fc.constantFrom(1_000, 10_000, 50_000), fc.nat(999_999)),
  }),
);

test('staking §5: entries are worth what each would have kept by itself, and all is paid out in the end', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let pool = EMPTY;
      let entries: Entry[] = [];
      const leave = (entry: Entry, amount: bigint, shares: bigint): void => {
        pool = leaveUnbonding(pool, entry, { amount, shares });
        entry.shares -= shares;
      };
      for (const { kind, amount, at, part } of steps) {
        const entry = entries[at % Math.max(1, entries.length)];
        if (kind === 'join') {
          const joined = joinUnbonding(pool, amount);
          assert.ok(joined.shares >= amount && joined.pool.shares < 1n << 97n);
          ({ pool } = joined);
          entries.push({ shares: joined.shares, series: pool.series, exact: Number(amount), put: amount });
        } else if (kind === 'slash') {
          const cut = (pool.tokens * BigInt(part)) / 1_000_000n;
          const { pool: after, burnt } = cutUnbonding(pool, cut);
          assert.equal(after.tokens, pool.tokens - burnt);
          if (after.series === pool.series) assert.equal(burnt, cut, 'the very part is burnt');
          pool = after;
          for (const each of entries) each.exact *= (1_000_000 - part) / 1_000_000;
        } else if (entry !== undefined) {
          const worth = unbondingWorth(pool, entry);
          const paid = kind === 'leave' || amount > worth ? worth : amount;
          leave(entry, paid, kind === 'leave' ? entry.shares : unbondingShares(pool, paid));
          entry.exact -= Number(paid);
          if (kind === 'leave') entries = entries.filter((each) => each !== entry);
        }
        for (const each of entries) {
          const off = Math.abs(Number(unbondingWorth(pool, each)) - each.exact);
          // A nano or two of rounding for each that came, left or was cut, and what floating point loses.
          assert.ok(off <= 4 * steps.length + Number(each.put) * 1e-9, `${off} nano off`);
          assert.ok(unbondingWorth(pool, each) <= each.put + BigInt(steps.length));
        }
        const worth = entries.reduce((sum, each) => sum + unbondingWorth(pool, each), 0n);
        assert.ok(worth <= pool.tokens && pool.tokens - worth <= BigInt(entries.length), 'the parts make the whole');
      }
      for (const entry of entries) leave(entry, unbondingWorth(pool, entry), entry.shares);
      assert.deepEqual([pool.tokens, pool.shares], [0n, 0n]);
    }),
    { numRuns: 300, seed: 9, endOnFailure: true },
  );
});

test('staking §5: where next to nothing is left the entries end, and newcomers begin at par', () => {
  const { pool: full, shares } = joinUnbonding(EMPTY, 10n ** 18n);
  const { pool: bare, burnt } = cutUnbonding(full, 10n ** 18n - 1n);
  assert.deepEqual([bare, burnt], [{ tokens: 0n, shares: 0n, series: 1 }, 10n ** 18n]);
  const { pool: next, shares: bought } = joinUnbonding(bare, 5n);
  assert.equal(bought, 5n);
  const old = { shares, series: 0 };
  assert.equal(unbondingWorth(next, old), 0n);
  assert.deepEqual(leaveUnbonding(next, old, { amount: 0n, shares }), next);
  assert.equal(unbondingWorth(next, { shares: bought, series: 1 }), 5n);
  const { pool: kept } = cutUnbonding(full, 10n ** 18n - 10n ** 9n);
  assert.equal(kept.series, 0, 'one part in 2³² is more than next to nothing');
});
