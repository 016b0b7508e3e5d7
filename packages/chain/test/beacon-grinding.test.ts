/** A proposer has one beacon a height: no proof, no content and no round of its own gives it another (state §6.2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import { littleEndian } from '../src/crypto/verify-reference.ts';
import {
  applyBlock,
  type Block,
  beaconAlpha,
  beaconOf,
  buildBlock,
  fromHex,
  publicKeyOf,
  readBeacon,
  readValidatorRecord,
  sha512,
  toHex,
  vrfProve,
  vrfVerify,
} from '../src/index.ts';
import { keysOf, TestChain, user } from './test-chain.ts';

const Point = ed25519.Point;
const ORDER = Point.Fn.ORDER;
const seed = keysOf('beacon').secret;
const key = publicKeyOf(seed);
const alpha = beaconAlpha(readBeacon(new TestChain().state, 0) ?? ('' as never), 1);

/** A prover that breaks RFC 9381 §5.4.2.2 and chooses its nonce, and may add a point of small order to gamma. */
function proofWith(nonce: bigint, torsion: InstanceType<typeof Point> = Point.ZERO, secret = seed): Uint8Array {
  const { scalar, point } = ed25519.utils.getExtendedPublicKey(secret);
  const honest = vrfProve(secret, alpha);
  const gamma = Point.fromBytes(honest.slice(0, 32)).add(torsion);
  const h = curvePointOf(point.toBytes());
  const points = [point, h, gamma, Point.BASE.multiply(nonce), h.multiply(nonce)];
  const encoded = points.map((each) => each.toBytes());
  const challenge = sha512(Buffer.concat([Uint8Array.of(3, 2), ...encoded, Uint8Array.of(0)])).subarray(0, 16);
  const s = (nonce + littleEndian(challenge) * scalar) % ORDER;
  return Uint8Array.from([...gamma.toBytes(), ...challenge, ...littleEndianBytes(s)]);
}

/** RFC 9381 §5.4.1.1. */
function curvePointOf(salt: Uint8Array): InstanceType<typeof Point> {
  for (let counter = 0; ; counter++) {
    const digest = sha512(Buffer.concat([Uint8Array.of(3, 1), salt, alpha, Uint8Array.of(counter, 0)]));
    try {
      return Point.fromBytes(digest.slice(0, 32)).clearCofactor();
    } catch {
      // Half of all digests are no point; the next counter is tried.
    }
  }
}

function littleEndianBytes(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

test('a prover that chooses its nonce makes other proofs, and always the same beacon', () => {
  const honest = vrfVerify(key, alpha, vrfProve(seed, alpha));
  assert.ok(honest);
  const proofs = [1n, 2n, 12_345n, ORDER - 1n].map((nonce) => proofWith(nonce));
  assert.equal(new Set(proofs.map(toHex)).size, 4);
  for (const proof of proofs) {
    const output = vrfVerify(key, alpha, proof);
    assert.ok(output);
    assert.equal(beaconOf(output), beaconOf(honest));
  }
});

test('another gamma, with or without a point of small order, proves nothing or the same', () => {
  const honest = vrfVerify(key, alpha, vrfProve(seed, alpha));
  const torsion = Point.fromBytes(fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'));
  for (let nonce = 1n; nonce <= 40n; nonce++) {
    const output = vrfVerify(key, alpha, proofWith(nonce, torsion));
    if (output !== null) assert.deepEqual(output, honest);
    assert.equal(vrfVerify(key, alpha, proofWith(nonce, Point.BASE)), null);
  }
});

test('whatever its proposer puts into a block, and whenever it makes it, the beacon is the same', () => {
  const chain = new TestChain();
  const input = chain.buildInput();
  const maker = chain.validators.find(({ address }) => address === input.proposer);
  assert.ok(maker);
  const blocks: Block[] = [
    input,
    { ...input, beaconProof: proofWith(12_345n, Point.ZERO, maker.vrf.secret) },
    { ...input, time: input.time + 1_000 },
    { ...input, transactions: [chain.transfer(user, keysOf('other').address, 1n)] },
    { ...input, transactions: [chain.transfer(user, keysOf('other').address, 2n)] },
  ].map((each) => buildBlock(each).block);
  assert.ok(new Set(blocks.map(({ header }) => `${header.time} ${header.transactionsRoot}`)).size >= 3);
  assert.equal(new Set(blocks.map(({ header }) => toHex(header.beaconProof))).size, 2);
  const beacons = blocks.map((block) => {
    const applied = applyBlock(chain.state, block);
    assert.ok(applied.ok);
    return readBeacon(applied.state, block.header.height);
  });
  assert.equal(new Set(beacons).size, 1);
  assert.notEqual(beacons[0], null);
});

test("a block under another validator's name with the proposer's own proof is invalid", () => {
  const chain = new TestChain();
  const { block } = buildBlock(chain.buildInput());
  const { validators } = readValidatorRecord(chain.state);
  const other = validators.find(({ operator }) => operator !== block.header.proposer);
  assert.ok(other);
  const renamed = { ...block, header: { ...block.header, proposer: other.operator } };
  const verdict = chain.validate(renamed);
  assert.deepEqual(verdict.ok ? 'valid' : verdict.code, 'BEACON_PROOF_INVALID');
});
