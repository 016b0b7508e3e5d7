/**
 * Adapter files: LoRA factors as signed bytes with row scales behind a header that says what they are. Owns the bytes
 * (docs/spec/training.md, clauses T1–T4) and refuses every file that is not exactly one; training makes the factors.
 *
 * magic "SYNLORA1" · uint32 header length · header (JSON) · float32 scales · int8 codes, all little-endian, in this order:
 * the stored factors (qA, vA when both factors are stored; then qB, vB), in each all layers, in each one row a rank.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { writeWhole } from '../files/whole-file.ts';
import { type AdapterAbout, headerProblem, headerText } from './adapter-header.ts';
import { AdapterError } from './errors.ts';
import { limits } from './limits.ts';
import { type FactorName, type FactorShape, factorDims, genesisFactors, type LoraFactors } from './lora-factors.ts';
import { decodeRows, encodeRows, ROW_CODE_MAX, transposeLast } from './row-codes.ts';

/** An adapter in memory. */
export type Adapter = {
  /** SHA-256 of the file, 64 hex digits. */
  readonly hash: string;
  readonly about: AdapterAbout;
  readonly factors: LoraFactors;
};

/** The model an adapter is wanted for: its dimensions, and `baseModelHash` of its manifest. */
export type AdapterModel = { readonly shape: FactorShape; readonly baseModel: string };

const MAGIC = 'SYNLORA1';
const PREFIX_BYTES = MAGIC.length + 4;

/** Reads an adapter for `model`. Errors: AdapterError, one code and one sentence for each thing that can be wrong. */
export async function readAdapter(path: string, model: AdapterModel): Promise<Adapter> {
  return parseAdapter(await readBounded(path), model, path);
}

/** The adapter that `bytes` are. `name` stands in messages. Nothing is allocated before the sizes are known to agree. */
export function parseAdapter(bytes: Uint8Array, model: AdapterModel, name: string): Adapter {
  const { about, end } = parseHeader(bytes, name);
  assertMadeFor(about, model, name);
  const body = bytes.subarray(end);
  const { rows, values } = bodySize(about);
  const expected = 4 * rows + values;
  if (body.length !== expected) {
    const what = body.length < expected ? 'is cut short' : 'has bytes after its end';
    throw formatError(name, `it ${what}: ${expected} bytes should follow the header`, { bytes: body.length, expected });
  }
  const scales = readScales(body, rows, name);
  const codes = readCodes(body.subarray(4 * rows), name);
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { hash, about, factors: decodeFactors(about, scales, codes) };
}

/** The bytes of the file. Rounds the stored factors, so read them back for what the adapter will do. */
export function encodeAdapter(about: AdapterAbout, factors: LoraFactors): Uint8Array {
  const header = Buffer.from(headerText(about), 'utf8');
  const { rows, values } = bodySize(about);
  const bytes = Buffer.alloc(PREFIX_BYTES + header.length + 4 * rows + values);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt32LE(header.length, MAGIC.length);
  header.copy(bytes, PREFIX_BYTES);
  let scaleAt = PREFIX_BYTES + header.length;
  let codeAt = scaleAt + 4 * rows;
  for (const factor of storedFactors(about)) {
    const { scales, codes } = encodeRows(toRows(about.shape, factor, factors[factor]), rowWidth(about.shape, factor));
    for (const scale of scales) scaleAt = bytes.writeFloatLE(scale, scaleAt);
    bytes.set(new Uint8Array(codes.buffer), codeAt);
    codeAt += codes.length;
  }
  return bytes;
}

/** Writes the file at once or not at all. Returns its SHA-256, 64 hex digits. Errors: DISK_FULL. */
export async function writeAdapter(
  path: string,
  adapter: { readonly about: AdapterAbout; readonly factors: LoraFactors },
): Promise<string> {
  const bytes = encodeAdapter(adapter.about, adapter.factors);
  const { hash } = parseAdapter(bytes, adapter.about, path);
  await writeWhole(path, bytes);
  return hash;
}

function storedFactors({ trained }: AdapterAbout): readonly FactorName[] {
  return trained === 'AB' ? ['qA', 'vA', 'qB', 'vB'] : ['qB', 'vB'];
}

/** Values of one rank: a column of A, a row of B. */
function rowWidth(shape: FactorShape, factor: FactorName): number {
  const [, rows, columns] = factorDims(shape, factor);
  return factor.endsWith('A') ? rows : columns;
}

function toRows(shape: FactorShape, factor: FactorName, values: Float32Array): Float32Array {
  return factor.endsWith('A') ? transposeLast(values, factorDims(shape, factor)) : values;
}

function fromRows(shape: FactorShape, factor: FactorName, values: Float32Array): Float32Array {
  const [layers, rows, columns] = factorDims(shape, factor);
  return factor.endsWith('A') ? transposeLast(values, [layers, columns, rows]) : values;
}

