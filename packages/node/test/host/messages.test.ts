import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  CHAIN_LIMITS,
  type Hash,
  KNOWLEDGE_BUNDLE_BYTES_MAX,
  type PublicKey,
  RECIPE_LIMITS,
} from '@synod/chain';
import fc from 'fast-check';
import { limits } from '../../src/host/limits.ts';
import {
  type DirectMessage,
  decodeDirect,
  decodeProposalMessage,
  decodeTransactionBatch,
  encodeDirect,
  encodeProposalMessage,
  encodeTransactionBatch,
} from '../../src/host/messages.ts';
import { decodeWalRecord, encodeWalRecord, type WalRecord } from '../../src/host/wal-records.ts';

const hash = 'ab'.repeat(32) as Hash;
const address = 'syn1test' as Address;

const examples: readonly DirectMessage[] = [
  {
    kind: 'hello',
    chainId: 'lab',
    genesisHash: hash,
    operator: address,
    signature: new Uint8Array(64).fill(3),
    experts: [{ publicKey: hash as string as PublicKey, signature: new Uint8Array(64).fill(4) }],
  },
  { kind: 'hello', chainId: 'lab', genesisHash: hash, operator: null, signature: new Uint8Array(64), experts: [] },
  {
    kind: 'status',
    height: 9,
    round: -1,
    polRound: 3,
    rounds: [{ round: 0, hasProposal: true, prevotes: [true, false], precommits: [false, false] }],
  },
  { kind: 'blocksGet', from: 3, count: 64 },
  { kind: 'blocks', blocks: [{ block: Uint8Array.of(1, 2), commit: Uint8Array.of(3) }] },
  { kind: 'vote', vote: Uint8Array.of(1) },
  { kind: 'proposal', proposal: Uint8Array.of(1), block: Uint8Array.of(2, 3) },
  { kind: 'transactions', transactions: [Uint8Array.of(1), Uint8Array.of()] },
  { kind: 'answerToken', queryId: hash, expert: address, sequence: 7, text: 'Grüße 🙂' },
  { kind: 'answerDone', queryId: hash, expert: address },
  { kind: 'evidence', evidence: Uint8Array.of(4, 5) },
  { kind: 'recipeGet', hash },
  { kind: 'adapterGet', hash },
  { kind: 'recipe', hash, bytes: Uint8Array.of(6) },
  { kind: 'recipe', hash, bytes: null },
  { kind: 'adapter', hash, bytes: Uint8Array.of(7, 8) },
  { kind: 'knowledgeGet', hash },
  { kind: 'knowledge', hash, bytes: Uint8Array.of(9) },
  { kind: 'knowledge', hash, bytes: null },
  { kind: 'blobGet', content: hash, index: 3 },
  {
    kind: 'blobChunk',
    content: hash,
    index: 3,
    chunk: { bytes: Uint8Array.of(9), proof: [hash, 'cd'.repeat(32) as Hash] },
  },
  { kind: 'blobChunk', content: hash, index: 0, chunk: { bytes: Uint8Array.of(9), proof: [] } },
  { kind: 'blobChunk', content: hash, index: 3, chunk: null },
];

test('a chunk longer than any, and a path longer than any or of half a hash, are no message', () => {
  const decoded = (bytes: number, hashes: number) =>
    decodeDirect(
      encodeDirect({
        kind: 'blobChunk',
        content: hash,
        index: 0,
        chunk: { bytes: new Uint8Array(bytes), proof: Array.from({ length: hashes }, () => hash) },
      }),
    );
  assert.notEqual(decoded(CHAIN_LIMITS.chunkBytes, limits.blobPathMax), null);
  assert.equal(decoded(CHAIN_LIMITS.chunkBytes + 1, 1), null);
  assert.equal(decoded(1, limits.blobPathMax + 1), null);
  const half = (hash + hash.slice(32)) as Hash;
  const chunk = { bytes: Uint8Array.of(1), proof: [half] };
  assert.equal(decodeDirect(encodeDirect({ kind: 'blobChunk', content: hash, index: 0, chunk })), null);
});

