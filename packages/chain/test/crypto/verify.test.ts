/** The three verifiers against outside vectors and against each other (consensus §2, codec §10). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import { passesPreChecks } from '../../src/crypto/verify-node.ts';
import { littleEndian } from '../../src/crypto/verify-reference.ts';
import type { PublicKey } from '../../src/index.ts';
import * as chain from '../../src/index.ts';
import { readVectors } from './read-vectors.ts';

const Point = ed25519.Point;
const ORDER = Point.Fn.ORDER;
const FIELD = 2n ** 255n - 19n;

type Triple = { readonly key: Uint8Array; readonly message: Uint8Array; readonly signature: Uint8Array };

/** The common verdict of the three; fails when they differ. */
function verdict({ key, message, signature }: Triple, label: string): boolean {
  const reference = chain.verifyReference(key, message, signature);
  const row = `${label} ${chain.toHex(key)} ${chain.toHex(signature)}`;
  assert.equal(chain.verifySodium(key, message, signature), reference, `sodium ${row}`);
  assert.equal(chain.verifyNode(key, message, signature), reference, `node ${row}`);
  assert.equal(chain.verifySignature(chain.toHex(key) as PublicKey, message, signature), reference, `hex ${row}`);
  return reference;
}

test('CCTV: 43 of 914 accepted', () => {
  const vectors = readVectors<{ key: string; sig: string; msg: string; number: number }[]>('ed25519/cctv.json');
  if (vectors === null) return;
  const accepted = vectors.filter(({ key, sig, msg, number }) =>
    verdict({ key: chain.fromHex(key), message: Buffer.from(msg), signature: chain.fromHex(sig) }, `cctv ${number}`),
  );
  assert.deepEqual([accepted.length, vectors.length], [43, 914]);
});

test('speccheck: 1 of 12 accepted', () => {
  type Row = { message: string; pub_key: string; signature: string };
  const vectors = readVectors<Row[]>('ed25519/speccheck.json');
  if (vectors === null) return;
  const accepted = vectors.filter((row) => {
    const triple = { key: row.pub_key, message: row.message, signature: row.signature };
    return verdict(
      {
        key: chain.fromHex(triple.key),
        message: chain.fromHex(triple.message),
        signature: chain.fromHex(triple.signature),
      },
      'speccheck',
    );
  });
  assert.deepEqual([accepted.length, vectors.length], [1, 12]);
});

/** The eight points of small order, as multiples of one of order eight. */
const eighth = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
const torsion = Array.from({ length: 8 }, (_, i) => eighth.multiplyUnsafe(BigInt(i)));

function scalar(label: string, index: number): bigint {
  return littleEndian(chain.sha512(Buffer.from(`${label} ${index}`))) % ORDER;
}

