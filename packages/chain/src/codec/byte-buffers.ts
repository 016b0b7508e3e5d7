/**
 * The bytes that the codec writes into and reads out of. Owns room, growth and the views over one memory; what stands where
 * is schema.ts.
 */

const limits = {
  /** Room a writer starts with, and the most that one keeps between two values. */
  startBytes: 4 * 1024,
  keptBytesMax: 1024 * 1024,
  /** Room of the reader that short input is copied to. */
  readerBytes: 1024,
  /** Memory that brief bytes share, and the longest of them that have a part in it. */
  sharedBytes: 16 * 1024,
  briefBytesMax: 4 * 1024,
} as const;

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

  /** The same for bytes that nobody keeps: see {@link briefBytes}. */
  finishBrief(): Uint8Array {
    const written = briefBytes(this.end);
    written.set(this.bytes.subarray(0, this.end));
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
    this.bytes = Buffer.isBuffer(input) ? new Uint8Array(buffer, byteOffset, byteLength) : input;
    this.buffer = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
    this.view = new DataView(buffer, byteOffset, byteLength);
  }
}

let idleReader: ByteReader | null = null;

/**
 * A reader whose first bytes are the input's, until it is put back. Short input is copied: views over it, and memory of its own for
 * the shortest, would cost more. What is read must not share memory with the reader.
 */
export function readerOf(input: Uint8Array): ByteReader {
  if (input.length > limits.readerBytes) return new ByteReader(input);
  const reader = idleReader ?? new ByteReader(new Uint8Array(limits.readerBytes));
  idleReader = null;
  reader.bytes.set(input);
  return reader;
}

export function putBackReader(reader: ByteReader): void {
  if (reader.bytes.length === limits.readerBytes) idleReader = reader;
}

let shared = new ArrayBuffer(limits.sharedBytes);
let sharedEnd = 0;

/**
 * Zeros for bytes that nobody keeps: messages on their way, what is hashed or signed. Many share one memory, which stays as long as any of
 * them, at a tenth of the cost of memory of their own; so nothing that lives as long as state or blocks may be made of them.
 */
export function briefBytes(size: number): Uint8Array {
  if (size > limits.briefBytesMax) return new Uint8Array(size);
  if (sharedEnd + size > limits.sharedBytes) {
    shared = new ArrayBuffer(limits.sharedBytes);
    sharedEnd = 0;
  }
  const bytes = new Uint8Array(shared, sharedEnd, size);
  sharedEnd += size;
  return bytes;
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
