/**
 * Keys and values of several sequences side by side: one buffer a layer and part, one row a sequence. Owns the buffers' layout
 * [rows, heads, capacity, headSize] and moving rows between blocks; who holds a row is sequences.ts' business.
 */
import type { LlamaShape } from '../models/manifest.ts';
import { Tensor } from './session.ts';

/** Keys and values of the first `length` tokens of one row, packed: for every layer and part [heads, length, headSize]. */
export type PackedRow = { readonly length: number; readonly parts: readonly Float32Array[] };

/** Where a row's first `length` tokens stand. */
export type RowPlace = { readonly block: CacheBlock; readonly row: number; readonly length: number };

/** Tensors over one row or all rows; the graph reads and writes the same memory. */
export type BlockTensors = {
  readonly past: Readonly<Record<string, Tensor>>;
  readonly present: Readonly<Record<string, Tensor>>;
};

type Shape = Pick<LlamaShape, 'layers' | 'keyValueHeads' | 'headSize'>;

export class CacheBlock {
  readonly rows: number;
  /** Tokens that a row has room for. */
  readonly capacity: number;
  readonly #shape: Shape;
  #parts: Float32Array[] = [];
  readonly #views = new Map<number | 'all', BlockTensors>();

  private constructor(shape: Shape, size: { readonly rows: number; readonly capacity: number }) {
    this.#shape = shape;
    this.rows = size.rows;
    this.capacity = size.capacity;
  }

  static empty(shape: Shape, capacity: number): CacheBlock {
    const block = new CacheBlock(shape, { rows: 1, capacity });
    for (let part = 0; part < 2 * shape.layers; part++) block.#parts.push(block.#allocate());
    return block;
  }

  /**
   * A block whose rows are copies of `places`, in order. The blocks of `ending` are freed part by part on the way, so that moving costs
   * one part's memory and not a second copy of everything.
   */
  static gather(
    shape: Shape,
    capacity: number,
    { places, ending }: { places: readonly RowPlace[]; ending: ReadonlySet<CacheBlock> },
  ): CacheBlock {
    const block = new CacheBlock(shape, { rows: places.length, capacity });
    for (let part = 0; part < 2 * shape.layers; part++) {
      const target = block.#allocate();
      places.forEach((place, row) => {
        const source = place.block;
        source.#eachHead(place.row, (from, head) => {
          const values = source.#parts[part]!.subarray(from, from + place.length * shape.headSize);
          target.set(values, block.#offset(row, head));
        });
      });
      block.#parts.push(target);
      for (const source of ending) freeArray(source.#parts[part]!);
    }
    for (const source of ending) source.free();
    return block;
  }

  /** Tensors for a run over one row, or over all. */
  tensors(row: number | 'all'): BlockTensors {
    const known = this.#views.get(row);
    if (known !== undefined) return known;
    const { keyValueHeads, headSize } = this.#shape;
    const dimensions = [row === 'all' ? this.rows : 1, keyValueHeads, this.capacity, headSize];
    const past: Record<string, Tensor> = {};
    const present: Record<string, Tensor> = {};
    this.#parts.forEach((values, part) => {
      const view = row === 'all' ? values : values.subarray(this.#offset(row, 0), this.#offset(row + 1, 0));
      const tensor = new Tensor('float32', view, dimensions);
      const name = `${part >> 1}.${part % 2 === 0 ? 'key' : 'value'}`;
      past[`past.${name}`] = tensor;
      present[`present.${name}`] = tensor;
    });
    const tensors = { past, present };
    this.#views.set(row, tensors);
    return tensors;
  }

  pack({ row, length }: { readonly row: number; readonly length: number }): PackedRow {
    const { keyValueHeads, headSize } = this.#shape;
    const parts = this.#parts.map((values) => {
      const packed = new Float32Array(keyValueHeads * length * headSize);
      this.#eachHead(row, (from, head) => {
        packed.set(values.subarray(from, from + length * headSize), head * length * headSize);
      });
      return packed;
    });
    return { length, parts };
  }

  /** Writes the first `length` tokens of a packed row into a row. */
  unpack(row: number, packed: PackedRow, length: number): void {
    const { headSize } = this.#shape;
    packed.parts.forEach((values, part) => {
      this.#eachHead(row, (to, head) => {
        const from = head * packed.length * headSize;
        this.#parts[part]!.set(values.subarray(from, from + length * headSize), to);
      });
    });
  }

  /** Gives the memory back now: waiting for garbage collection would keep hundreds of megabytes alive. */
  free(): void {
    for (const part of this.#parts) freeArray(part);
    this.#parts = [];
    this.#views.clear();
  }

  #allocate(): Float32Array {
    return new Float32Array(this.#offset(this.rows, 0));
  }

  #offset(row: number, head: number): number {
    const { keyValueHeads, headSize } = this.#shape;
    return (row * keyValueHeads + head) * this.capacity * headSize;
  }

  #eachHead(row: number, visit: (offset: number, head: number) => void): void {
    for (let head = 0; head < this.#shape.keyValueHeads; head++) visit(this.#offset(row, head), head);
  }
}

function freeArray(values: Float32Array): void {
  if (values.buffer instanceof ArrayBuffer && !values.buffer.detached) values.buffer.transfer(0);
}
