/**
 * The manifest of a snapshot: the roots of all parts of a state at one depth (spec: snapshot §3). Owns its canonical form, the
 * choice of the depth, and the check that it adds up to a state root before a single chunk is fetched.
 */

import { container, list } from '../codec/composites.ts';
import { type Decoded, notDecoded } from '../codec/decoded.ts';
import { codecLimits } from '../codec/limits.ts';
import { hash, safeInteger, text, u32 } from '../codec/primitives.ts';
import { createCodec, unsigned } from '../codec/schema.ts';
import { type PartRoot, prefixOf, rootOfParts, type StateTree } from '../merkle/index.ts';
import { leavesOf } from '../merkle/sparse-tree.ts';
import { type Hash, type Height, ZERO_HASH } from '../types/index.ts';
import { chunkLeafBytes } from './snapshot-chunk.ts';
import { snapshotLimits } from './snapshot-limits.ts';

export type SnapshotChunkEntry = PartRoot & {
  /** Length of the chunk; to plan with, not to trust. */
  readonly bytes: number;
};

/** State after the block at `height`; its root stands in the header above. */
export type SnapshotManifest = {
  readonly version: number;
  readonly chainId: string;
  readonly height: Height;
  readonly stateRoot: Hash;
  /** There are 2^depth chunks, one for each beginning of a key hash of that many bits. */
  readonly depth: number;
  readonly chunks: readonly SnapshotChunkEntry[];
};

export const SNAPSHOT_VERSION = 1;

/** Measuring stops after each of 2^10 parts. */
const MEASURE_DEPTH = 10;

const chunkEntry = container<SnapshotChunkEntry>({ hash, leaves: u32, bytes: u32 });

const codec = createCodec<SnapshotManifest>(
  'snapshot manifest',
  container<SnapshotManifest>({
    version: unsigned(1, 255),
    chainId: text(codecLimits.chainIdBytes),
    height: safeInteger,
    stateRoot: hash,
    depth: unsigned(1, snapshotLimits.depthMax),
    chunks: list(chunkEntry, 2 ** snapshotLimits.depthMax),
  }),
  snapshotLimits.manifestBytesMax,
);

/** Canonical form of a manifest. */
export const encodeManifest: (manifest: SnapshotManifest) => Uint8Array = codec.encode;

/** Reads a manifest and checks that its parts add up to the state root it names: what is refused here is worth nothing. Total. */
export function decodeManifest(bytes: Uint8Array): Decoded<SnapshotManifest> {
  const read = codec.decode(bytes);
  if (!read.ok) return read;
  const { version, depth, chunks, stateRoot } = read.value;
  if (version !== SNAPSHOT_VERSION) return notDecoded(`snapshot version ${version}`);
  if (chunks.length !== 2 ** depth) return notDecoded(`${chunks.length} chunks at depth ${depth}`);
  if (chunks.some((chunk) => !isPossible(chunk))) return notDecoded('a chunk that cannot be');
  if (rootOfParts(chunks) !== stateRoot) return notDecoded('the parts do not add up to the state root');
  return read;
}

function isPossible({ leaves, bytes, hash: root }: SnapshotChunkEntry): boolean {
  const isEmpty = root === ZERO_HASH;
  return (leaves === 0) === isEmpty && (leaves === 0) === (bytes === 0) && bytes <= snapshotLimits.chunkBytesMax;
}

/**
 * The lengths of a state's chunks at `depthMax`. A large state takes a while: it stops now and then, so that the caller can do
 * something else in between.
 */
export function* measureChunks(state: StateTree): Generator<undefined, readonly number[], undefined> {
  const { depthMax } = snapshotLimits;
  const lengths = new Array<number>(2 ** depthMax).fill(0);
  for (let index = 0; index < 2 ** MEASURE_DEPTH; index++) {
    for (const { keyHash, key, value } of leavesOf(state.part(MEASURE_DEPTH, index).node)) {
      const place = prefixOf(keyHash, depthMax);
      lengths[place] = (lengths[place] ?? 0) + chunkLeafBytes(Buffer.byteLength(key), value.length);
    }
    yield undefined;
  }
  return lengths;
}

/**
 * The smallest depth at which no chunk is larger than the target, given the bytes of the chunks at `depthMax`; equal states so
 * give equal snapshots. `depthMax` itself when one record alone is larger.
 */
export function snapshotDepth(bytesAtDepthMax: readonly number[]): {
  readonly depth: number;
  readonly bytes: readonly number[];
} {
  const levels: (readonly number[])[] = [bytesAtDepthMax];
  for (let level = bytesAtDepthMax; level.length > 1; levels.unshift(level)) {
    const below = level;
    level = Array.from({ length: below.length / 2 }, (_, i) => (below[2 * i] ?? 0) + (below[2 * i + 1] ?? 0));
  }
  const fits = levels.findIndex((level) => level.every((bytes) => bytes <= snapshotLimits.chunkBytesTarget));
  const depth = fits === -1 ? levels.length - 1 : fits;
  return { depth, bytes: levels[depth] ?? [] };
}

/** Leaves and bytes of the whole snapshot, as its maker says. */
export function snapshotSize({ chunks }: SnapshotManifest): { readonly leaves: number; readonly bytes: number } {
  return chunks.reduce((sum, { leaves, bytes }) => ({ leaves: sum.leaves + leaves, bytes: sum.bytes + bytes }), {
    leaves: 0,
    bytes: 0,
  });
}

/** True when the manifest is of this chain, height and state: the header above `height` must say the same. */
export function isManifestOf(
  manifest: SnapshotManifest,
  trusted: { readonly chainId: string; readonly height: Height; readonly stateRoot: Hash },
): boolean {
  const { chainId, height, stateRoot } = trusted;
  return manifest.chainId === chainId && manifest.height === height && manifest.stateRoot === stateRoot;
}

/** The manifest of a state. `bytes` are the lengths of its chunks at `depth`, as `measureChunks` and `snapshotDepth` give them. */
export function createManifest(
  state: StateTree,
  facts: {
    readonly chainId: string;
    readonly height: Height;
    readonly depth: number;
    readonly bytes: readonly number[];
  },
): SnapshotManifest {
  const { chainId, height, depth, bytes } = facts;
  const chunks = bytes.map((size, index) => ({ ...state.part(depth, index).root, bytes: size }));
  return { version: SNAPSHOT_VERSION, chainId, height, stateRoot: state.root, depth, chunks };
}
