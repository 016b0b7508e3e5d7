/** ECVRF-EDWARDS25519-SHA512-TAI against RFC 9381 appendix B.3, and what it must refuse (codec §12). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import { littleEndian } from '../../src/crypto/verify-reference.ts';
import type { PublicKey } from '../../src/index.ts';
import * as chain from '../../src/index.ts';

const examples = [
  {
    name: 'example 16',
    secret: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    alpha: '',
    proof:
      '8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805',
    output:
      '90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae',
  },
  {
    name: 'example 17',
    secret: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    alpha: '72',
    proof:
      'f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed5933bf0864a62558b3ed7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02',
    output:
      'eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031',
  },
  {
    name: 'example 18',
    secret: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    key: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    alpha: 'af82',
    proof:
      '9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf8096bb474e53895c362d8628ee9f9ea3c0e52c7a5c691b6c18c9979866568add7a2d41b00b05081ed0f58ee5e31b3a970e',
    output:
      '645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c452118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f',
  },
] as const;

for (const { name, secret, key, alpha, proof, output } of examples) {
  test(`RFC 9381 ${name}: key, proof and output`, () => {
    assert.equal(chain.publicKeyOf(chain.fromHex(secret)), key);
    assert.equal(chain.toHex(chain.vrfProve(chain.fromHex(secret), chain.fromHex(alpha))), proof);
    const verified = chain.vrfVerify(key as string as PublicKey, chain.fromHex(alpha), chain.fromHex(proof));
    assert.equal(verified && chain.toHex(verified), output);
    assert.deepEqual(chain.vrfProofToHash(chain.fromHex(proof)), verified);
  });
}

const key = examples[1].key as string as PublicKey;
const alpha = chain.fromHex(examples[1].alpha);
const proof = chain.fromHex(examples[1].proof);

test('another key, another alpha, any changed byte and any other length are refused', () => {
  assert.equal(chain.vrfVerify(examples[0].key as string as PublicKey, alpha, proof), null);
  assert.equal(chain.vrfVerify(key, Uint8Array.of(0x73), proof), null);
  for (let at = 0; at < 80; at++) {
    const changed = proof.slice();
    changed[at] = (changed[at] as number) ^ 0x04;
    assert.equal(chain.vrfVerify(key, alpha, changed), null, `byte ${at}`);
  }
  for (const length of [0, 79, 81]) {
    const resized = new Uint8Array(length);
    resized.set(proof.subarray(0, length));
    assert.equal(chain.vrfVerify(key, alpha, resized), null);
    assert.equal(chain.vrfProofToHash(resized), null);
  }
});

test('a scalar at or above the group order is refused: one output has one proof', () => {
  const order = ed25519.Point.Fn.ORDER;
  const shifted = proof.slice();
  const s = littleEndian(proof.subarray(48)) + order;
  shifted.set(Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse(), 48);
  assert.equal(chain.vrfVerify(key, alpha, shifted), null);
  assert.equal(chain.vrfProofToHash(shifted), null);
});

test('keys of small order, non-canonical keys and no keys at all are refused', () => {
  const small = ['0100000000000000000000000000000000000000000000000000000000000000', '00'.repeat(32)];
  for (const bad of [...small, 'ff'.repeat(32), 'zz'.repeat(32), '', `ee${'ff'.repeat(30)}7f`]) {
    assert.equal(chain.vrfVerify(bad as PublicKey, alpha, proof), null, bad);
  }
});

test('a key of small order proves nothing: its holder could make any alpha give one fixed output', () => {
  const { Point } = ed25519;
  const weak = Point.ZERO.toBytes();
  // Secret zero: gamma is the identity, and s is the nonce, whatever the challenge.
  let h = Point.ZERO;
  for (let counter = 0; h.is0(); counter++) {
    const tried = chain.sha512(Buffer.concat([Uint8Array.of(3, 1), weak, alpha, Uint8Array.of(counter, 0)]));
    try {
      h = Point.fromBytes(tried.slice(0, 32)).clearCofactor();
    } catch {
      // Not a point: half of the tries are not.
    }
  }
  const nonce = 5n;
  const points = [Point.ZERO, h, Point.ZERO, Point.BASE.multiply(nonce), h.multiply(nonce)].map((point) =>
    point.toBytes(),
  );
  const c = chain.sha512(Buffer.concat([Uint8Array.of(3, 2), ...points, Uint8Array.of(0)])).subarray(0, 16);
  const forged = Uint8Array.from([...weak, ...c, 5, ...new Uint8Array(31)]);
  assert.equal(chain.vrfVerify(chain.toHex(weak) as PublicKey, alpha, forged), null);
});

test('a proof whose gamma has a small-order part is refused although its output is the same', () => {
  const gamma = ed25519.Point.fromBytes(proof.slice(0, 32));
  const order2 = ed25519.Point.fromHex('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f');
  const changed = Uint8Array.from([...gamma.add(order2).toBytes(), ...proof.subarray(32)]);
  assert.deepEqual(chain.vrfProofToHash(changed), chain.vrfProofToHash(proof));
  assert.equal(chain.vrfVerify(key, alpha, changed), null);
});
