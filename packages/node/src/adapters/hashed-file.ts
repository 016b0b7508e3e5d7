/**
 * Files that tell when they are not what was written: the SHA-256 of the content, then the content. Owns that frame; it finds
 * accidents of a disk and half-written files, not forgeries.
 */

import { existsSync, readFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { sha256 } from '@synod/chain';
import { type FileOperations, systemFiles } from './durable-files.ts';

const HASH_BYTES = 32;

/** The content; null when there is no such file; `damaged` when it is not what was written. */
export function readChecked(path: string): Uint8Array | 'damaged' | null {
  if (!existsSync(path)) return null;
  const file = readFileSync(path);
  if (file.length < HASH_BYTES) return 'damaged';
  const content = new Uint8Array(file.buffer, file.byteOffset + HASH_BYTES, file.length - HASH_BYTES);
  if (Buffer.compare(sha256(content), file.subarray(0, HASH_BYTES)) !== 0) return 'damaged';
  return content;
}

/** Writes the file, durable when it resolves; its directory is the caller's to sync. Gives the bytes written. */
export async function writeChecked(
  path: string,
  content: Uint8Array,
  files: FileOperations = systemFiles,
): Promise<number> {
  let file: FileHandle | null = null;
  try {
    file = await files.promises.open(path, 'w', 0o600);
    await file.writev([sha256(content), content]);
    await file.sync();
  } finally {
    await file?.close();
  }
  return HASH_BYTES + content.length;
}
