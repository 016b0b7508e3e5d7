/** Writes small GGUF files (version 3) for tests of the reader. Owns as much of the format as those need. */
type Tensor = {
  readonly name: string;
  readonly type: number;
  readonly dims: readonly number[];
  readonly data: Uint8Array;
};

/** Types as the format numbers them. */
export const GGUF_TYPE = { f32: 0, q4_1: 3, q8_0: 8 } as const;

export function ggufBytes(metadata: Readonly<Record<string, string | number>>, tensors: readonly Tensor[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const number = (bytes: number, write: (view: DataView) => void) => {
    const part = new Uint8Array(bytes);
    write(new DataView(part.buffer));
    parts.push(part);
  };
  const u32 = (value: number) => number(4, (view) => view.setUint32(0, value, true));
  const u64 = (value: number) => number(8, (view) => view.setBigUint64(0, BigInt(value), true));
  const text = (value: string) => {
    const bytes = new TextEncoder().encode(value);
    u64(bytes.length);
    parts.push(bytes);
  };
  parts.push(new TextEncoder().encode('GGUF'));
  u32(3);
  u64(tensors.length);
  u64(Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) {
    text(key);
    u32(typeof value === 'string' ? 8 : 4);
    if (typeof value === 'string') text(value);
    else u32(value);
  }
  let offset = 0;
  for (const { name, type, dims, data } of tensors) {
    text(name);
    u32(dims.length);
    for (const size of dims) u64(size);
    u32(type);
    u64(offset);
    offset += Math.ceil(data.length / 32) * 32;
  }
  const align = () => {
    const length = parts.reduce((total, part) => total + part.length, 0);
    parts.push(new Uint8Array(Math.ceil(length / 32) * 32 - length));
  };
  for (const { data } of tensors) {
    align();
    parts.push(data);
  }
  align();
  return Buffer.concat(parts);
}
