/** Code made for one kind of record: the same bytes and errors as the rules say, and nothing but plain names in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { container, tagged } from '../../src/codec/composites.ts';
import { text, u32 } from '../../src/codec/primitives.ts';
import { createCodec, mapped, OutOfRange } from '../../src/codec/schema.ts';

type Mixed = { readonly first: number; readonly note: string; readonly last: number; readonly tail: string };

const mixed = createCodec('mixed', container<Mixed>({ first: u32, note: text(5), last: u32, tail: text(5) }), 100);
const value: Mixed = { first: 1, note: 'ab', last: 2, tail: 'c' };

test('fixed fields and offsets stand in order, variable fields behind them', () => {
  const bytes = mixed.encode(value);
  assert.equal(Buffer.from(bytes).toString('hex'), `01000000${'10000000'}02000000${'12000000'}616263`);
  assert.deepEqual(mixed.decode(bytes), { ok: true, value });
  assert.deepEqual(Object.keys(value), ['first', 'note', 'last', 'tail']);
});

test('every byte cut off, and every offset that leads elsewhere, is refused', () => {
  const bytes = mixed.encode(value);
  for (let length = 0; length < bytes.length - 1; length++)
    assert.equal(mixed.decode(bytes.subarray(0, length)).ok, false);
  for (const at of [4, 12]) {
    for (const offset of [0, 15, 17, 18, 20, 2 ** 31]) {
      const changed = Uint8Array.from(bytes);
      new DataView(changed.buffer).setUint32(at, offset, true);
      const isOther = at === 12 && (offset === 17 || offset === 18);
      if (offset !== new DataView(bytes.buffer).getUint32(at, true)) assert.equal(mixed.decode(changed).ok, isOther);
    }
  }
});

test('what is wrong is said with the name of its field, in either direction', () => {
  assert.throws(() => mixed.encode({ ...value, last: -1 }), /last: not in 0/);
  assert.throws(() => mixed.encode({ ...value, tail: 'too long' }), /tail: not at most 5 bytes/);
  const bytes = mixed.encode(value);
  const isBad = Uint8Array.from([...bytes.subarray(0, 16), 0xff, ...bytes.subarray(17)]);
  const decoded = mixed.decode(isBad);
  assert.match(decoded.ok ? '' : decoded.reason, /^mixed: note: not UTF-8$/);
});

test('a variant has its name first, whether its record has code of its own or is mapped', () => {
  type Either = { readonly kind: 'plain'; readonly a: number } | { readonly kind: 'mapped'; readonly b: number };
  const moved = mapped<{ readonly b: number }, { readonly b: number }>(
    container<{ readonly b: number }>({ b: u32 }),
    ({ b }) => ({ b: b + 1 }),
    ({ b }) => ({ b: b - 1 }),
  );
  const either = createCodec(
    'either',
    tagged<Either, 'kind'>('kind', { plain: container<{ readonly a: number }>({ a: u32 }), mapped: moved }),
    100,
  );
  for (const one of [
    { kind: 'plain', a: 7 },
    { kind: 'mapped', b: 8 },
  ] as const) {
    const decoded = either.decode(either.encode(one));
    assert.deepEqual(decoded, { ok: true, value: one });
    assert.deepEqual(Object.keys(decoded.ok ? decoded.value : {}), Object.keys(one));
  }
});

test('a field whose name is not plain has no code', () => {
  for (const name of ['a b', 'a;b', '__proto__', 'a}', '1a', ''])
    assert.throws(() => container({ [name]: u32 }), OutOfRange);
});
