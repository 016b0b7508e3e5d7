/**
 * Reads one GGUF file on disk: metadata by name, tensors by name. Owns where tensors lie; the meaning of blocks is in
 * blocks.ts and that of names in llama-source.ts.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { GGMLQuantizationType, type GGUFParseOutput, gguf } from '@huggingface/gguf';
import { ModelError } from '../errors.ts';
import { readExactly } from '../files/read-exactly.ts';
import { decodeQ4_1, decodeQ8_0, type Q4Matrix, type Q8Matrix } from './blocks.ts';

type TensorInfo = GGUFParseOutput['tensorInfos'][number];

/** Bytes an element takes, as a fraction [bytes, elements] to stay with whole numbers. */
const BLOCK_BYTES = new Map<GGMLQuantizationType, readonly [bytes: number, elements: number]>([
  [GGMLQuantizationType.F32, [4, 1]],
  [GGMLQuantizationType.Q4_1, [20, 32]],
  [GGMLQuantizationType.Q8_0, [34, 32]],
]);

/** An open GGUF file. Call `close` when done. Errors: MODEL_FORMAT. */
export class GgufFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #metadata: ReadonlyMap<string, unknown>;
  readonly #tensors: ReadonlyMap<string, TensorInfo>;
  readonly #dataOffset: bigint;

  private constructor(path: string, handle: FileHandle, parsed: GGUFParseOutput) {
    this.path = path;
    this.#handle = handle;
    this.#metadata = new Map(Object.entries(parsed.metadata));
    this.#tensors = new Map(parsed.tensorInfos.map((info) => [info.name, info]));
    this.#dataOffset = parsed.tensorDataOffset;
  }

  static async open(path: string): Promise<GgufFile> {
    const parsed = await gguf(path, { allowLocalFile: true }).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ModelError('MODEL_FORMAT', `${path} is not a readable GGUF file: ${why}.`, { facts: { path }, cause });
    });
    return new GgufFile(path, await open(path, 'r'), parsed as GGUFParseOutput);
  }

  number(key: string): number {
    const value = this.#metadata.get(key);
    if (typeof value === 'number') return value;
    throw this.#wrong(`metadata ${key} is no number`);
  }

  /** Fails unless the metadata says so. */
  expect(key: string, value: string): void {
    const found = this.#metadata.get(key);
    if (found !== value) throw this.#wrong(`${key} is ${String(found)}, but only ${value} can be converted`);
  }

  strings(key: string): readonly string[] {
    const value = this.#metadata.get(key);
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw this.#wrong(`metadata ${key} is no list of strings`);
  }

  numbers(key: string): readonly number[] {
    const value = this.#metadata.get(key);
    if (Array.isArray(value) && value.every((item) => typeof item === 'number')) return value;
    throw this.#wrong(`metadata ${key} is no list of numbers`);
  }

  /** How many numbers all tensors hold together. */
  parameterCount(): number {
    return [...this.#tensors.values()].reduce((total, info) => total + elements(info), 0);
  }

  async vector(name: string): Promise<Float32Array> {
    const info = this.#tensor(name, GGMLQuantizationType.F32);
    const raw = await this.#read(info);
    return this.#finite(name, new Float32Array(raw.buffer, raw.byteOffset, elements(info)));
  }

  async q4(name: string): Promise<Q4Matrix> {
    const info = this.#tensor(name, GGMLQuantizationType.Q4_1);
    const matrix = decodeQ4_1(await this.#read(info), matrixSize(info));
    this.#finite(name, matrix.scales);
    this.#finite(name, matrix.minimums);
    return matrix;
  }

  async q8(name: string): Promise<Q8Matrix> {
    const info = this.#tensor(name, GGMLQuantizationType.Q8_0);
    const matrix = decodeQ8_0(await this.#read(info), matrixSize(info));
    this.#finite(name, matrix.scales);
    return matrix;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #tensor(name: string, type: GGMLQuantizationType): TensorInfo {
    const info = this.#tensors.get(name);
    if (info === undefined) throw this.#wrong(`there is no tensor ${name}`);
    if (info.dtype !== type) throw this.#wrong(`tensor ${name} is not ${GGMLQuantizationType[type]}`);
    return info;
  }

  async #read(info: TensorInfo): Promise<Uint8Array> {
    const [bytes, perBlock] = BLOCK_BYTES.get(info.dtype)!;
    const length = (elements(info) / perBlock) * bytes;
    return await readExactly(this.#handle, { offset: Number(this.#dataOffset + info.offset), length, path: this.path });
  }

  #finite(name: string, values: Float32Array): Float32Array {
    if (values.every(Number.isFinite)) return values;
    throw this.#wrong(`tensor ${name} holds numbers that are not finite`);
  }

  #wrong(what: string): ModelError {
    return new ModelError('MODEL_FORMAT', `${this.path}: ${what}.`, { facts: { path: this.path } });
  }
}

function elements(info: TensorInfo): number {
  return info.shape.reduce((product, size) => product * Number(size), 1);
}

/** GGUF lists the fastest-running dimension first. */
function matrixSize(info: TensorInfo): { rows: number; columns: number } {
  return { columns: Number(info.shape[0] ?? 1), rows: Number(info.shape[1] ?? 1) };
}
