/**
 * A version's factor B in whole numbers: what deltas are added to, the same on every machine. Owns the fixed-point file (spec:
 * learning §5.1) and the ways between it and adapter files (§5.2); adding deltas is aggregate.ts.
 *
 * magic "SYNFIXB1" · uint32 header length · header (JSON) · int32 values: qB and then vB, all layers. Little-endian.
 */
import { createHash } from 'node:crypto';
import { type Adapter, encodeAdapter } from '../adapters/adapter-file.ts';
import type { AdapterAbout } from '../adapters/adapter-header.ts';
import { baseModelHash } from '../adapters/base-model.ts';
import { type FactorShape, factorDims, genesisFactors, type LoraFactors } from '../adapters/lora-factors.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { limits } from './limits.ts';

/** Units of a value: 2⁻²⁴. */
export const UNITS_PER_ONE: number = 2 ** 24;

/** Seed of factor A of everything that is learnt (spec: learning §5.1). */
export const LEARNING_FACTOR_SEED = 1;

export const INT32_MAX = 0x7fff_ffff;

/** What values belong to: files that differ in any of it cannot be added. */
export type FactorsAbout = {
  readonly formatVersion: 1;
  /** `baseModelHash` of the model. */
  readonly baseModel: string;
  readonly shape: FactorShape;
  readonly factorSeed: number;
};

/** Values in units of 2⁻²⁴: qB [layers, rank, hidden], then vB [layers, rank, keyValueHeads · headSize]. */
export type FixedFactors = { readonly about: FactorsAbout; readonly values: Int32Array };

const MAGIC = 'SYNFIXB1';
const PREFIX_BYTES = MAGIC.length + 4;

/** What a model's factors are about. */
export function factorsAbout(manifest: ModelManifest): FactorsAbout {
  return {
    formatVersion: 1,
    baseModel: baseModelHash(manifest),
    shape: shapeOf(manifest.architecture),
    factorSeed: LEARNING_FACTOR_SEED,
  };
}

/** The five dimensions in the order in which headers name them. */
export function shapeOf({ layers, hidden, keyValueHeads, headSize, loraRank }: FactorShape): FactorShape {
  return { layers, hidden, keyValueHeads, headSize, loraRank };
}

/** Rows, and values of qB and of vB. A row is one rank of one layer. */
export function factorSizes(shape: FactorShape): { readonly rows: number; readonly q: number; readonly v: number } {
  const size = (name: 'qB' | 'vB') => factorDims(shape, name).reduce((product, length) => product * length, 1);
  return { rows: 2 * shape.layers * shape.loraRank, q: size('qB'), v: size('vB') };
}

/** Number of values. */
export function valueCount(shape: FactorShape): number {
  const { q, v } = factorSizes(shape);
  return q + v;
}

/** Nothing learnt. */
export function zeroFactors(about: FactorsAbout): FixedFactors {
  return { about, values: new Int32Array(valueCount(about.shape)) };
}

/** The bytes of the file. Errors: RangeError when the number of values is not what the shape has. */
export function encodeFixedFactors({ about, values }: FixedFactors): Uint8Array {
  if (values.length !== valueCount(about.shape)) throw new RangeError(`${values.length} values do not fill the shape`);
  const header = headerBytes(about);
  const bytes = Buffer.alloc(PREFIX_BYTES + header.length + 4 * values.length);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt32LE(header.length, MAGIC.length);
  header.copy(bytes, PREFIX_BYTES);
  let at = PREFIX_BYTES + header.length;
  for (const value of values) at = bytes.writeInt32LE(value, at);
  return bytes;
}

/** The factors that `bytes` are when they are about `about`, or what is wrong with them. Reads nothing past the agreed size. */
export function decodeFixedFactors(
  bytes: Uint8Array,
  about: FactorsAbout,
): FixedFactors | { readonly problem: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = bodyAfterHeader(buffer, MAGIC, headerBytes(about));
  if (typeof body === 'string') return { problem: body };
  const count = valueCount(about.shape);
  if (body.length !== 4 * count) return { problem: lengthProblem(body.length, 4 * count) };
  return { about, values: Int32Array.from({ length: count }, (_, i) => body.readInt32LE(4 * i)) };
}

