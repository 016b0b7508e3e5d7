/** libsodium and the reference arithmetic must agree wherever libsodium answers, and it must decline where they could differ. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { subtractMultiplesFast } from '../../src/crypto/point-sodium.ts';
import { fromHex } from '../../src/index.ts';

const { Point } = ed25519;
const torsion = Point.fromBytes(fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'), false);

const littleEndian = (value: bigint): Uint8Array => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
const scalar = fc.oneof(fc.bigInt(0n, Point.Fn.ORDER - 1n), fc.bigInt(0n, 3n));

test('whatever libsodium computes is what the reference computes; torsion and zeros are declined', () => {
  let answered = 0;
  fc.assert(
    fc.property(scalar, scalar, scalar, scalar, fc.nat(7), fc.boolean(), (s, c, x, y, twist, usesBase) => {
      const a = Point.BASE.multiplyUnsafe(x);
      const b = Point.BASE.multiplyUnsafe(y).add(torsion.multiplyUnsafe(BigInt(twist)));
      const [left, right] = [littleEndian(s), littleEndian(c)];
      const fast = subtractMultiplesFast(left, usesBase ? null : a.toBytes(), right, b.toBytes());
      if (twist !== 0 || s === 0n || c === 0n || y === 0n) return assert.equal(fast, null);
      if (fast === null) return assert.ok(!usesBase && x === 0n);
      answered += 1;
      const reference = (usesBase ? Point.BASE : a).multiplyUnsafe(s).subtract(b.multiplyUnsafe(c));
      assert.deepEqual(fast, reference.toBytes());
    }),
    { numRuns: 400 },
  );
  assert.ok(answered > 5, `libsodium answered ${answered} times`);
});
