/** Signers open what was sealed for their keys, those of a ring also with keys that are not in use (spec: privacy §3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressOf,
  type Hash,
  openBox,
  publicKeyOf,
  type SealedBox,
  sealBox,
  sealedSignBytes,
  sha512,
  verifySignature,
} from '@synod/chain';
import {
  beginSignState,
  createExpertSigner,
  openSignerRing,
  rotatedSignState,
  systemFiles,
} from '../../src/adapters/index.ts';
import { openSignerSafely } from '../../src/adapters/signer-file.ts';
import type { ConsensusSigner } from '../../src/host/index.ts';
import { temporaryDirectory } from './temporary.ts';

const seed = (value: number) => new Uint8Array(32).fill(value);
const [first, second] = [1, 2].map((value) => ({ consensusSeed: seed(value), vrfSeed: seed(value + 50) }));
const [firstKey, secondKey] = [publicKeyOf(seed(1)), publicKeyOf(seed(2))];
const operator = addressOf(publicKeyOf(seed(9)));
const context = new Uint8Array(3);
const content = new TextEncoder().encode('What ails me?');
const box = sealBox(content, { secret: sha512(context), readers: [firstKey, secondKey], context });

function open(signer: ConsensusSigner, reader: typeof firstKey, sealed: SealedBox = box) {
  return openBox(sealed, { reader, agree: (theirs) => signer.agree(reader, theirs), context });
}

test('a ring agrees with the key in use, those before it, and no other', (t) => {
  const home = temporaryDirectory(t);
  beginSignState({ stateFile: rotatedSignState(home, secondKey), chainId: 'test', consensusSeed: seed(2) });
  const { signer } = openSignerRing({
    chainId: 'test',
    operator,
    home,
    first: first!,
    rotated: () => [second!],
    named: secondKey,
    isNew: true,
    files: systemFiles,
  });
  assert.equal(signer!.publicKey, secondKey);
  assert.deepEqual(open(signer!, secondKey), content);
  assert.deepEqual(open(signer!, firstKey), content, 'what was sealed for the key before');
  const stranger = publicKeyOf(seed(3));
  assert.equal(signer!.agree(stranger, box.ephemeral), null);
});

test('a single key, also one without a sign state it can trust, agrees for itself alone, and never on a key of low order', (t) => {
  const stateFile = `${temporaryDirectory(t)}/sign-state`;
  const options = { chainId: 'test', operator, ...first!, stateFile };
  const damaged = openSignerSafely({ ...options, isNew: false });
  assert.ok(damaged.signStateProblem !== null);
  for (const { signer } of [damaged, openSignerSafely(options)]) {
    assert.deepEqual(open(signer, firstKey), content);
    assert.equal(signer.agree(secondKey, box.ephemeral), null);
    assert.equal(signer.agree(firstKey, new Uint8Array(32)), null);
  }
});

test('an expert opens what is sealed for it', () => {
  const { publicKey: reader, agree } = createExpertSigner(seed(2));
  assert.deepEqual(openBox(box, { reader, agree, context }), content);
});

test('what a signer says of a sealed message is bound to chain, place, height and box', (t) => {
  const stateFile = `${temporaryDirectory(t)}/sign-state`;
  const { signer } = openSignerSafely({ chainId: 'test', operator, ...first!, stateFile });
  const place = { queryId: 'aa'.repeat(32) as Hash, kind: 'prompt', round: 0, author: firstKey } as const;
  const message = { ...place, sentAt: 7, box };
  const signature = signer.signSealed(message)!;
  const isGood = (chainId: string, signed: Parameters<typeof sealedSignBytes>[1]) =>
    verifySignature(firstKey, sealedSignBytes(chainId, signed), signature);
  assert.ok(isGood('test', message));
  assert.ok(!isGood('other', message));
  assert.ok(!isGood('test', { ...message, sentAt: 8 }));
  assert.ok(!isGood('test', { ...message, kind: 'answer' }));
  assert.ok(!isGood('test', { ...message, round: 1 }));
  assert.ok(!isGood('test', { ...message, box: { ...box, body: box.body.subarray(1) } }));
});
