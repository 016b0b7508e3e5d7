/** Positioned file reads that either fill their buffer or fail. Owns nothing else. */
import type { FileHandle } from 'node:fs/promises';
import { ModelError } from '../errors.ts';

/**
 * Reads `length` bytes at `offset` into a fresh, aligned buffer. Errors: MODEL_FORMAT when the file ends before, or the range is none;
 * nothing is allocated then, because such numbers come out of files that may be damaged.
 */
export async function readExactly(
  handle: FileHandle,
  range: { readonly offset: number; readonly length: number; readonly path: string },
): Promise<Uint8Array> {
  const { size } = await handle.stat();
  const isRange = [range.offset, range.length].every((number) => Number.isSafeInteger(number) && number >= 0);
  if (!isRange || range.offset + range.length > size) throw endsBefore(range);
  const bytes = new Uint8Array(range.length);
  let done = 0;
  while (done < range.length) {
    const { bytesRead } = await handle.read(bytes, done, range.length - done, range.offset + done);
    if (bytesRead === 0) throw endsBefore(range);
    done += bytesRead;
  }
  return bytes;
}

function endsBefore({ path, offset, length }: { path: string; offset: number; length: number }): ModelError {
  return new ModelError('MODEL_FORMAT', `${path} ends before byte ${offset + length}.`, {
    facts: { path, offset, length },
  });
}