function bodySize(about: AdapterAbout): { readonly rows: number; readonly values: number } {
  const rowsPerFactor = about.shape.layers * about.shape.loraRank;
  const stored = storedFactors(about);
  const values = stored.reduce((sum, factor) => sum + rowsPerFactor * rowWidth(about.shape, factor), 0);
  return { rows: stored.length * rowsPerFactor, values };
}

function decodeFactors(about: AdapterAbout, scales: Float32Array, codes: Int8Array): LoraFactors {
  const factors: Record<FactorName, Float32Array> = { ...genesisFactors(about.shape, about.factorSeed) };
  const rows = about.shape.layers * about.shape.loraRank;
  let row = 0;
  let at = 0;
  for (const factor of storedFactors(about)) {
    const width = rowWidth(about.shape, factor);
    const coded = { scales: scales.subarray(row, row + rows), codes: codes.subarray(at, at + rows * width) };
    factors[factor] = fromRows(about.shape, factor, decodeRows(coded, width));
    row += rows;
    at += rows * width;
  }
  return factors;
}

function parseHeader(bytes: Uint8Array, name: string): { readonly about: AdapterAbout; readonly end: number } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length > limits.fileBytesMax) throw formatError(name, 'it is too large', { bytes: buffer.length });
  if (buffer.length < PREFIX_BYTES) throw formatError(name, 'it is cut short', { bytes: buffer.length });
  if (buffer.toString('latin1', 0, MAGIC.length) !== MAGIC) throw formatError(name, `it does not begin with ${MAGIC}`);
  const length = buffer.readUInt32LE(MAGIC.length);
  if (length > limits.headerBytesMax) throw formatError(name, 'its header is too long', { length });
  const end = PREFIX_BYTES + length;
  if (end > buffer.length) throw formatError(name, 'it is cut short in its header', { bytes: buffer.length });
  const text = buffer.toString('utf8', PREFIX_BYTES, end);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw formatError(name, 'its header is not JSON', {}, cause);
  }
  const problem = headerProblem(value);
  if (problem !== undefined) throw formatError(name, problem);
  const about = value as AdapterAbout;
  if (headerText(about) !== text) throw formatError(name, 'its header is not written in the one allowed way');
  return { about, end };
}

function assertMadeFor(about: AdapterAbout, model: AdapterModel, name: string): void {
  for (const [dimension, size] of Object.entries(about.shape)) {
    const wanted = model.shape[dimension as keyof FactorShape];
    if (size === wanted) continue;
    throw new AdapterError(
      'ADAPTER_WRONG_SHAPE',
      `${name} is made for a model with ${dimension} ${size}; this one has ${wanted}. ${REMAKE}`,
      { facts: { path: name, dimension, size, wanted } },
    );
  }
  if (about.baseModel === model.baseModel) return;
  throw new AdapterError(
    'ADAPTER_WRONG_MODEL',
    `${name} was trained on other weights than those it is to be used with. ${REMAKE}`,
    { facts: { path: name, trainedOn: about.baseModel, usedWith: model.baseModel } },
  );
}

function readScales(body: Uint8Array, rows: number, name: string): Float32Array {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const scales = Float32Array.from({ length: rows }, (_, row) => view.getFloat32(4 * row, true));
  // Times the largest code too: an infinite weight would make whatever is computed with it no number.
  const row = scales.findIndex((scale) => !Number.isFinite(Math.fround(128 * scale)) || scale < 0);
  if (row >= 0) throw formatError(name, `the scale of row ${row} is no finite number from zero up`, { row });
  return scales;
}

function readCodes(bytes: Uint8Array, name: string): Int8Array {
  const codes = Int8Array.from(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length));
  const at = codes.indexOf(-ROW_CODE_MAX - 1);
  if (at >= 0) throw formatError(name, `code ${at} is −128, which no writer makes`, { at });
  return codes;
}

async function readBounded(path: string): Promise<Uint8Array> {
  const unreadable = (cause: unknown): never => {
    throw new AdapterError('ADAPTER_NOT_FOUND', `${path} cannot be read. Name an adapter file that exists.`, {
      facts: { path },
      cause,
    });
  };
  const handle = await open(path, 'r').catch(unreadable);
  try {
    const found = await handle.stat();
    // A device tells no size and may never end.
    if (!found.isFile()) unreadable(new RangeError('it is no file'));
    if (found.size > limits.fileBytesMax) throw formatError(path, 'it is too large', { bytes: found.size });
    return await handle.readFile().catch(unreadable);
  } finally {
    await handle.close();
  }
}

const REMAKE = 'Train the adapter again for this model, or choose the model it names.';

function formatError(name: string, problem: string, facts: Record<string, number> = {}, cause?: unknown): AdapterError {
  const message = `${name} is no usable adapter file: ${problem}. Fetch or train it again.`;
  return new AdapterError('ADAPTER_FORMAT', message, { facts: { path: name, ...facts }, cause });
}

/** What a file says of itself, and its SHA-256; whether it fits a model is not asked. Errors: AdapterError. */
export async function readAdapterAbout(path: string): Promise<Pick<Adapter, 'hash' | 'about'>> {
  const bytes = await readBounded(path);
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { hash, about: parseHeader(bytes, path).about };
}
