/**
 * What a trainer changed, as bytes on the wire: signed bytes with a whole scale a row. Owns the delta file (spec: learning §5.3).
 * It has no way to write what is no number, infinite or huge; what is not exactly such a file for this round and base is a problem
 * told as a value.
 *
 * magic "SYNDELT1" · uint32 header length · header (JSON) · uint32 scales · int8 codes: rows of qB and then of vB. Little-endian.
 */
import type { FactorShape } from '../adapters/lora-factors.ts';
import { bodyAfterHeader, type FactorsAbout, factorSizes, lengthProblem, shapeOf } from './fixed-factors.ts';
import { limits } from './limits.ts';

/** What a delta is of: the round's id (64 hex digits) and the base's properties. */
export type DeltaAbout = FactorsAbout & { readonly round: string };

/** A change of B in units of 2⁻²⁴, laid out as `FixedFactors`. Magnitudes are at most 127 · 2²⁰. */
export type Delta = { readonly values: Int32Array };

const MAGIC = 'SYNDELT1';
const PREFIX_BYTES = MAGIC.length + 4;
const CODE_MAX = 127;

/** Rounds `values` to a delta file. What is larger than the format holds is cut to it. Errors: RangeError for a wrong length. */
export function encodeDelta(about: DeltaAbout, values: Int32Array): Uint8Array {
  const { rows, q, v } = factorSizes(about.shape);
  if (values.length !== q + v) throw new RangeError(`${values.length} values do not fill the shape`);
  const header = headerBytes(about);
  const bytes = Buffer.alloc(PREFIX_BYTES + header.length + 4 * rows + values.length);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt32LE(header.length, MAGIC.length);
  header.copy(bytes, PREFIX_BYTES);
  let scaleAt = PREFIX_BYTES + header.length;
  let codeAt = scaleAt + 4 * rows;
  for (const row of rowsOf(about.shape, values)) {
    const scale = scaleOf(row);
    scaleAt = bytes.writeUInt32LE(scale, scaleAt);
    for (const value of row) {
      codeAt = bytes.writeInt8(scale === 0 ? 0 : clip(Math.round(value / scale), CODE_MAX), codeAt);
    }
  }
  return bytes;
}

/** The delta that `bytes` are when they are of this round and base, or what is wrong with them. */
export function decodeDelta(bytes: Uint8Array, about: DeltaAbout): Delta | { readonly problem: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = bodyAfterHeader(buffer, MAGIC, headerBytes(about));
  if (typeof body === 'string') return { problem: body };
  const { rows, q, v } = factorSizes(about.shape);
  const expected = 4 * rows + q + v;
  if (body.length !== expected) return { problem: lengthProblem(body.length, expected) };
  const values = new Int32Array(q + v);
  let codeAt = 4 * rows;
  let scaleAt = 0;
  for (const row of rowsOf(about.shape, values)) {
    const scale = body.readUInt32LE(scaleAt);
    if (scale > limits.deltaScaleMax)
      return { problem: `the scale of row ${scaleAt / 4} is ${scale}, which is too large` };
    scaleAt += 4;
    for (let i = 0; i < row.length; i++) {
      const code = body.readInt8(codeAt++);
      if (code < -CODE_MAX) return { problem: 'a code is −128, which no writer makes' };
      row[i] = code * scale;
    }
  }
  return { values };
}

/** Largest file that a model of this shape has. */
export function deltaBytes(about: DeltaAbout): number {
  const { rows, q, v } = factorSizes(about.shape);
  return PREFIX_BYTES + headerBytes(about).length + 4 * rows + q + v;
}

/** Views of the rows that share a scale, in file order. */
function* rowsOf(shape: FactorShape, values: Int32Array): Generator<Int32Array> {
  const { rows, q } = factorSizes(shape);
  const widthV = shape.keyValueHeads * shape.headSize;
  for (let row = 0; row < rows / 2; row++) yield values.subarray(row * shape.hidden, (row + 1) * shape.hidden);
  for (let row = 0; row < rows / 2; row++) yield values.subarray(q + row * widthV, q + (row + 1) * widthV);
}

/** The smallest scale with which the largest value fits a code. */
function scaleOf(row: Int32Array): number {
  let peak = 0;
  for (const value of row) peak = Math.max(peak, Math.abs(value));
  return Math.min(limits.deltaScaleMax, Math.ceil(peak / CODE_MAX));
}

function clip(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}

function headerBytes({ formatVersion, round, baseModel, shape, factorSeed }: DeltaAbout): Buffer {
  return Buffer.from(JSON.stringify({ formatVersion, round, baseModel, shape: shapeOf(shape), factorSeed }), 'utf8');
}
