/**
 * Reads one safetensors file on disk: an 8-byte little-endian header length, a JSON header, then raw tensors. Owns where
 * tensors lie; only 32-bit floats are needed here and read.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { ModelError } from '../errors.ts';
import { readExactly } from './read-exactly.ts';

const HEADER_BYTES_MAX = 1 << 20;

export type FloatTensor = { readonly dims: readonly number[]; readonly data: Float32Array };

type TensorEntry = { readonly dims: readonly number[]; readonly start: number; readonly bytes: number };

/** An open safetensors file. Call `close` when done. Errors: MODEL_FORMAT. */
export class SafetensorsFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #entries: ReadonlyMap<string, TensorEntry>;

  private constructor(path: string, handle: FileHandle, entries: ReadonlyMap<string, TensorEntry>) {
    this.path = path;
    this.#handle = handle;
    this.#entries = entries;
  }

  static async open(path: string): Promise<SafetensorsFile> {
    const handle = await open(path, 'r');
    try {
      return new SafetensorsFile(path, handle, await readEntries(handle, path));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async tensor(name: string): Promise<FloatTensor> {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw wrong(this.path, `there is no 32-bit float tensor ${name}`);
    const raw = await readExactly(this.#handle, { offset: entry.start, length: entry.bytes, path: this.path });
    return { dims: entry.dims, data: new Float32Array(raw.buffer) };
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function readEntries(handle: FileHandle, path: string): Promise<ReadonlyMap<string, TensorEntry>> {
  const prefix = await readExactly(handle, { offset: 0, length: 8, path });
  const headerBytes = Number(new DataView(prefix.buffer).getBigUint64(0, true));
  if (headerBytes > HEADER_BYTES_MAX) throw wrong(path, `its header claims ${headerBytes} bytes`);
  const header = await readExactly(handle, { offset: 8, length: headerBytes, path });
  const entries = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(parseHeader(header, path))) {
    const { dtype, shape, data_offsets: range } = value;
    if (dtype !== 'F32' || shape === undefined || range === undefined) continue;
    entries.set(name, { dims: shape, start: 8 + headerBytes + range[0], bytes: range[1] - range[0] });
  }
  return entries;
}

type HeaderEntry = { dtype?: string; shape?: number[]; data_offsets?: [number, number] };

function parseHeader(header: Uint8Array, path: string): Record<string, HeaderEntry> {
  try {
    return JSON.parse(new TextDecoder().decode(header)) as Record<string, HeaderEntry>;
  } catch (cause) {
    throw new ModelError('MODEL_FORMAT', `${path} is no safetensors file.`, { facts: { path }, cause });
  }
}

function wrong(path: string, what: string): ModelError {
  return new ModelError('MODEL_FORMAT', `${path}: ${what}.`, { facts: { path } });
}
