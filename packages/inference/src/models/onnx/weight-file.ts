/**
 * A file of raw tensors that several graphs refer to by offset. Owns its alignment rule; the graphs own the meaning of
 * the tensors. Tensors are written as they come, so only one needs to be in memory.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { withRoomFor } from '../../files/disk-full.ts';
import type { TensorType } from './schema.ts';

const PAGE_BYTES = 4096;
const CACHE_LINE_BYTES = 64;

/** A tensor in a weight file. */
export type StoredTensor = {
  readonly name: string;
  readonly type: TensorType;
  readonly dims: readonly number[];
  /** File name, next to the graph that uses it. */
  readonly location: string;
  readonly offset: number;
  readonly bytes: number;
};

export type TensorData = { readonly name: string; readonly type: TensorType; readonly dims: readonly number[] };

/** Appends tensors to a new file. Call `close` when done. */
export class WeightFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #location: string;
  #end = 0;

  private constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
    this.#location = basename(path);
  }

  /** Creates or empties the file at `path`. */
  static async create(path: string): Promise<WeightFile> {
    return new WeightFile(await open(path, 'w'), path);
  }

  /** Writes a tensor: at a page boundary when it fills a page (so that it can be mapped), else at a cache line. Errors: DISK_FULL. */
  async append(tensor: TensorData, data: ArrayBufferView): Promise<StoredTensor> {
    const alignment = data.byteLength >= PAGE_BYTES ? PAGE_BYTES : CACHE_LINE_BYTES;
    const offset = Math.ceil(this.#end / alignment) * alignment;
    const end = offset + data.byteLength;
    await withRoomFor(this.#path, end, () =>
      writeFully(this.#handle, new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset),
    );
    this.#end = end;
    return { ...tensor, location: this.#location, offset, bytes: data.byteLength };
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** The same stored bytes under another name and shape. */
export function reshaped(tensor: StoredTensor, name: string, dims: readonly number[]): StoredTensor {
  return { ...tensor, name, dims };
}

async function writeFully(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}
