/** Keystores against the standard's own vectors (EIP-2335), and everything a file or a password can be wrong in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicKeyOf, toHex } from '@synod/chain';
import fc from 'fast-check';
import { decryptKeystore, encryptKeystore, openKeystore, parseKeystore } from '../../src/keys/keystore.ts';
import { passwordBytes } from '../../src/keys/password.ts';

/** The password of the standard's test cases: mathematical letters and a key. */
const PASSWORD = '𝔱𝔢𝔰𝔱𝔭𝔞𝔰𝔰𝔴𝔬𝔯𝔡🔑';
const SECRET = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f';
const SALT = 'd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3';
const PUBKEY = '9612d7a727c9d0a22e185a1c768478dfe919cada9266988cb32359c11f2b7b27f4ae4040902382ae2910c15e2b420d07';

const vector = (kdf: object, checksum: string, message: string) => ({
  crypto: {
    kdf: { ...kdf, message: '' },
    checksum: { function: 'sha256', params: {}, message: checksum },
    cipher: { function: 'aes-128-ctr', params: { iv: '264daa3f303d7259501c93d997d84fe6' }, message },
  },
  description: 'a test vector',
  pubkey: PUBKEY,
  path: 'm/12381/60/3141592653/589793238',
  uuid: '1d85ae20-35c5-4611-98e8-aa14a633906f',
  version: 4,
});

// biome-ignore lint/suspicious/noExplicitAny: a document that is made wrong member by member.
type Loose = any;

const scrypt = vector(
  { function: 'scrypt', params: { dklen: 32, n: 262144, p: 1, r: 8, salt: SALT } },
  'd2217fe5f3e9a1e34581ef8a78f7c9928e436d36dacc5e846690a5581e8ea484',
  '06ae90d55fe0a6e9c5c3bc5b170827b2e5cce3929ed3f116c2811e6366dfe20f',
);
const pbkdf2 = vector(
  { function: 'pbkdf2', params: { dklen: 32, c: 262144, prf: 'hmac-sha256', salt: SALT } },
  '8a9f5d9912ed7e75ea794bc5a89bca5f193721d30868ade6f73043c6ea6febf1',
  'cee03fde2af33149775b7223e7845e4fb2c8ae1792e5f99fe9ecf474cc8c16ad',
);

test('the published vectors open, of both derivations', () => {
  for (const one of [scrypt, pbkdf2]) {
    assert.equal(toHex(decryptKeystore(parseKeystore(one, 'vector'), PASSWORD, 'vector')), SECRET);
  }
});

test('a password counts in NFKD without control codes, as the standard writes its own', () => {
  assert.equal(toHex(passwordBytes(PASSWORD)), '7465737470617373776f7264f09f9491');
  assert.deepEqual(passwordBytes('test\u0000pass\u007f\u0085word\n🔑\r\n'), passwordBytes(PASSWORD));
  assert.notDeepEqual(passwordBytes('testpassword 🔑'), passwordBytes(PASSWORD));
});

test('a wrong password is one error, a changed cipher text the same; BLS keys are not ours', () => {
  const keystore = parseKeystore(pbkdf2, 'old.json');
  assert.throws(() => decryptKeystore(keystore, 'testpassword', 'old.json'), {
    code: 'PASSWORD_WRONG',
    message: /old\.json does not open with this password.*Try another/,
  });
  const changed = structuredClone(pbkdf2);
  changed.crypto.cipher.message = `00${changed.crypto.cipher.message.slice(2)}`;
  assert.throws(() => decryptKeystore(parseKeystore(changed, 'x'), PASSWORD, 'x'), { code: 'PASSWORD_WRONG' });
  const summed = structuredClone(pbkdf2);
  summed.crypto.checksum.message = '11'.repeat(32);
  assert.throws(() => decryptKeystore(parseKeystore(summed, 'x'), PASSWORD, 'x'), { code: 'PASSWORD_WRONG' });
  assert.throws(() => openKeystore(keystore, PASSWORD, 'old.json'), {
    code: 'KEYSTORE_FOREIGN',
    message: /BLS12-381/,
  });
});

