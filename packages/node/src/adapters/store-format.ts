/**
 * Where each record lies in the database, and how it is framed. Owns the bucket table and the checksum of values;
 * knows nothing of LevelDB.
 *
 * A key is one bucket byte and then the record's own key. A value is the CRC-32C of key and content, then the content:
 * LevelDB does not check what it reads, and a flipped bit must not become state.
 */
import { fromHex, type Hash, type Height, toHex } from '@synod/chain';
import { crc32c } from './crc32c.ts';

/** Changed whenever any line below changes its meaning, or a state that lies there would go on otherwise than before. */
export const STORE_FORMAT_VERSION = 7;

/** First byte of every key. A number once given is never used for anything else. */
export const BUCKETS = {
  /** name → text: format version, chain id, genesis hash; applied height and state root. */
  meta: 0,
  /** height → 32 bytes hash, then the encoded block. */
  block: 1,
  /** height → encoded extended commit that decided the block. */
  commit: 2,
  /** block hash → height. */
  heightOfHash: 3,
  /** state key (UTF-8) → encoded record. */
  state: 4,
  /** height → encoded block results. */
  results: 5,
  /** transaction id → height, then u32 index in its block. */
  transaction: 6,
  /** query id → height that settled it. */
  querySettled: 7,
  /** name (UTF-8) → the node's own note. */
  local: 8,
  /** height → what the block did, as JSON; none for heights that a program without this bucket applied, and for restored ones. */
  events: 9,
} as const;

export type Bucket = keyof typeof BUCKETS;

export const META_KEYS = ['formatVersion', 'chainId', 'genesisHash', 'appliedHeight', 'stateRoot'] as const;
export type MetaKey = (typeof META_KEYS)[number];

const CHECKSUM_BYTES = 4;

export function textKey(bucket: Bucket, text: string): Uint8Array {
  return bucketKey(bucket, Buffer.from(text, 'utf8'));
}

export function hashKey(bucket: Bucket, hash: Hash): Uint8Array {
  return bucketKey(bucket, fromHex(hash));
}

/** Big-endian, so that heights lie in order. */
export function heightKey(bucket: Bucket, height: Height): Uint8Array {
  return bucketKey(bucket, encodeHeight(height));
}

/** Bounds of all keys of a bucket, for iteration. */
export function bucketRange(bucket: Bucket): { readonly gte: Uint8Array; readonly lt: Uint8Array } {
  return { gte: Uint8Array.of(BUCKETS[bucket]), lt: Uint8Array.of(BUCKETS[bucket] + 1) };
}

/** A key without its bucket byte, as text. */
export function keyText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset + 1, key.length - 1).toString('utf8');
}

export function keyHeight(key: Uint8Array): Height {
  return decodeHeight(key.subarray(1));
}

export function encodeHeight(height: Height): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(height));
  return bytes;
}

export function decodeHeight(bytes: Uint8Array): Height {
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
}

/** Place of a transaction in the chain. */
export type TransactionPlace = { readonly height: Height; readonly index: number };

export function encodePlace({ height, index }: TransactionPlace): Uint8Array {
  const bytes = new Uint8Array(12);
  bytes.set(encodeHeight(height));
  new DataView(bytes.buffer).setUint32(8, index);
  return bytes;
}

export function decodePlace(bytes: Uint8Array): TransactionPlace {
  return { height: decodeHeight(bytes), index: new DataView(bytes.buffer, bytes.byteOffset).getUint32(8) };
}

export function encodeHashedBlock(hash: Hash, block: Uint8Array): Uint8Array {
  return Buffer.concat([fromHex(hash), block]);
}

export function decodeHashedBlock(bytes: Uint8Array): { readonly hash: Hash; readonly block: Uint8Array } {
  return { hash: toHex(bytes.subarray(0, 32)) as Hash, block: bytes.subarray(32) };
}

export function frameValue(key: Uint8Array, content: Uint8Array): Uint8Array {
  const value = new Uint8Array(CHECKSUM_BYTES + content.length);
  new DataView(value.buffer).setUint32(0, crc32c(content, crc32c(key)));
  value.set(content, CHECKSUM_BYTES);
  return value;
}

/** The content, or null when the value is not what was written under this key. */
export function unframeValue(key: Uint8Array, value: Uint8Array): Uint8Array | null {
  if (value.length < CHECKSUM_BYTES) return null;
  const content = value.subarray(CHECKSUM_BYTES);
  const checksum = new DataView(value.buffer, value.byteOffset).getUint32(0);
  return checksum === crc32c(content, crc32c(key)) ? content : null;
}

function bucketKey(bucket: Bucket, key: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + key.length);
  bytes[0] = BUCKETS[bucket];
  bytes.set(key, 1);
  return bytes;
}
