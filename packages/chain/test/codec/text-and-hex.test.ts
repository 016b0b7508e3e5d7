/** Text and hexadecimal digits are written in place, short or long: the same bytes as Buffer's, the same refusals, and nothing left of a failed try. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { container, list } from '../../src/codec/composites.ts';
import { hash, text } from '../../src/codec/primitives.ts';
import { createCodec } from '../../src/codec/schema.ts';
import type { Hash } from '../../src/types/index.ts';

const longest = 100;
const { encode, decode } = createCodec('text', text(longest), 4_096);

test('text of any length and script is its UTF-8, counted in bytes', () => {
  const values = ['', 'a', 'a'.repeat(63), 'a'.repeat(64), 'a'.repeat(65), 'a'.repeat(longest)];
  values.push('é', `${'a'.repeat(63)}é`, `é${'a'.repeat(63)}`, 'é'.repeat(50), '\x7f', '\x80', '𝔸', '漢字');
  for (const value of values) {
    const bytes = encode(value);
    assert.deepEqual(bytes, new Uint8Array(Buffer.from(value, 'utf8')), value);
    assert.deepEqual(decode(bytes), { ok: true, value });
  }
  for (const value of ['a'.repeat(longest + 1), 'é'.repeat(51), '\ud800', 'a\udfff'])
    assert.throws(() => encode(value), { code: 'VALUE_NOT_ENCODABLE' }, value);
});

test('what stands behind a text of more bytes than characters stands where it would without the first try', () => {
  type Pair = { readonly words: readonly string[]; readonly id: Hash };
  const codec = createCodec('pair', container<Pair>({ words: list(text(longest), 8), id: hash }), 4_096);
  const value: Pair = { words: ['plain', 'naïve', '', 'end'], id: 'ab'.repeat(32) as Hash };
  assert.deepEqual(codec.decode(codec.encode(value)), { ok: true, value });
});

test('a hash is 64 lowercase hexadecimal digits', () => {
  const codec = createCodec('hash', hash, 32);
  const digits = '0123456789abcdef'.repeat(4) as Hash;
  assert.deepEqual(codec.encode(digits), new Uint8Array(Buffer.from(digits, 'hex')));
  for (const wrong of [
    '',
    digits.slice(1),
    `${digits}00`,
    digits.toUpperCase(),
    `g${digits.slice(1)}`,
    `\u0130${digits.slice(1)}`,
  ])
    assert.throws(() => codec.encode(wrong as Hash), { code: 'VALUE_NOT_ENCODABLE' }, wrong);
});
