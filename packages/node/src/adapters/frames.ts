/**
 * Message boundaries on a direct stream. A frame is u32, big-endian (top bit: more of this message follows; next two bits: its
 * lane; the rest: length), then the bytes. Messages are cut into frames, and frames of different lanes may alternate, so an
 * urgent message never waits for the end of a large one. Owns framing and nothing of the content.
 */
import { Uint8ArrayList } from 'uint8arraylist';
import type { SendPriority } from '../host/messages.ts';

const HEADER_BYTES = 4;
const MORE = 0x8000_0000;
const LANE_SHIFT = 29;
const LENGTH_MASK = 0x1fff_ffff;
const LANES = 4;

/**
 * Longest part of a message in one frame: what a vote waits for at most once the stream accepts bytes. A part that more follows has
 * exactly so many, or a message in parts of one byte each would cost a hundred times its length in memory.
 */
export const FRAME_BYTES_MAX: number = 32 * 1024;

/** A part of a message with its header in front. The bytes are not copied: do not change them before they are sent. */
export function encodeFrame(
  part: Uint8Array,
  { lane, isLast }: { readonly lane: SendPriority; readonly isLast: boolean },
): Uint8ArrayList {
  const header = new Uint8Array(HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, (isLast ? 0 : MORE) + lane * 2 ** LANE_SHIFT + part.length);
  return new Uint8ArrayList(header, part);
}

/** Messages on their way out, the most urgent first; within a lane in order. */
export class SendQueue {
  readonly #lanes: { readonly bytes: Uint8Array; sent: number }[][] = Array.from({ length: LANES }, () => []);
  #bytes = 0;

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  add(lane: SendPriority, bytes: Uint8Array): void {
    this.#lanes[lane]?.push({ bytes, sent: 0 });
    this.#bytes += bytes.length;
  }

  /** The next frame, which is then no longer here; null when nothing waits. */
  next(): Uint8ArrayList | null {
    const lane = this.#lanes.findIndex((waiting) => waiting.length > 0);
    const message = this.#lanes[lane]?.[0];
    if (message === undefined) return null;
    const part = message.bytes.subarray(message.sent, message.sent + FRAME_BYTES_MAX);
    message.sent += part.length;
    this.#bytes -= part.length;
    const isLast = message.sent === message.bytes.length;
    if (isLast) this.#lanes[lane]?.shift();
    return encodeFrame(part, { lane: lane as SendPriority, isLast });
  }
}

/** Puts messages together again from a byte stream. */
export class FrameReader {
  readonly #messageBytesMax: number;
  readonly #received = new Uint8ArrayList();
  /** What has come of a message that goes on, by lane. */
  readonly #begun: Uint8ArrayList[] = Array.from({ length: LANES }, () => new Uint8ArrayList());

  constructor(messageBytesMax: number) {
    this.#messageBytesMax = messageBytesMax;
  }

  /** Bytes that wait for the rest of their messages. */
  get waitingBytes(): number {
    return this.#begun.reduce((sum, { byteLength }) => sum + byteLength, this.#received.byteLength);
  }

  /** Messages completed by these bytes; null when a part has a wrong length or a message is too long: the stream is then useless. */
  push(bytes: Uint8Array | Uint8ArrayList): Uint8Array[] | null {
    this.#received.append(bytes);
    const messages: Uint8Array[] = [];
    while (this.#received.byteLength >= HEADER_BYTES) {
      const header = this.#received.getUint32(0);
      const length = header & LENGTH_MASK;
      const begun = this.#begun[(header >>> LANE_SHIFT) & (LANES - 1)];
      if (begun === undefined || !isPartLength(length, { isLast: header < MORE })) return null;
      if (begun.byteLength + length > this.#messageBytesMax) return null;
      const end = HEADER_BYTES + length;
      if (this.#received.byteLength < end) break;
      begun.append(this.#received.slice(HEADER_BYTES, end));
      this.#received.consume(end);
      if (header >= MORE) continue;
      messages.push(begun.slice());
      begun.consume(begun.byteLength);
    }
    return messages;
  }
}

function isPartLength(length: number, { isLast }: { readonly isLast: boolean }): boolean {
  return isLast ? length > 0 && length <= FRAME_BYTES_MAX : length === FRAME_BYTES_MAX;
}
