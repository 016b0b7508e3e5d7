/**
 * The bytes that the codec writes into and reads out of. Owns room, growth and the views over one memory; what stands where
 * is schema.ts.
 */

/** Room a writer starts with, and the most that one keeps between two values. */
const limits = { startBytes: 4 * 1024, keptBytesMax: 1024 * 1024 } as const;

/** Grows as values need it. `end` is where the next variable part begins. */
export class ByteWriter {
  bytes: Uint8Array = new Uint8Array(limits.startBytes);
  buffer: Buffer = Buffer.from(this.bytes.buffer);
  view: DataView = new DataView(this.bytes.buffer);
  end = 0;

  /** Takes `count` more bytes and says where they begin; what stands in them is undefined until written. */
  take(count: number): number {
    const start = this.end;
    this.end = start + count;
    if (this.end > this.bytes.length) this.#grow();
    return start;
  }

  /** What was written, in memory of its own; the writer is empty again. */
  finish(): Uint8Array {
    const written = this.bytes.slice(0, this.end);
    this.end = 0;
    return written;
  }

  #grow(): void {
    const larger = new Uint8Array(Math.max(this.end, 2 * this.bytes.length));
    larger.set(this.bytes);
    this.bytes = larger;
    this.buffer = Buffer.from(larger.buffer);
    this.view = new DataView(larger.buffer);
  }
}

/** Untrusted bytes under several views, each made when it is first asked for. */
export class ByteReader {
  readonly bytes: Uint8Array;
  #buffer: Buffer | null = null;
  #view: DataView | null = null;

  constructor(input: Uint8Array) {
    // A Buffer's `slice` would alias the input; a plain view copies.
    this.bytes = Buffer.isBuffer(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : input;
  }

  get buffer(): Buffer {
    const { buffer, byteOffset, byteLength } = this.bytes;
    this.#buffer ??= Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
    return this.#buffer;
  }

  get view(): DataView {
    const { buffer, byteOffset, byteLength } = this.bytes;
    this.#view ??= new DataView(buffer, byteOffset, byteLength);
    return this.#view;
  }
}

let idle: ByteWriter | null = null;

/** An empty writer, until it is put back. A codec inside another's mapping gets one of its own. */
export function idleWriter(): ByteWriter {
  const writer = idle ?? new ByteWriter();
  idle = null;
  return writer;
}

export function putBack(writer: ByteWriter): void {
  writer.end = 0;
  if (writer.bytes.length <= limits.keptBytesMax) idle = writer;
}
