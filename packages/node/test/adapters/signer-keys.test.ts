/** What a signer says of its keys (keys §5.8): proof that it holds them, for its own operator, which no vote or proposal can be mistaken for. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  addressOf,
  consentSignBytes,
  encodeVoteExtension,
  extensionSignBytes,
  type Hash,
  type PublicKey,
  possessionSignBytes,
  proposalSignBytes,
  publicKeyOf,
  sealedSignBytes,
  verifySignature,
  voteSignBytes,
} from '@synod/chain';
import fc from 'fast-check';
import { isPossessionProof, provePossession } from '../../src/adapters/possession.ts';
import { SIGNER_LIMITS, signerPaths } from '../../src/adapters/signer-auth.ts';
import { openConsensusSigner } from '../../src/adapters/signer-file.ts';
import { answerKeyRequest, requireRoomForKey, type SignerKeyring } from '../../src/adapters/signer-keys.ts';
import { parseRequest } from '../../src/adapters/signer-protocol.ts';
import { temporaryDirectory } from './temporary.ts';

const chainId = 'test';
const seeds = { consensusSeed: new Uint8Array(32).fill(3), vrfSeed: new Uint8Array(32).fill(4) };
const publicKey = publicKeyOf(seeds.consensusSeed);
const operator = addressOf(publicKeyOf(new Uint8Array(32).fill(5)));
const stranger = addressOf(publicKeyOf(new Uint8Array(32).fill(6)));
const place = { chainId, operator };
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex') as Hash);

function keyringOf(directory: string): SignerKeyring {
  const signer = openConsensusSigner({ ...place, ...seeds, stateFile: join(directory, 'sign-state') });
  return {
    signers: () => [signer],
    provePossession: () => provePossession(seeds, place),
    successorOf: () => {
      requireRoomForKey(SIGNER_LIMITS.keysMax);
      return null;
    },
  };
}

test('possession is proven for the operator of the signer, by a request that carries no bytes', (context) => {
  const keyring = keyringOf(temporaryDirectory(context));
  const path = `${signerPaths.possession}0x${publicKey}`;
  const ask = (body: unknown, to = path) => answerKeyRequest(keyring, to, body);
  assert.equal(ask({ type: 'POSSESSION', operator })?.status, 200);
  const proof = provePossession(seeds, place);
  assert.ok(isPossessionProof(proof, place));
  assert.ok(!isPossessionProof(proof, { chainId, operator: stranger }));
  assert.ok(!isPossessionProof(proof, { chainId: 'other', operator }));
  assert.ok(!isPossessionProof({ ...proof, vrfProof: new Uint8Array(80) }, place));
  assert.ok(!isPossessionProof({ ...proof, keyProof: new Uint8Array(3), vrfProof: new Uint8Array(3) }, place));

  const signingBytes = `0x${'00'.repeat(32)}`;
  for (const body of [
    { type: 'POSSESSION', operator: stranger },
    { type: 'POSSESSION' },
    { type: 'POSSESSION', operator, signingBytes },
    { type: 'VOTE', operator },
    { type: 'SUCCESSOR' },
    [operator],
    null,
  ])
    assert.equal(ask(body)?.status, 400, JSON.stringify(body));
  const other = publicKeyOf(seeds.vrfSeed);
  assert.equal(ask({ type: 'POSSESSION', operator }, `${signerPaths.possession}0x${other}`)?.status, 404);
  assert.equal(ask({ type: 'POSSESSION', operator }, `${signerPaths.sign}0x${publicKey}`), null, 'a path of its own');
  for (const type of ['POSSESSION', 'SUCCESSOR']) assert.equal(parseRequest({ type, operator, signingBytes }), null);
  assert.equal(keyring.signers()[0]!.signed().height, 0, 'no record is touched');
});

test('what is proven is no vote, no proposal and nothing else that the key signs', () => {
  const proof = provePossession(seeds, place);
  const message = possessionSignBytes(chainId, { operator, publicKey, vrfKey: proof.vrfKey });
  assert.ok(verifySignature(publicKey, message, proof.keyProof));
  assert.ok(message.length > 40, 'a beacon proof is over 40 bytes');
  const extension = encodeVoteExtension({ items: [] });
  const box = { ephemeral: new Uint8Array(32), keys: [], body: new Uint8Array(4) };
  const author = publicKey as PublicKey;
  const slot = fc.record({ height: fc.nat(), round: fc.nat({ max: 1_000 }), blockId: hash });
  fc.assert(
    fc.property(slot, fc.constantFrom('prevote' as const, 'precommit' as const), ({ height, round, blockId }, type) => {
      for (const bytes of [
        voteSignBytes(chainId, { type, height, round, blockId }),
        voteSignBytes(chainId, { type, height, round, blockId: null }),
        proposalSignBytes(chainId, { height, round, polRound: -1, blockId }),
        extensionSignBytes(chainId, { height, round, blockId, extension }),
        sealedSignBytes(chainId, { queryId: blockId, kind: 'prompt', round: 0, author, sentAt: height, box }),
        consentSignBytes(chainId, { operator, expert: stranger }),
      ]) {
        assert.notDeepEqual(bytes.subarray(0, 32), message.subarray(0, 32), 'the tag is another');
        assert.ok(!verifySignature(publicKey, bytes, proof.keyProof));
      }
    }),
    { numRuns: 100 },
  );
});

test('a signer that is full says so, and goes on', (context) => {
  const keyring = keyringOf(temporaryDirectory(context));
  const answer = answerKeyRequest(keyring, `${signerPaths.successor}0x${publicKey}`, { type: 'SUCCESSOR' });
  assert.equal(answer?.status, 503);
  assert.match(JSON.stringify(answer), /SIGNER_KEYS_FULL/);
  assert.equal(
    answerKeyRequest(keyring, `${signerPaths.successor}0x${publicKey}`, { type: 'SUCCESSOR', n: 1 })?.status,
    400,
  );
});
