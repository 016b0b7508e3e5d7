/**
 * The few file operations whose order decides what survives a crash. Owns "written whole or not at all" and the list
 * of operations a fault-injecting test may replace; knows nothing of what the files mean.
 */
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The operations of `node:fs` that durable writes are made of. Tests pass a version that fails at a chosen call, or loses what was not synced. */
export type FileOperations = Pick<
  typeof fs,
  'openSync' | 'closeSync' | 'writeSync' | 'ftruncateSync' | 'fsyncSync' | 'fdatasyncSync' | 'renameSync' | 'rmSync'
> & { readonly promises: Pick<typeof fs.promises, 'open' | 'rename'> };

export const systemFiles: FileOperations = fs;

/** Writes all bytes at the file's end; a short write is continued. */
export function writeAll(files: FileOperations, descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += files.writeSync(descriptor, bytes, done, bytes.length - done);
}

/** Makes creations, renames and deletions inside the directory survive a power loss. */
export function syncDirectory(files: FileOperations, directory: string): void {
  // Windows has no descriptor for a directory; there the rename itself is journalled by the file system.
  if (process.platform === 'win32') return;
  const descriptor = files.openSync(directory, 'r');
  try {
    files.fsyncSync(descriptor);
  } finally {
    files.closeSync(descriptor);
  }
}

/**
 * Replaces the file so that after a crash at any point it holds either the old bytes or the new ones, never a part.
 * Durable when it returns. Throws the system's error; the old content then may or may not have been replaced.
 */
export function replaceFile(files: FileOperations, path: string, bytes: Uint8Array): void {
  replaceFileUnlisted(files, path, bytes);
  syncDirectory(files, dirname(path));
}

/** The same, but the replacement itself becomes durable only with the directory's next sync. */
export function replaceFileUnlisted(files: FileOperations, path: string, bytes: Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.new`);
  const descriptor = files.openSync(temporary, 'w', 0o600);
  try {
    writeAll(files, descriptor, bytes);
    files.fdatasyncSync(descriptor);
  } finally {
    files.closeSync(descriptor);
  }
  files.renameSync(temporary, path);
}
