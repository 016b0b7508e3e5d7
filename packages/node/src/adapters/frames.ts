/**
 * Message boundaries on a direct stream: u32 length, big-endian, then the bytes. Owns framing and nothing of the content.
 */
import { Uint8ArrayList } from 'uint8arraylist';

const LENGTH_BYTES = 4;

/** The message with its length in front. The bytes are not copied: do not change them before they are sent. */
export function encodeFrame(bytes: Uint8Array): Uint8ArrayList {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return new Uint8ArrayList(length, bytes);
}

/** Cuts a byte stream into messages. */
export class FrameReader {
  readonly #messageBytesMax: number;
  readonly #received = new Uint8ArrayList();

  constructor(messageBytesMax: number) {
    this.#messageBytesMax = messageBytesMax;
  }

  /** Messages completed by these bytes; null when a length is 0 or above the maximum: the stream is then useless. */
  push(bytes: Uint8Array | Uint8ArrayList): Uint8Array[] | null {
    this.#received.append(bytes);
    const messages: Uint8Array[] = [];
    while (this.#received.byteLength >= LENGTH_BYTES) {
      const length = this.#received.getUint32(0);
      if (length === 0 || length > this.#messageBytesMax) return null;
      const end = LENGTH_BYTES + length;
      if (this.#received.byteLength < end) break;
      messages.push(this.#received.slice(LENGTH_BYTES, end));
      this.#received.consume(end);
    }
    return messages;
  }
}