test('what is written is read again, and the public key must be the secret’s', () => {
  const secret = Uint8Array.from({ length: 32 }, (_, index) => index * 7);
  for (const kdf of ['scrypt', 'pbkdf2'] as const) {
    const made = encryptKeystore({ secret, password: 'long enough', description: 'd', path: "m/44'/7966'/0'", kdf });
    const keystore = parseKeystore(JSON.parse(JSON.stringify(made)), 'made');
    assert.deepEqual(openKeystore(keystore, 'long enough\n', 'made'), secret);
    assert.deepEqual([keystore.pubkey, keystore.crypto.kdf.function], [publicKeyOf(secret), kdf]);
    if (kdf === 'scrypt') continue;
    const swapped = { ...keystore, pubkey: publicKeyOf(new Uint8Array(32)) };
    assert.throws(() => openKeystore(swapped, 'long enough', 'made'), {
      code: 'KEYSTORE_DAMAGED',
      message: /public key/,
    });
  }
});

test('no two keystores share salt, start or name, though secret and password are the same', () => {
  const secret = new Uint8Array(32).fill(7);
  const make = () => encryptKeystore({ secret, password: 'long enough', description: '', path: '', kdf: 'pbkdf2' });
  const [one, other] = [make(), make()];
  const drawn = ({ uuid, crypto }: typeof one) => [uuid, crypto.kdf.params.salt, crypto.cipher.params.iv];
  for (const [index, value] of drawn(one).entries()) assert.notEqual(value, drawn(other)[index]);
  assert.notEqual(one.crypto.cipher.message, other.crypto.cipher.message);
});

test('every member that is wrong is named, and no file makes this machine work without bound', () => {
  const change = (apply: (one: Loose) => void): unknown => {
    const copy = structuredClone(scrypt);
    apply(copy);
    return copy;
  };
  const withPrf: Loose = structuredClone(pbkdf2);
  withPrf.crypto.kdf.params.prf = 'hmac-sha1';
  const withRounds: Loose = structuredClone(pbkdf2);
  withRounds.crypto.kdf.params.c = 1_000_000_000;
  const wrong: readonly [RegExp, unknown][] = [
    [/it is no object/, null],
    [/it is no object/, []],
    [/"version" is not 4/, change((one) => (one.version = 3))],
    [/"crypto" is no object/, change((one) => (one.crypto = 7))],
    [/"uuid" is no text/, change((one) => delete one.uuid)],
    [/"path" is no text/, change((one) => (one.path = null))],
    [/crypto\.checksum\.function/, change((one) => (one.crypto.checksum.function = 'md5'))],
    [/crypto\.checksum\.message/, change((one) => (one.crypto.checksum.message = '00'))],
    [/crypto\.cipher\.function/, change((one) => (one.crypto.cipher.function = 'xor'))],
    [/crypto\.cipher\.params\.iv/, change((one) => (one.crypto.cipher.params.iv = 'zz'))],
    [/crypto\.cipher\.message/, change((one) => (one.crypto.cipher.message = ''))],
    [/crypto\.cipher\.message/, change((one) => (one.crypto.cipher.message = '0'.repeat(1_000)))],
    [/neither scrypt nor pbkdf2/, change((one) => (one.crypto.kdf.function = 'argon2'))],
    [/dklen/, change((one) => (one.crypto.kdf.params.dklen = 16))],
    [/params\.n" is no whole number/, change((one) => (one.crypto.kdf.params.n = 2 ** 40))],
    [/no power of two/, change((one) => (one.crypto.kdf.params.n = 262_143))],
    [/more memory/, change((one) => (one.crypto.kdf.params.r = 1_024))],
    [/params\.p/, change((one) => (one.crypto.kdf.params.p = 10_000))],
    [/params\.salt/, change((one) => (one.crypto.kdf.params.salt = 5))],
    [/params\.prf/, withPrf],
    [/params\.c"/, withRounds],
  ];
  for (const [message, value] of wrong) {
    assert.throws(
      () => parseKeystore(value, 'bad.json'),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'KEYSTORE_DAMAGED');
        assert.match(error.message, message);
        assert.match(error.message, /^bad\.json is no whole keystore/);
        return true;
      },
    );
  }
});

test('whatever JSON is read, it is a keystore or one error', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('crypto', 'version', 'uuid', 'path', 'pubkey'), (value, member) => {
      const found: unknown = { ...structuredClone(scrypt), [member]: value };
      try {
        assert.equal(parseKeystore(found, 'any').version, 4);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'KEYSTORE_DAMAGED', String(error));
      }
    }),
  );
});
