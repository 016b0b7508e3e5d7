/**
 * One chunk of a snapshot: the leaves of one part of the state, in order (spec: snapshot §2). Owns its bytes and the check
 * that needs nothing but the part's root.
 */
import { type Decoded, notDecoded } from '../codec/decoded.ts';
import { type PartLeaf, type PartRoot, StatePart } from '../merkle/index.ts';
import { leavesOf } from '../merkle/sparse-tree.ts';
import { snapshotLimits } from './snapshot-limits.ts';

/** u16 length of the key, u32 length of the value, both little-endian. */
const LEAF_HEADER_BYTES = 6;
const KEY_BYTES_MAX = 65_535;

/** Bytes that a leaf takes in a chunk. `keyBytes` is the length of the key in UTF-8. */
export function chunkLeafBytes(keyBytes: number, valueBytes: number): number {
  return LEAF_HEADER_BYTES + keyBytes + valueBytes;
}

/** The leaves of the part one after the other: lengths of key and value, key, value. */
export function encodeChunk(part: StatePart): Uint8Array {
  const leaves = [...leavesOf(part.node)].map(({ key, value }) => ({ key, keyBytes: Buffer.byteLength(key), value }));
  const size = leaves.reduce((sum, { keyBytes, value }) => sum + chunkLeafBytes(keyBytes, value.length), 0);
  const bytes = Buffer.alloc(size);
  let at = 0;
  for (const { key, keyBytes, value } of leaves) {
    if (keyBytes > KEY_BYTES_MAX) throw new RangeError(`a state key has ${keyBytes} bytes`);
    bytes.writeUInt16LE(keyBytes, at);
    bytes.writeUInt32LE(value.length, at + 2);
    bytes.write(key, at + LEAF_HEADER_BYTES);
    bytes.set(value, at + LEAF_HEADER_BYTES + keyBytes);
    at += chunkLeafBytes(keyBytes, value.length);
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The leaves of a chunk, views into its bytes. Total. Says nothing of where they belong: `openChunk` does. */
export function decodeChunk(bytes: Uint8Array): Decoded<readonly PartLeaf[]> {
  if (bytes.length > snapshotLimits.chunkBytesMax) return notDecoded(`a chunk of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const leaves: PartLeaf[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + LEAF_HEADER_BYTES > bytes.length) return notDecoded('the chunk ends inside a leaf');
    const valueAt = at + LEAF_HEADER_BYTES + view.getUint16(at, true);
    const end = valueAt + view.getUint32(at + 2, true);
    if (end > bytes.length) return notDecoded('the chunk ends inside a leaf');
    leaves.push({ key: bytes.subarray(at + LEAF_HEADER_BYTES, valueAt), value: bytes.subarray(valueAt, end) });
    at = end;
  }
  return { ok: true, value: leaves };
}

/**
 * The part of the state that a chunk holds, checked against the part's root: then it is the state's, whoever sent it.
 * Total. Values are views into `bytes`, which must not be changed afterwards.
 */
export function openChunk(
  bytes: Uint8Array,
  place: { readonly depth: number; readonly index: number; readonly root: PartRoot },
): Decoded<StatePart> {
  const leaves = decodeChunk(bytes);
  if (!leaves.ok) return leaves;
  const part = StatePart.fromLeaves(place.depth, place.index, leaves.value);
  if (part.ok && part.value.root.hash !== place.root.hash) {
    return notDecoded('the leaves do not add up to the root of their part');
  }
  return part;
}
