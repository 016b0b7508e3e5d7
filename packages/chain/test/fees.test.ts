/** The base fee's step (state §4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultChainParams, nextBaseFee } from '../src/index.ts';

const params = defaultChainParams({ blockBytesTarget: 1000, baseFeePerByteMin: 4n });

test('state §4.2: rises by an eighth at twice the target, falls by an eighth when empty, by hand', () => {
  assert.equal(nextBaseFee(800n, 2000, params), 900n);
  assert.equal(nextBaseFee(800n, 1500, params), 850n);
  assert.equal(nextBaseFee(800n, 1000, params), 800n);
  assert.equal(nextBaseFee(800n, 500, params), 750n);
  assert.equal(nextBaseFee(800n, 0, params), 700n);
  assert.equal(nextBaseFee(800n, 50_000, params), 900n, 'never more than an eighth');
});

test('state §4.2: never under the floor, and never stuck at it', () => {
  assert.equal(nextBaseFee(4n, 0, params), 4n);
  assert.equal(nextBaseFee(4n, 1001, params), 5n);
});

test('state §4.2: monotone in fullness', () => {
  fc.assert(
    fc.property(fc.bigInt(4n, 10n ** 12n), fc.nat(4000), fc.nat(4000), (fee, a, b) => {
      const [less, more] = a < b ? [a, b] : [b, a];
      assert.ok(nextBaseFee(fee, less, params) <= nextBaseFee(fee, more, params));
    }),
  );
});