function encodeScalar(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

/** R ‖ S over a key and a nonce with chosen small-order parts; without cofactor it holds when those cancel. */
function forge(index: number, keyPart: number, noncePart: number): Triple {
  const a = scalar('key', index);
  const r = scalar('nonce', index);
  const key = Point.BASE.multiply(a)
    .add(torsion[keyPart] as typeof Point.BASE)
    .toBytes();
  const nonce = Point.BASE.multiply(r)
    .add(torsion[noncePart] as typeof Point.BASE)
    .toBytes();
  const message = Buffer.from(`message ${index}`);
  const k = littleEndian(chain.sha512(Buffer.concat([nonce, key, message]))) % ORDER;
  return { key, message, signature: Uint8Array.from([...nonce, ...encodeScalar((r + k * a) % ORDER)]) };
}

function withSignature(triple: Triple, change: (bytes: Uint8Array) => void): Triple {
  const signature = triple.signature.slice();
  change(signature);
  return { ...triple, signature };
}

test('signatures with torsion in key and nonce: no disagreement, and some of each verdict', () => {
  let accepted = 0;
  let total = 0;
  for (let index = 0; index < 24; index++) {
    for (let noncePart = 0; noncePart < 8; noncePart++) {
      total++;
      if (verdict(forge(index, index % 8, noncePart), `torsion ${index}/${noncePart}`)) accepted++;
    }
  }
  // The challenge depends on the nonce, so the parts cancel for about one in eight; these seeds give 26.
  assert.deepEqual([accepted, total], [26, 192]);
});

test('S + L, high bits of S, every flipped bit of one signature, wrong lengths: refused by all', () => {
  const good = forge(1, 0, 0);
  assert.ok(verdict(good, 'good'));
  const s = littleEndian(good.signature.subarray(32));
  for (let multiple = 1n; multiple < 15n; multiple++) {
    const shifted = withSignature(good, (bytes) => bytes.set(encodeScalar(s + multiple * ORDER), 32));
    assert.ok(!verdict(shifted, `S + ${multiple}L`));
    assert.ok(!passesPreChecks(shifted.key, shifted.signature));
  }
  for (let bit = 0; bit < 512; bit += 7) {
    const flipped = withSignature(good, (bytes) => {
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    });
    assert.ok(!verdict(flipped, `bit ${bit}`));
  }
  for (const length of [0, 1, 31, 32, 63, 65, 96, 128]) {
    const signature = new Uint8Array(length);
    signature.set(good.signature.subarray(0, length));
    assert.ok(!verdict({ ...good, signature }, `signature of ${length}`));
  }
  for (const length of [0, 31, 33, 64]) {
    const key = new Uint8Array(length);
    key.set(good.key.subarray(0, length));
    assert.ok(!verdict({ ...good, key }, `key of ${length}`));
  }
});

test('points of small order and encodings at or above the prime, as key and as nonce: refused by all', () => {
  const odd: Uint8Array[] = torsion.map((point) => point.toBytes());
  for (let y = 0n; y < 19n; y++) odd.push(encodeScalar(FIELD + y), encodeScalar(FIELD + y + 2n ** 255n));
  for (const y of [0n, 1n, FIELD - 1n]) odd.push(encodeScalar(y + 2n ** 255n));
  const good = forge(2, 0, 0);
  for (const [index, encoded] of odd.entries()) {
    // Whatever OpenSSL would say: the spare's own checks refuse these.
    assert.ok(!passesPreChecks(encoded, good.signature), `pre-check ${index}`);
    const zeroS = Uint8Array.from([...encoded, ...new Uint8Array(32)]);
    assert.ok(!verdict({ ...good, key: encoded, signature: zeroS }, `key and nonce ${index}`));
    assert.ok(!verdict({ ...good, key: encoded }, `key ${index}`));
    assert.ok(
      !verdict(
        withSignature(good, (bytes) => bytes.set(encoded, 0)),
        `nonce ${index}`,
      ),
    );
  }
});

test('RFC 8032 §7.1 tests 1 to 3: sign and verify', () => {
  const rows = [
    [
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ],
  ] as const;
  for (const [secret, key, message, signature] of rows) {
    assert.equal(chain.publicKeyOf(chain.fromHex(secret)), key);
    assert.equal(chain.toHex(chain.sign(chain.fromHex(secret), chain.fromHex(message))), signature);
    const triple = { key: chain.fromHex(key), message: chain.fromHex(message), signature: chain.fromHex(signature) };
    assert.ok(verdict(triple, 'RFC 8032'));
  }
});

test('malformed hex keys are a false, a secret of the wrong length is an error', () => {
  for (const key of ['', 'zz'.repeat(32), 'AB'.repeat(32), '00'.repeat(33)]) {
    assert.equal(chain.verifySignature(key as PublicKey, new Uint8Array(1), new Uint8Array(64)), false);
  }
  assert.throws(() => chain.sign(new Uint8Array(31), new Uint8Array(0)), { code: 'SECRET_LENGTH' });
});
