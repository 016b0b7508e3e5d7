/**
 * Wallet keys: BIP-39 mnemonics and SLIP-10 derivation for Ed25519. Owns derivation only; where secrets are kept, and the
 * randomness they start from, belong to the command line.
 */
import { createHmac } from 'node:crypto';
import { entropyToMnemonic, mnemonicToSeedSync, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { SynodError } from '../errors.ts';

/** Path of a wallet's first account; the last number counts accounts. All steps are hardened, as Ed25519 requires. */
export const ACCOUNT_PATH = "m/44'/7966'/0'";

const HARDENED = 0x8000_0000;
const DEPTH_MAX = 16;

/** English mnemonic of 16, 20, 24, 28 or 32 bytes of entropy (BIP-39), else `ENTROPY_LENGTH`. */
export function mnemonicFromEntropy(entropy: Uint8Array): string {
  if (entropy.length < 16 || entropy.length > 32 || entropy.length % 4 !== 0) {
    throw new SynodError(
      'ENTROPY_LENGTH',
      'A mnemonic is made of 16, 20, 24, 28 or 32 random bytes. Draw one of these.',
      {
        facts: { length: entropy.length },
      },
    );
  }
  return entropyToMnemonic(entropy, wordlist);
}

/** 64-byte seed of an English mnemonic (BIP-39); `MNEMONIC_INVALID` for an unknown word, a wrong count or checksum. */
export function mnemonicToSeed(mnemonic: string, passphrase = ''): Uint8Array {
  const words = mnemonic.trim().toLowerCase().split(/\s+/).join(' ');
  if (!validateMnemonic(words, wordlist)) {
    throw new SynodError(
      'MNEMONIC_INVALID',
      'The mnemonic has an unknown word, a wrong number of words or a wrong checksum. Compare it with the written copy.',
      { facts: { words: words.split(' ').length } },
    );
  }
  return mnemonicToSeedSync(words, passphrase);
}

/**
 * SLIP-10 private key of 32 bytes at `path` below `seed` (16 … 64 bytes), e.g. `m/44'/7966'/0'`. Every step is hardened
 * (written `'`), else `KEY_PATH_MALFORMED`.
 */
export function deriveKey(seed: Uint8Array, path: string): Uint8Array {
  if (seed.length < 16 || seed.length > 64) {
    throw new SynodError('SEED_LENGTH', 'A seed has 16 to 64 bytes. Derive it with mnemonicToSeed.', {
      facts: { length: seed.length },
    });
  }
  let node = hmacSha512(Buffer.from('ed25519 seed'), seed);
  for (const index of parsePath(path)) {
    const data = Buffer.alloc(37);
    data.set(node.subarray(0, 32), 1);
    data.writeUInt32BE(HARDENED + index, 33);
    node = hmacSha512(node.subarray(32), data);
  }
  return Uint8Array.from(node.subarray(0, 32));
}

function hmacSha512(key: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac('sha512', key).update(data).digest();
}

function parsePath(path: string): readonly number[] {
  const steps = path.split('/').slice(1);
  const indices = steps.map((step) => (/^\d{1,10}'$/.test(step) ? Number(step.slice(0, -1)) : Number.NaN));
  const wellFormed = path.startsWith('m') && path.split('/')[0] === 'm' && steps.length <= DEPTH_MAX;
  if (!wellFormed || !indices.every((index) => index < HARDENED)) {
    throw new SynodError('KEY_PATH_MALFORMED', "A key path looks like m/44'/7966'/0': hardened steps below 2³¹ only.", {
      facts: { path },
    });
  }
  return indices;
}
