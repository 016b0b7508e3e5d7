/** Hexadecimal text for hashes and keys. Owns the lowercase, prefix-free form; knows nothing of what the bytes mean. */
import { SynodError } from '../errors.ts';

/** Value of each UTF-16 code unit as a digit; more than 15 for those that are none. A third of the cost of a pattern and Buffer's parser. */
const DIGITS = new Uint8Array(0x1_0000).fill(0xff);
for (const [value, digit] of [...'0123456789abcdef'].entries()) DIGITS[digit.charCodeAt(0)] = value;

/** True when `text` is lowercase hexadecimal of exactly `length` bytes. */
export function isHex(text: string, length: number): boolean {
  if (text.length !== 2 * length) return false;
  let digits = 0;
  for (let index = 0; index < text.length; index++) digits |= DIGITS[text.charCodeAt(index)] as number;
  return digits < 16;
}

/** Short arrays have no memory that others may look at: making it, for Buffer's writer to read, costs ten times as much as a copy. */
const SCRATCH_BYTES = 64;
const scratch = Buffer.alloc(SCRATCH_BYTES);

/** Bytes as lowercase hexadecimal text without a prefix. */
export function toHex(bytes: Uint8Array): string {
  const { length } = bytes;
  if (length <= SCRATCH_BYTES) {
    scratch.set(bytes);
    return scratch.toString('hex', 0, length);
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Writes what lowercase hexadecimal text says from `at` on, where there is room for it; false for any other text. */
export function writeHex(text: string, bytes: Uint8Array, at: number): boolean {
  let wrong = text.length & 1;
  for (let index = 0; 2 * index + 1 < text.length; index++) {
    const high = DIGITS[text.charCodeAt(2 * index)] as number;
    const low = DIGITS[text.charCodeAt(2 * index + 1)] as number;
    wrong |= (high | low) & 0xf0;
    bytes[at + index] = (high << 4) | low;
  }
  return wrong === 0;
}

/** Reads lowercase hexadecimal text. Throws `HEX_MALFORMED` for an odd length or any other character. */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  if (!writeHex(text, bytes, 0)) {
    throw new SynodError(
      'HEX_MALFORMED',
      'The text is not lowercase hexadecimal. Give two digits of 0-9a-f per byte.',
      {
        facts: { length: text.length },
      },
    );
  }
  return bytes;
}
