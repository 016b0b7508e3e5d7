/** Memos that stand on the object itself: once for each object, whatever it is, and none of another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oncePerObject, privateSlot } from '../../src/codec/once-per-object.ts';

test('a function is computed once for an object, frozen or bytes, and null is a result', () => {
  let calls = 0;
  const sizeOf = oncePerObject((value: object) => {
    calls += 1;
    return Object.keys(value).length === 0 ? null : `${Object.keys(value)}`;
  });
  const objects = [Object.freeze({ a: 1 }), Uint8Array.of(1, 2), Object.create(null), { a: 1 }, []] as object[];
  const first = objects.map(sizeOf);
  assert.deepEqual(first, ['a', '0,1', null, 'a', null]);
  assert.deepEqual(objects.map(sizeOf), first);
  assert.equal(calls, objects.length);
});

test('two slots on one object know nothing of each other, and nobody else sees either', () => {
  const [one, other] = [privateSlot<object, string>(), privateSlot<object, string>()];
  const object = { a: 1 };
  one.write(object, 'one');
  assert.equal(other.read(object), undefined);
  other.write(object, 'other');
  one.write(object, 'one anew');
  assert.deepEqual([one.read(object), other.read(object)], ['one anew', 'other']);
  assert.deepEqual(Reflect.ownKeys(object), ['a']);
  assert.deepEqual(object, { a: 1 });
  assert.equal(one.read({ ...object }), undefined);
  assert.equal(one.read(structuredClone(object)), undefined);
});
