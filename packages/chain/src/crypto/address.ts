/**
 * Account addresses (spec: codec §2): 20 bytes of a tagged hash of the public key, written as bech32m with prefix `syn`.
 * Owns both directions between text and bytes; which accounts exist is state.
 */
import { bech32m } from '@scure/base';
import { type Decoded, decoded, notDecoded } from '../codec/decoded.ts';
import { SynodError } from '../errors.ts';
import type { Address, PublicKey } from '../types/index.ts';
import { taggedHashBytes } from './hash.ts';
import { fromHex } from './hex.ts';

const PREFIX = 'syn';
/** `syn` + separator + 32 data digits (160 bits, no padding: one text per address) + 6 checksum digits. */
const TEXT_LENGTH = 42;

/** Bytes in an address. */
export const ADDRESS_BYTES = 20;

/** Entries kept in each; a full memo starts over, which costs time and changes no result. */
const MEMO_MAX = 65_536;
const bytesByText = new Map<string, Uint8Array>();
const textByKey = new Map<PublicKey, Address>();
/** By the bytes as Latin-1 text, one character a byte. */
const textByBytes = new Map<string, Address>();

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('latin1');
}

function remember(text: Address, bytes: Uint8Array): void {
  if (bytesByText.size >= MEMO_MAX) bytesByText.clear();
  if (textByBytes.size >= MEMO_MAX) textByBytes.clear();
  bytesByText.set(text, bytes);
  textByBytes.set(latin1(bytes), text);
}

/** The address of a key: the first 20 bytes of the tagged hash `synod/address/1` of its 32 bytes (codec §2). */
export function addressOf(publicKey: PublicKey): Address {
  const known = textByKey.get(publicKey);
  if (known !== undefined) return known;
  const address = addressFromBytes(taggedHashBytes('synod/address/1', fromHex(publicKey)).subarray(0, ADDRESS_BYTES));
  if (textByKey.size >= MEMO_MAX) textByKey.clear();
  textByKey.set(publicKey, address);
  return address;
}

/** Writes 20 bytes as an address. Throws `ADDRESS_LENGTH` for any other length: the caller owns that check. */
export function addressFromBytes(bytes: Uint8Array): Address {
  if (bytes.length !== ADDRESS_BYTES) {
    throw new SynodError('ADDRESS_LENGTH', 'An address has 20 bytes. Check where these bytes come from.', {
      facts: { length: bytes.length },
    });
  }
  const known = textByBytes.get(latin1(bytes));
  if (known !== undefined) return known;
  const text = bech32m.encode(PREFIX, bech32m.toWords(bytes)) as Address;
  remember(text, Uint8Array.from(bytes));
  return text;
}

/** The address of 20 bytes given as Latin-1 text, if it was written or read before. */
export function knownAddress(latin1: string): Address | undefined {
  return textByBytes.get(latin1);
}

/** The 20 bytes of an address, as a fresh array. Throws `ADDRESS_MALFORMED` when the text is none. */
export function addressBytes(address: Address): Uint8Array {
  return sharedAddressBytes(address).slice();
}

/** {@link addressBytes} without the copy: the memo's own bytes, to be read at once and not changed. */
export function sharedAddressBytes(address: Address): Uint8Array {
  const parsed = readAddress(address);
  if (!parsed.ok) {
    throw new SynodError('ADDRESS_MALFORMED', `Not an address: ${parsed.reason}. Parse foreign text before using it.`);
  }
  return parsed.value;
}

/** Reads untrusted text as an address: bech32m, prefix `syn`, 20 bytes, lowercase, in its one canonical form. */
export function parseAddress(text: string): Decoded<Address> {
  const parsed = readAddress(text);
  return parsed.ok ? decoded(text as Address) : parsed;
}

/** The memo's own bytes: callers here copy before handing them on. */
function readAddress(text: string): Decoded<Uint8Array> {
  const known = bytesByText.get(text);
  if (known !== undefined) return decoded(known);
  if (text.length !== TEXT_LENGTH) return notDecoded(`an address has ${TEXT_LENGTH} characters, not ${text.length}`);
  if (text !== text.toLowerCase()) return notDecoded('an address is lowercase');
  const unwrapped = bech32m.decodeUnsafe(text);
  if (unwrapped === undefined) return notDecoded('the bech32m checksum or alphabet is wrong');
  if (unwrapped.prefix !== PREFIX) return notDecoded(`an address starts with ${PREFIX}1`);
  const bytes = bech32m.fromWordsUnsafe(unwrapped.words);
  if (bytes === undefined || bytes.length !== ADDRESS_BYTES) return notDecoded('an address has 20 bytes');
  remember(text as Address, bytes);
  return decoded(bytes);
}
