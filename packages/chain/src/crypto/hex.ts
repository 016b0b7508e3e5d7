/** Hexadecimal text for hashes and keys. Owns the lowercase, prefix-free form; knows nothing of what the bytes mean. */
import { SynodError } from '../errors.ts';

const HEX = /^(?:[0-9a-f]{2})*$/;

/** True when `text` is lowercase hexadecimal of exactly `length` bytes. */
export function isHex(text: string, length: number): boolean {
  return text.length === 2 * length && HEX.test(text);
}

/** Bytes as lowercase hexadecimal text without a prefix. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Reads lowercase hexadecimal text. Throws `HEX_MALFORMED` for an odd length or any other character. */
export function fromHex(text: string): Uint8Array {
  if (!HEX.test(text)) {
    throw new SynodError(
      'HEX_MALFORMED',
      'The text is not lowercase hexadecimal. Give two digits of 0-9a-f per byte.',
      {
        facts: { length: text.length },
      },
    );
  }
  const bytes = new Uint8Array(text.length / 2);
  Buffer.from(bytes.buffer).write(text, 'hex');
  return bytes;
}