test('a recipe, an adapter or knowledge longer than any is no message', () => {
  const long = (kind: 'recipe' | 'adapter' | 'knowledge', size: number) =>
    decodeDirect(encodeDirect({ kind, hash, bytes: new Uint8Array(size) }));
  assert.notEqual(long('recipe', RECIPE_LIMITS.bytesMax), null);
  assert.equal(long('recipe', RECIPE_LIMITS.bytesMax + 1), null);
  assert.notEqual(long('adapter', limits.adapterBytesMax), null);
  assert.equal(long('adapter', limits.adapterBytesMax + 1), null);
  // No equality: a difference of 4 MiB would take minutes to print.
  assert.ok(long('knowledge', KNOWLEDGE_BUNDLE_BYTES_MAX) !== null);
  assert.ok(long('knowledge', KNOWLEDGE_BUNDLE_BYTES_MAX + 1) === null);
});

test('what a node keeps of a greeting is no part of its bytes, whatever else the peer put there', () => {
  const [hello] = examples;
  assert.ok(hello?.kind === 'hello');
  const bytes = encodeDirect(hello);
  assert.equal(decodeDirect(Buffer.concat([bytes, new Uint8Array(4)])), null, 'a part that nobody reads');
  const decoded = decodeDirect(bytes);
  assert.ok(decoded?.kind === 'hello');
  for (const { signature } of [decoded, ...decoded.experts]) assert.equal(signature.buffer.byteLength, 64);
  assert.equal(decodeDirect(encodeDirect({ ...hello, signature: new Uint8Array(65) })), null);
  assert.equal(decodeDirect(encodeDirect({ ...hello, operator: 'a'.repeat(65) as Address })), null);
});

for (const message of examples) {
  test(`direct message ${message.kind} comes back as it was sent`, () => {
    assert.deepEqual(structuredClone(decodeDirect(encodeDirect(message))), structuredClone(message));
  });
}

/** Their last parts may be left out. */
const openEnded = new Set<DirectMessage['kind']>([
  'transactions',
  'blocks',
  'status',
  'recipe',
  'adapter',
  'blobChunk',
  'knowledge',
]);

test('decoding a direct message never throws, and truncation is refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decodeDirect(bytes)),
    { numRuns: 2_000 },
  );
  for (const message of examples) {
    const bytes = encodeDirect(message);
    for (let length = 0; length < bytes.length; length++) {
      const decoded = decodeDirect(bytes.subarray(0, length));
      if (!openEnded.has(message.kind)) assert.equal(decoded, null);
    }
  }
});

test('batches and proposals survive framing; a wrong length is refused', () => {
  const batch = [Uint8Array.of(5), Uint8Array.of(6, 7)];
  assert.deepEqual(
    decodeTransactionBatch(encodeTransactionBatch(batch))?.map((part) => [...part]),
    [[5], [6, 7]],
  );
  const message = encodeProposalMessage(Uint8Array.of(1), Uint8Array.of(2));
  assert.deepEqual([...(decodeProposalMessage(message)?.block ?? [])], [2]);
  assert.equal(decodeProposalMessage(message.subarray(0, message.length - 1)), null);
  assert.equal(decodeProposalMessage(encodeTransactionBatch([Uint8Array.of(1)])), null);
});

const records: readonly WalRecord[] = [
  { kind: 'start', height: 4 },
  { kind: 'timeout', timeout: { kind: 'prevote', height: 4, round: 2 } },
  { kind: 'verdict', height: 4, blockId: hash, valid: true },
  { kind: 'verdict', height: 4, blockId: hash, valid: false },
  { kind: 'localValue', round: 1, blockId: hash, block: Uint8Array.of(9, 9) },
  { kind: 'endHeight', height: 4 },
];

for (const record of records) {
  test(`log record ${record.kind} comes back as it was written`, () => {
    assert.deepEqual(structuredClone(decodeWalRecord(encodeWalRecord(record))), structuredClone(record));
  });
}

test('a log record of no known kind or cut short is null, never a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void decodeWalRecord(bytes)),
    { numRuns: 2_000 },
  );
  assert.equal(decodeWalRecord(Uint8Array.of()), null);
  assert.equal(decodeWalRecord(Uint8Array.of(99)), null);
  for (const record of records.slice(0, 3)) {
    const bytes = encodeWalRecord(record);
    assert.equal(decodeWalRecord(bytes.subarray(0, bytes.length - 1)), null);
  }
});
