/** Peer ids and raw keys are libp2p's own, for any seed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateKeyPairFromSeed, privateKeyFromRaw } from '@libp2p/crypto/keys';
import { SynodError } from '@synod/chain';
import fc from 'fast-check';
import { keyPairBytes, peerIdOfSeed } from '../../src/adapters/peer-id.ts';

test('what libp2p makes of a seed is what is computed here', async () => {
  const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
  await fc.assert(
    fc.asyncProperty(seed, async (seed) => {
      const key = await generateKeyPairFromSeed('Ed25519', seed);
      assert.equal(peerIdOfSeed(seed), key.publicKey.toString());
      assert.deepEqual(privateKeyFromRaw(keyPairBytes(seed)).raw, key.raw);
      assert.ok(privateKeyFromRaw(keyPairBytes(seed)).publicKey.equals(key.publicKey));
    }),
  );
});

test('a seed of another length is refused', () => {
  for (const length of [0, 31, 33]) assert.throws(() => peerIdOfSeed(new Uint8Array(length)), SynodError);
});
