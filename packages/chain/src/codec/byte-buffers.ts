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

/** Untrusted bytes under several views. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly buffer: Buffer;
  readonly view: DataView;

  constructor(input: Uint8Array) {
    const { buffer, byteOffset, byteLength } = input;
    // A Buffer's `slice` would alias the input; a plain view copies.
    this.bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.buffer = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
    this.view = new DataView(buffer, byteOffset, byteLength);
  }
}

let idle: ByteWriter | null = null;

/** Runs `write` with an empty writer and gives what it wrote. A codec inside another's mapping gets a writer of its own. */
export function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = idle ?? new ByteWriter();
  idle = null;
  try {
    write(writer);
    return writer.finish();
  } finally {
    writer.end = 0;
    if (writer.bytes.length <= limits.keptBytesMax) idle = writer;
  }
}
