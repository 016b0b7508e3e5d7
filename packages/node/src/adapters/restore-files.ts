/**
 * What a restoration has fetched so far, in a folder of its own: manifest, anchor, chunks, each a checked file. Owns that they
 * survive a kill and that what is damaged is as if it were not there; each chunk is checked against the chain again anyway.
 */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OfferedSnapshot, RestoreFiles } from '../host/index.ts';
import { type FileOperations, systemFiles } from './durable-files.ts';
import { readChecked, writeChecked } from './hashed-file.ts';
import { makeDirectory } from './make-directory.ts';
import type { Deliver } from './node-store.ts';
import { chunkFile } from './snapshot-files.ts';
import { writeFailed } from './store-errors.ts';

const PARTS = ['manifest', 'proof', 'lightBlock', 'block', 'results'] as const;

export type OpenedRestoreFiles = RestoreFiles & {
  /** Resolves when everything asked for is on disk, or has failed. */
  settled(): Promise<void>;
};

/** Opens the folder, which need not exist. Failed writes are delivered as `storageFailed`. */
export function openRestoreFiles(
  folder: string,
  deliver: Deliver,
  disk: FileOperations = systemFiles,
): OpenedRestoreFiles {
  let queue: Promise<void> = Promise.resolve();
  let isFailed = false;
  const write = (path: string, content: Uint8Array): void => {
    queue = queue.then(async () => {
      if (isFailed) return;
      try {
        await writeChecked(path, content, disk);
      } catch (cause) {
        isFailed = true;
        deliver({ kind: 'storageFailed', error: writeFailed(folder, cause) });
      }
    });
  };
  return {
    begun: () => readBegun(folder),
    begin(snapshot) {
      makeDirectory(folder, 0o700);
      for (const part of PARTS) write(join(folder, part), snapshot[part]);
    },
    chunk: (index) => {
      const content = readChecked(chunkFile(folder, index));
      return content instanceof Uint8Array ? content : null;
    },
    chunks: () => (existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('chunk-')).length : 0),
    save: (index, bytes) => write(chunkFile(folder, index), bytes),
    settled: () => queue,
  };
}

/** Forgets the restoration. */
export function removeRestoreFiles(folder: string, disk: FileOperations = systemFiles): void {
  disk.rmSync(folder, { recursive: true, force: true });
}

function readBegun(folder: string): OfferedSnapshot | null {
  const [manifest, proof, lightBlock, block, results] = PARTS.map((part) => readChecked(join(folder, part)));
  if (!isWhole(manifest) || !isWhole(proof) || !isWhole(lightBlock) || !isWhole(block) || !isWhole(results))
    return null;
  return { manifest, proof, lightBlock, block, results };
}

function isWhole(content: Uint8Array | 'damaged' | null | undefined): content is Uint8Array {
  return content instanceof Uint8Array;
}
