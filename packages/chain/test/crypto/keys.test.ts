/** SLIP-10, BIP-39, addresses and draws, against published vectors and their own rules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bech32m } from '@scure/base';
import fc from 'fast-check';
import type { Hash } from '../../src/index.ts';
import * as chain from '../../src/index.ts';

test('SLIP-10 ed25519 test vector 1', () => {
  const seed = chain.fromHex('000102030405060708090a0b0c0d0e0f');
  const rows = [
    ['m', '2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7'],
    ["m/0'", '68e0fe46dfb67e368c75379acec591dad19df3cde26e63b93a8e704f1dade7a3'],
    ["m/0'/1'", 'b1d0bad404bf35da785a64ca1ac54b2617211d2777696fbffaf208f746ae84f2'],
    ["m/0'/1'/2'", '92a5b23c0b8a99e37d07df3fb9966917f5d06e02ddbd909c7e184371463e9fc9'],
    ["m/0'/1'/2'/2'", '30d1dc7e5fc04c31219ab25a27ae00b50f6fd66622f6e9c913253d6511d1e662'],
    ["m/0'/1'/2'/2'/1000000000'", '8f94d394a8e8fd6b1bc2f3f49f5c47e385281d5c17e65324b0f62483e37e8793'],
  ] as const;
  for (const [path, expected] of rows) assert.equal(chain.toHex(chain.deriveKey(seed, path)), expected, path);
  assert.equal(
    chain.publicKeyOf(chain.deriveKey(seed, "m/0'/1'/2'/2'/1000000000'")),
    '3c24da049451555d51a7014a37337aa4e12d41e485abccfa46b47dfb2af54b7a',
  );
});

test('paths that are not wholly hardened, out of range or misspelt are errors', () => {
  const seed = new Uint8Array(32);
  for (const path of ['', 'n', 'm/', 'm/0', "m/0'/1", "m/2147483648'", "m/-1'", "0'", "m//0'", "M/0'", "m/0h'"]) {
    assert.throws(() => chain.deriveKey(seed, path), { code: 'KEY_PATH_MALFORMED' }, path);
  }
  assert.equal(chain.deriveKey(seed, "m/2147483647'").length, 32);
  assert.throws(() => chain.deriveKey(new Uint8Array(15), 'm'), { code: 'SEED_LENGTH' });
});

test('BIP-39: the zero-entropy vector with passphrase TREZOR; bad words and checksums are errors', () => {
  const mnemonic = `${'abandon '.repeat(11)}about`;
  assert.equal(chain.mnemonicFromEntropy(new Uint8Array(16)), mnemonic);
  const seed = chain.mnemonicToSeed(mnemonic, 'TREZOR');
  assert.equal(
    chain.toHex(seed),
    'c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04',
  );
  assert.deepEqual(chain.mnemonicToSeed(`  ${mnemonic.toUpperCase().replaceAll(' ', '\n')} `, 'TREZOR'), seed);
  for (const bad of ['', 'abandon '.repeat(12), `${'abandon '.repeat(11)}aboot`, mnemonic.slice(8)]) {
    assert.throws(() => chain.mnemonicToSeed(bad), { code: 'MNEMONIC_INVALID' });
  }
  assert.throws(() => chain.mnemonicFromEntropy(new Uint8Array(15)), { code: 'ENTROPY_LENGTH' });
});

test('addresses: text and bytes are each other; one changed character is refused', () => {
  const bytes20 = fc.uint8Array({ minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(
      bytes20,
      fc.nat({ max: 41 }),
      fc.constantFrom(...'023456789acdefghjklmnpqrstuvwxyz1bio '),
      (raw, at, other) => {
        const text = chain.addressFromBytes(raw);
        assert.match(text, /^syn1[02-9ac-hj-np-z]{38}$/);
        assert.deepEqual(chain.addressBytes(text), Uint8Array.from(raw));
        assert.deepEqual(chain.parseAddress(text), { ok: true, value: text });
        const changed = text.slice(0, at) + other + text.slice(at + 1);
        if (changed !== text) assert.equal(chain.parseAddress(changed).ok, false);
      },
    ),
    { numRuns: 100 },
  );
});

test('addresses: uppercase, bech32, another prefix, another length and stray text are refused', () => {
  const text = chain.addressFromBytes(new Uint8Array(20));
  const bad = [text.toUpperCase(), `${text.slice(0, -1)}Q`, ` ${text}`, '', 'syn1', text.slice(0, -1), `${text}q`];
  bad.push(bech32m.encode('sym', bech32m.toWords(new Uint8Array(20))));
  // BIP-350's own valid strings, of other prefixes.
  bad.push('a1lqfn3a', 'abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx');
  for (const candidate of bad) assert.equal(chain.parseAddress(candidate).ok, false, candidate);
  assert.throws(() => chain.addressFromBytes(new Uint8Array(21)), { code: 'ADDRESS_LENGTH' });
});

test('the bytes handed out are a copy: changing them changes no address', () => {
  const text = chain.addressFromBytes(new Uint8Array(20).fill(7));
  chain.addressBytes(text).fill(0);
  assert.deepEqual(chain.addressBytes(text), new Uint8Array(20).fill(7));
});

test('hex: only lowercase pairs', () => {
  assert.deepEqual(chain.fromHex('00ff10'), Uint8Array.of(0, 255, 16));
  for (const bad of ['0', 'FF', '0g', ' 00', '0x00'])
    assert.throws(() => chain.fromHex(bad), { code: 'HEX_MALFORMED' });
});

test('draws: below the bound, the same for the same input, different along index and seed', () => {
  const seed = chain.taggedHash('test', Uint8Array.of(1));
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 256n }), fc.nat(), (bound, index) => {
      const drawn = chain.drawBelow(seed, index, bound);
      assert.ok(drawn >= 0n && drawn < bound);
      assert.equal(chain.drawBelow(seed, index, bound), drawn);
    }),
    { numRuns: 100 },
  );
  const stream = Array.from({ length: 50 }, (_, index) => chain.drawBelow(seed, index, 2n ** 64n));
  assert.equal(new Set(stream).size, 50);
  assert.notEqual(chain.drawBelow(chain.ZERO_HASH, 0, 2n ** 64n), stream[0]);
  assert.throws(() => chain.drawBelow(seed, 0, 0n), { code: 'DRAW_BOUND' });
});

test('draws: a bound of two thirds of the space hits both thirds alike, which a mere remainder would not', () => {
  const bound = (2n ** 256n * 2n) / 3n;
  let low = 0;
  for (let index = 0; index < 2000; index++)
    if (chain.drawBelow(chain.ZERO_HASH as Hash, index, bound) < bound / 2n) low++;
  assert.ok(low > 900 && low < 1100, `${low} of 2000 in the lower half; a remainder gives about 1333`);
});
