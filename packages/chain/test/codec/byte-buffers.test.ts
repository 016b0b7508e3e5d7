/** Memory that bytes share: nobody gets another's, and what decodes or is kept has its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteReader, briefBytes, putBackReader, readerOf } from '../../src/codec/byte-buffers.ts';
import { decodeTransaction, encodeTransaction, encodeTransactionBody } from '../../src/index.ts';
import { sampleTransaction } from './samples.ts';

test('brief bytes are zeros, exactly as many as asked for, and never overlap', () => {
  const sizes = Array.from({ length: 3_000 }, (_, index) => (index * 7_919) % 5_000);
  const all = sizes.map((size) => briefBytes(size));
  for (const [index, bytes] of all.entries()) {
    assert.equal(bytes.length, sizes[index]);
    assert.ok(bytes.every((byte) => byte === 0));
    bytes.fill(1 + (index % 255));
  }
  for (const [index, bytes] of all.entries()) assert.ok(bytes.every((byte) => byte === 1 + (index % 255)));
});

test('long brief bytes have memory of their own, so that no small ones keep it', () => {
  assert.equal(briefBytes(100_000).buffer.byteLength, 100_000);
  assert.ok(briefBytes(100).buffer.byteLength <= 16 * 1024);
});

test('what is encoded stays as it is, whatever is encoded after it; what is kept shares no memory', () => {
  const brief = encodeTransactionBody(sampleTransaction.body);
  const kept = encodeTransaction(sampleTransaction);
  const before = [Buffer.from(brief).toString('hex'), Buffer.from(kept).toString('hex')];
  for (let index = 0; index < 1_000; index++) encodeTransactionBody(sampleTransaction.body).fill(0xff);
  assert.deepEqual([Buffer.from(brief).toString('hex'), Buffer.from(kept).toString('hex')], before);
  assert.equal(kept.buffer.byteLength, kept.length);
});

test('what decodes shares no memory with the reader that the next input is copied to', () => {
  const bytes = encodeTransaction(sampleTransaction);
  assert.ok(bytes.length < 1_024);
  const decoded = decodeTransaction(bytes);
  decodeTransaction(new Uint8Array(1_024).fill(0xff));
  assert.deepEqual(decoded, { ok: true, value: sampleTransaction });
});

test('a reader in use is nobody else’s, and long input is read where it stands', () => {
  const outer = readerOf(Uint8Array.of(1, 2, 3));
  const inner = readerOf(Uint8Array.of(9, 9, 9));
  assert.deepEqual([...outer.bytes.subarray(0, 3)], [1, 2, 3]);
  putBackReader(inner);
  putBackReader(outer);
  const long = new Uint8Array(2_000);
  assert.equal(readerOf(long).bytes, long);
  // A Buffer's `slice` would alias it.
  assert.equal(Buffer.isBuffer(new ByteReader(Buffer.from('abc')).bytes), false);
});