/** SHA-256 of the file, 64 hex digits: what the chain calls `factors`. */
export function factorsHash(factors: FixedFactors): string {
  return sha256(encodeFixedFactors(factors));
}

/** The factors of an adapter that was trained on B alone, rounded to units; or why it has none. */
export function fixedFromAdapter({ about, factors }: Adapter): FixedFactors | { readonly problem: string } {
  if (about.trained !== 'B') return { problem: 'both factors were trained, so its B cannot be averaged' };
  if (about.factorSeed !== LEARNING_FACTOR_SEED) return { problem: `its factor A has seed ${about.factorSeed}` };
  const { baseModel, shape, factorSeed } = about;
  const values = fixedFromFloats(factors);
  if (values === null) return { problem: 'a value lies outside of what 32 bits hold' };
  return { about: { formatVersion: 1, baseModel, shape: shapeOf(shape), factorSeed }, values };
}

/** B in units, rounded to the nearest; null when a value is no number or does not fit 32 bits. */
export function fixedFromFloats({ qB, vB }: Pick<LoraFactors, 'qB' | 'vB'>): Int32Array | null {
  const values = new Int32Array(qB.length + vB.length);
  for (const [offset, source] of [[0, qB] as const, [qB.length, vB] as const]) {
    for (let i = 0; i < source.length; i++) {
      const units = Math.round(source[i]! * UNITS_PER_ONE);
      if (!(Math.abs(units) <= INT32_MAX)) return null;
      values[offset + i] = units;
    }
  }
  return values;
}

/** The factors in floats, A from its seed. Rounded to float32 as IEEE 754 says: the same everywhere. */
export function floatsFromFixed({ about, values }: FixedFactors): LoraFactors {
  const { q } = factorSizes(about.shape);
  const floats = Float32Array.from(values, (value) => value / UNITS_PER_ONE);
  return { ...genesisFactors(about.shape, about.factorSeed), qB: floats.slice(0, q), vB: floats.slice(q) };
}

/**
 * The adapter file that workers load (training T1), the same bytes everywhere. Its header names the fixed-point file that it was
 * computed from as its data, and no seed or steps: a version has many.
 */
export function adapterFromFixed(factors: FixedFactors, domain: string): Uint8Array {
  const { baseModel, shape, factorSeed } = factors.about;
  const about: AdapterAbout = {
    formatVersion: 1,
    domain,
    licence: 'Apache-2.0',
    baseModel,
    shape,
    trained: 'B',
    factorSeed,
    seed: 0,
    steps: 0,
    dataHash: factorsHash(factors),
  };
  return encodeAdapter(about, floatsFromFixed(factors));
}

/** The header's text in the one allowed way. */
function headerBytes({ formatVersion, baseModel, shape, factorSeed }: FactorsAbout): Buffer {
  return Buffer.from(JSON.stringify({ formatVersion, baseModel, shape: shapeOf(shape), factorSeed }), 'utf8');
}

/** What follows `header` in a file that begins with `magic` and exactly this header, or what is wrong. Shared with deltas. */
export function bodyAfterHeader(bytes: Buffer, magic: string, header: Buffer): Buffer | string {
  const prefix = magic.length + 4;
  if (bytes.length < prefix) return 'it is cut short';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return `it does not begin with ${magic}`;
  const length = bytes.readUInt32LE(magic.length);
  if (length > limits.headerBytesMax) return 'its header is too long';
  if (prefix + length > bytes.length) return 'it is cut short in its header';
  if (!bytes.subarray(prefix, prefix + length).equals(header)) return 'its header names another round, base or shape';
  return bytes.subarray(prefix + length);
}

export function lengthProblem(bytes: number, expected: number): string {
  return `it ${bytes < expected ? 'is cut short' : 'has bytes after its end'}: ${expected} bytes should follow the header`;
}

/** 64 hex digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
