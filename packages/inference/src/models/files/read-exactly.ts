/** Positioned file reads that either fill their buffer or fail. Owns nothing else. */
import type { FileHandle } from 'node:fs/promises';
import { ModelError } from '../errors.ts';

/** Reads `length` bytes at `offset` into a fresh, aligned buffer. Errors: MODEL_FORMAT when the file ends before. */
export async function readExactly(
  handle: FileHandle,
  range: { readonly offset: number; readonly length: number; readonly path: string },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(range.length);
  let done = 0;
  while (done < range.length) {
    const { bytesRead } = await handle.read(bytes, done, range.length - done, range.offset + done);
    if (bytesRead === 0) {
      throw new ModelError('MODEL_FORMAT', `${range.path} ends before byte ${range.offset + range.length}.`, {
        facts: { path: range.path, offset: range.offset, length: range.length },
      });
    }
    done += bytesRead;
  }
  return bytes;
}
