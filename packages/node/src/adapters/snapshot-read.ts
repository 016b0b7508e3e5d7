/**
 * A snapshot on disk back into a state. Owns the walk over its chunks with the event loop running in between; every chunk is
 * checked against its root, and the roots against the manifest's state root, when they are opened.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openChunk, type StatePart, StateTree, SynodError } from '@synod/chain';
import type { SnapshotFolder } from './snapshot-files.ts';

/** Called after each chunk: how many of how many are done, and the bytes read. */
export type SnapshotProgress = (done: number, of: number, bytes: number) => void;

/**
 * The whole state of a snapshot, with the root that its manifest names; whether that root is to be believed is the caller's.
 * Throws `SNAPSHOT_DAMAGED`.
 */
export async function readSnapshotState(
  snapshot: SnapshotFolder,
  onProgress: SnapshotProgress = () => undefined,
): Promise<StateTree> {
  const { depth, chunks } = snapshot.manifest;
  const parts: StatePart[] = [];
  let bytes = 0;
  for (const [index, root] of chunks.entries()) {
    const chunk = snapshot.chunk(index);
    const part = openChunk(chunk, { depth, index, root });
    if (!part.ok) {
      throw new SynodError(
        'SNAPSHOT_DAMAGED',
        `Chunk ${index} of the snapshot in ${snapshot.folder} does not hold: ${part.reason}. Get the snapshot from another source.`,
        { facts: { folder: snapshot.folder, chunk: index } },
      );
    }
    parts.push(part.value);
    bytes += chunk.length;
    onProgress(index + 1, chunks.length, bytes);
    await nextTurn();
  }
  return StateTree.fromParts(parts);
}
