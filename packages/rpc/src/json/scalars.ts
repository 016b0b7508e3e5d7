/**
 * How single values look in JSON (spec: rpc §2): heights, amounts and times as decimal strings, hashes and bytes as 0x hex,
 * ratios as fixed-point strings, addresses as syn1…. Owns the zod schemas of both directions and the conversions.
 * On input the schemas accept more than the server writes: JSON integers, hex without 0x, amounts in SYN.
 */
import {
  type Address,
  type Amount,
  type Hash,
  type Height,
  type Ppm,
  parseAddress,
  type TimestampMs,
} from '@synod/chain';
import { z } from 'zod';

const U64_MAX = 2n ** 64n - 1n;

/** Decimal string of an unsigned 64-bit number, as the server writes it. */
export const Decimal = z.string().regex(/^(0|[1-9]\d*)$/);
/** 32 bytes as the server writes them. */
export const HexHash = z.string().regex(/^0x[0-9a-f]{64}$/);
/** Any bytes as the server writes them. */
export const HexBytes = z.string().regex(/^0x([0-9a-f]{2})*$/);
/** An account address as the server writes it. */
export const AddressText = z.string().regex(/^syn1[0-9a-z]{38}$/);
/** A ratio as a fixed-point decimal string with three to six digits, e.g. "0.873". */
export const Ratio = z.string().regex(/^\d+\.\d{3,6}$/);
/** A count that fits a JSON number. */
export const Count = z.int().min(0).max(4_294_967_295);

/** A height parameter: decimal string or JSON integer. */
export const HeightParam = z
  .union([z.string().regex(/^\d{1,15}$/, 'a height is a decimal string such as "12"'), z.int().min(0)])
  .transform((value): Height => Number(value))
  .describe('Block height, a decimal string (a JSON integer is accepted).');

/** A small number parameter: JSON integer, or the same in digits as a query string has it. */
export function countParam(bounds: { readonly min: number; readonly max: number }, description: string) {
  return z
    .union([z.int(), z.string().regex(/^\d{1,10}$/, 'expected a whole number')])
    .transform(Number)
    .pipe(z.int().min(bounds.min).max(bounds.max))
    .describe(description);
}

/** An amount parameter: nano as a decimal string or JSON integer, or SYN with its unit, e.g. "0.5 SYN". */
export const AmountParam = z
  .union([z.string(), z.int().min(0)])
  .transform((value, context): Amount => {
    const amount = parseAmount(String(value));
    if (amount !== null) return amount;
    context.addIssue({
      code: 'custom',
      message: 'an amount is nano in digits ("1500000") or SYN with its unit ("0.0015 SYN")',
    });
    return z.NEVER;
  })
  .describe('Amount in nano as a decimal string (1 SYN = 10^9 nano); "0.5 SYN" and JSON integers are accepted.');

/** Reads nano digits or "<decimal> SYN"; null when it is neither or does not fit 64 bits. */
export function parseAmount(text: string): Amount | null {
  const match = /^(\d{1,20})(?:\.(\d{1,9}))?\s*(syn)?$/i.exec(text.trim());
  const whole = match?.[1];
  if (match === null || whole === undefined) return null;
  if (match[3] === undefined && match[2] !== undefined) return null;
  const nano = match[3] === undefined ? BigInt(whole) : BigInt(whole + (match[2] ?? '').padEnd(9, '0'));
  return nano <= U64_MAX ? nano : null;
}

/** A hash parameter: 64 hexadecimal digits with or without 0x. */
export const HashParam = z
  .string()
  .regex(/^(0x)?[0-9a-fA-F]{64}$/, 'a hash is 0x and 64 hexadecimal digits')
  .transform((value): Hash => value.replace(/^0x/, '').toLowerCase() as Hash)
  .describe('32 bytes as 0x hex.');

/** A bytes parameter: hexadecimal digits with or without 0x. */
export const BytesParam = z
  .string()
  .regex(/^(0x)?([0-9a-fA-F]{2})+$/, 'bytes are 0x and an even number of hexadecimal digits')
  .transform((value): Uint8Array => new Uint8Array(Buffer.from(value.replace(/^0x/, ''), 'hex')))
  .describe('Bytes as 0x hex.');

/** An address parameter. Text in 0x form gets a hint instead of a guess. */
export const AddressParam = z
  .string()
  .transform((value, context): Address => {
    const parsed = parseAddress(value);
    if (parsed.ok) return parsed.value;
    const hint = /^0x/i.test(value)
      ? 'Write addresses as syn1…, not 0x.'
      : 'Copy it whole: its last characters are a checksum.';
    context.addIssue({
      code: 'custom',
      message: `not an account address: ${parsed.reason}`,
      params: { name: 'ADDRESS_INVALID', hint },
    });
    return z.NEVER;
  })
  .describe('Account address, syn1….');

/** True or false, also as a query string has it. */
export const BooleanParam = z
  .union([z.boolean(), z.enum(['true', 'false'])])
  .transform((value) => value === true || value === 'true');

/** Decimal string of a height, amount or time. */
export function decimal(value: bigint | Height | TimestampMs): string {
  return value.toString(10);
}

/** 0x form of a hash or public key held as bare hexadecimal digits. */
export function hexOf(value: string): string {
  return `0x${value}`;
}

/** 0x form of bytes. */
export function hexOfBytes(value: Uint8Array): string {
  return `0x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
}

/** Parts per million as a fixed-point string of three to six digits: 873000 is "0.873". */
export function ratio(value: Ppm): string {
  const digits = String(value % 1_000_000).padStart(6, '0');
  return `${Math.floor(value / 1_000_000)}.${digits.replace(/0{1,3}$/, '')}`;
}

/** Nano as SYN for people, without trailing zeros: 1900000n is "0.0019". */
export function synText(nano: Amount): string {
  const fraction = (nano % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return fraction === '' ? `${nano / 1_000_000_000n}` : `${nano / 1_000_000_000n}.${fraction}`;
}
