/** The overlay of one block's writes (state §1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Overlay, StateTree } from '../../src/index.ts';

const base = StateTree.fromEntries([
  { key: 'a', value: Uint8Array.of(1, 2) },
  { key: 'b', value: Uint8Array.of(3) },
]);

test('reads what was written, then what lies beneath; leaves the base alone', () => {
  const overlay = new Overlay(base);
  overlay.set('a', Uint8Array.of(9));
  overlay.delete('b');
  assert.deepEqual(overlay.get('a'), Uint8Array.of(9));
  assert.equal(overlay.get('b'), undefined);
  assert.deepEqual(base.get('a'), Uint8Array.of(1, 2));
  assert.deepEqual(
    [...overlay.writes()],
    [
      ['a', Uint8Array.of(9)],
      ['b', null],
    ],
  );
});

test('state §1.3: what changes nothing is no write', () => {
  const overlay = new Overlay(base);
  overlay.set('a', Uint8Array.of(1, 2));
  overlay.set('new', Uint8Array.of(1));
  overlay.delete('new');
  overlay.delete('never');
  overlay.delete('b');
  overlay.set('b', Uint8Array.of(3));
  assert.deepEqual([...overlay.writes()], []);
});

test('a value cut short is a write', () => {
  const overlay = new Overlay(base);
  overlay.set('a', Uint8Array.of(1));
  assert.deepEqual([...overlay.writes().keys()], ['a']);
});

test('writes come sorted by key whatever the order of writing', () => {
  const overlay = new Overlay(base);
  for (const key of ['z', 'c', 'm']) overlay.set(key, Uint8Array.of(1));
  assert.deepEqual([...overlay.writes().keys()], ['c', 'm', 'z']);
});

test('a value is put as it is: its bytes are made when asked for, once, and only for the last one', () => {
  const overlay = new Overlay(base);
  const encoded: number[] = [];
  const put = (value: number) =>
    overlay.put('a', { value }, (one) => {
      encoded.push(one.value);
      return Uint8Array.of(one.value);
    });
  put(5);
  put(6);
  assert.deepEqual(overlay.pendingValue('a'), { value: 6 });
  assert.deepEqual(encoded, []);
  assert.deepEqual(overlay.get('a'), Uint8Array.of(6));
  assert.deepEqual([...overlay.writes()], [['a', Uint8Array.of(6)]]);
  assert.deepEqual(encoded, [6]);
});

test('a value that was put is pending until bytes or nothing take its place', () => {
  const overlay = new Overlay(base);
  const put = () => overlay.put('a', 7, (one) => Uint8Array.of(one));
  assert.equal(overlay.pendingValue('a'), undefined, 'what lies beneath is no value');
  put();
  overlay.set('a', Uint8Array.of(8));
  assert.equal(overlay.pendingValue('a'), undefined);
  assert.deepEqual(overlay.get('a'), Uint8Array.of(8));
  put();
  overlay.delete('a');
  assert.equal(overlay.pendingValue('a'), undefined);
  assert.equal(overlay.get('a'), undefined);
  put();
  assert.equal(overlay.pendingValue('a'), 7);
});

test('state §1.3: a value put back as it was is no write', () => {
  const overlay = new Overlay(base);
  overlay.put('b', 3, (one) => Uint8Array.of(one));
  assert.deepEqual([...overlay.writes()], []);
});
