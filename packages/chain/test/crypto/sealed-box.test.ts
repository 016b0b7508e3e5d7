/** Sealed boxes (spec: privacy §3): readers open them, nobody else does, and nothing damaged opens. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type KeyAgreement,
  keyAgreement,
  openBox,
  type PublicKey,
  type SealedBox,
  sealBox,
  sha256,
  sha512,
} from '../../src/index.ts';
import { keysOf } from '../test-chain.ts';

const readers = ['first', 'second', 'third'].map(keysOf);
const context = new TextEncoder().encode('a query');
const content = new TextEncoder().encode('What ails me?');
const secretOf = (name: string) => sha512(new TextEncoder().encode(name));
const publicKeys = readers.map(({ publicKey }) => publicKey);
const box = sealBox(content, { secret: secretOf('box'), readers: publicKeys, context });

const open = (sealed: SealedBox, who: { publicKey: PublicKey; secret: Uint8Array }, where = context) =>
  openBox(sealed, { reader: who.publicKey, agree: keyAgreement(who.secret), context: where });

test('every reader opens the box with its Ed25519 key, whatever the length of the content', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.string(), (bytes, name) => {
      const sealed = sealBox(bytes, { secret: secretOf(name), readers: publicKeys, context });
      for (const reader of readers) assert.deepEqual(open(sealed, reader), bytes);
    }),
    { numRuns: 20 },
  );
});

test('a stranger, and a stranger in the name of a reader, open nothing', () => {
  const stranger = keysOf('stranger');
  assert.equal(open(box, stranger), null);
  assert.equal(open(box, { publicKey: publicKeys[0]!, secret: stranger.secret }), null);
});

test('a box of another context opens nowhere', () => {
  assert.equal(open(box, readers[0]!, new TextEncoder().encode('another query')), null);
});

test('a key wrapped for one reader is none for another', () => {
  const [first, second] = box.keys;
  const swapped = { ...box, keys: [{ ...first!, wrapped: second!.wrapped }] };
  assert.equal(open(swapped, readers[0]!), null);
});

test('any flipped bit of a box keeps it shut', () => {
  const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
  const [key] = box.keys;
  const damaged: SealedBox[] = [
    { ...box, ephemeral: flip(box.ephemeral, 3) },
    { ...box, keys: [{ ...key!, wrapped: flip(key!.wrapped, 40) }] },
    { ...box, body: flip(box.body, 0) },
    { ...box, body: flip(box.body, box.body.length - 1) },
    { ...box, body: new Uint8Array(0) },
  ];
  for (const one of damaged) assert.equal(open(one, readers[0]!), null);
});

test('an ephemeral key of low order agrees with nobody', () => {
  const agree: KeyAgreement = keyAgreement(readers[0]!.secret);
  assert.equal(agree(new Uint8Array(32)), null);
  assert.equal(agree(new Uint8Array(31)), null);
  assert.equal(agree(sha256(content))?.length, 32);
});

test('the content stands nowhere in the box', () => {
  assert.equal(Buffer.from(box.body).includes(Buffer.from(content.subarray(0, 4))), false);
});

test('a reader whose key is of low order, or no key at all, is left out, and the others read all the same', () => {
  const lowOrder = ['01'.padEnd(64, '0'), '00'.repeat(32), 'ff'.repeat(32)] as PublicKey[];
  const sealed = sealBox(content, { secret: secretOf('low'), readers: [...lowOrder, publicKeys[0]!], context });
  assert.deepEqual(
    sealed.keys.map(({ reader }) => reader),
    [publicKeys[0]],
  );
  assert.deepEqual(open(sealed, readers[0]!), content);
});
