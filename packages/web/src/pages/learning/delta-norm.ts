/**
 * How large a trainer's change is, read off its delta file (spec: learning §5.3): whole scales by row, one signed byte a value, in units of 2⁻²⁴. Owns
 * the reading; a file that is not one gives null, never a guess.
 */

const MAGIC = 'SYNDELT1';
const PREFIX_BYTES = MAGIC.length + 4;
const UNIT = 2 ** -24;
const HEADER_BYTES_MAX = 4_096;

type Shape = {
  readonly layers: number;
  readonly loraRank: number;
  readonly hidden: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
};

/** The Euclidean norm of the change; null where the bytes are no delta file. */
export function deltaNorm(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = shapeIn(bytes, view);
  if (shape === null) return null;
  const half = shape.layers * shape.loraRank;
  const widths = [shape.hidden, shape.keyValueHeads * shape.headSize] as const;
  const scalesAt = PREFIX_BYTES + view.getUint32(MAGIC.length, true);
  const codesAt = scalesAt + 4 * 2 * half;
  if (bytes.byteLength !== codesAt + half * (widths[0] + widths[1])) return null;
  let squares = 0;
  let at = codesAt;
  for (let row = 0; row < 2 * half; row++) {
    const scale = view.getUint32(scalesAt + 4 * row, true) * UNIT;
    for (const end = at + widths[row < half ? 0 : 1]; at < end; at++) squares += (view.getInt8(at) * scale) ** 2;
  }
  return Math.sqrt(squares);
}

function shapeIn(bytes: Uint8Array, view: DataView): Shape | null {
  if (bytes.byteLength < PREFIX_BYTES) return null;
  if (new TextDecoder('latin1').decode(bytes.subarray(0, MAGIC.length)) !== MAGIC) return null;
  const length = view.getUint32(MAGIC.length, true);
  if (length > HEADER_BYTES_MAX || PREFIX_BYTES + length > bytes.byteLength) return null;
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length)));
    const shape = (header as { readonly shape?: Partial<Shape> }).shape;
    const names = ['layers', 'loraRank', 'hidden', 'keyValueHeads', 'headSize'] as const;
    return names.every((name) => Number.isSafeInteger(shape?.[name]) && Number(shape?.[name]) > 0)
      ? (shape as Shape)
      : null;
  } catch {
    return null;
  }
}

/** Bytes of a `0x` text. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: (hex.length - 2) / 2 }, (_, index) =>
    Number.parseInt(hex.slice(2 + 2 * index, 4 + 2 * index), 16),
  );
}
