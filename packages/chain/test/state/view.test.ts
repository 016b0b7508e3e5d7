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
