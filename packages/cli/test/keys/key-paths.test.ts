/** Paths of keys: every step is a hardened index or refused, and no two uses share one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEY_USES, keyPath, parseKeyIndex } from '../../src/keys/key-paths.ts';

test('a step is a whole number below 2³¹', () => {
  for (const [text, index] of [
    [undefined, 0],
    ['0', 0],
    ['2147483647', 2_147_483_647],
  ] as const)
    assert.equal(parseKeyIndex(text, '--index'), index);
  for (const text of ['2147483648', '9999999999', '-1', '1.5', '', 'x', '0x1', ' 1'])
    assert.throws(() => parseKeyIndex(text, '--index'), { code: 'NUMBER_INVALID', message: /--index/ }, text);
});

test('accounts, uses and indices have paths of their own', () => {
  assert.equal(keyPath('account'), "m/44'/7966'/0'");
  assert.equal(keyPath('consensus', { account: 3, index: 2 }), "m/44'/7966'/3'/1'/2'");
  const paths = KEY_USES.flatMap((use) => [0, 1].flatMap((at) => [keyPath(use, { account: at, index: 7 })]));
  assert.equal(new Set(paths).size, paths.length);
});
