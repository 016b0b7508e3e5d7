import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchNames, readSearch } from '../../../src/pages/explorer/search.ts';

const HASH = `0x${'ab12'.repeat(16)}`;
/** An account of the devnet with seed 42. */
const ADDRESS = 'syn1gshnlssv5nt5j96gv9zfl27n6mxfnkeuxudhj6';

test('heights as people write them', () => {
  for (const text of ['12', ' 12 ', '#12', 'block 12', 'Block #12', '012']) {
    assert.deepEqual(readSearch(text), { kind: 'height', height: '12' }, text);
  }
  assert.deepEqual(readSearch('1,234,567'), { kind: 'height', height: '1234567' });
  assert.deepEqual(readSearch('0'), { kind: 'height', height: '0' });
});

test('hashes with or without 0x, in any case; with digits missing it says how many', () => {
  assert.deepEqual(readSearch(HASH), { kind: 'hash', hash: HASH });
  assert.deepEqual(readSearch(HASH.slice(2).toUpperCase()), { kind: 'hash', hash: HASH });
  const short = readSearch(HASH.slice(0, -1));
  assert.ok(short.kind === 'invalid' && short.why.includes('this has 63'), JSON.stringify(short));
  const odd = readSearch('0xzz');
  assert.ok(odd.kind === 'invalid' && odd.why.includes('0–9 and a–f'));
});

test('addresses are whole or said to be cut', () => {
  assert.deepEqual(readSearch(ADDRESS), { kind: 'address', address: ADDRESS });
  for (const text of ['syn1abc…9k2d', ADDRESS.slice(0, -1), `${ADDRESS}x`]) {
    const cut = readSearch(text);
    assert.ok(cut.kind === 'invalid' && cut.why.includes('Copy it whole'), text);
  }
});

test('anything else is the name of an expert, also as the API writes it', () => {
  assert.deepEqual(readSearch('math-tiny'), { kind: 'name', name: 'math-tiny' });
  assert.deepEqual(readSearch('expert/math-tiny@v3'), { kind: 'name', name: 'math-tiny' });
  assert.deepEqual(readSearch('   '), { kind: 'empty' });
  assert.equal(readSearch('x'.repeat(100)).kind, 'invalid');
});

test('every text is read as something, and no text throws', () => {
  fc.assert(fc.property(fc.string(), (text) => void readSearch(text).kind.length));
});

test('an exact name goes before names that hold it', () => {
  const experts = ['general-a', 'general-ab', 'math'].map((name) => ({ name }));
  assert.deepEqual(matchNames(experts, 'General-A'), [{ name: 'general-a' }]);
  assert.deepEqual(matchNames(experts, 'general'), [{ name: 'general-a' }, { name: 'general-ab' }]);
  assert.deepEqual(matchNames(experts, 'biology'), []);
});
