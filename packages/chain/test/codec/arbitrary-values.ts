/** fast-check arbitraries of the small values that every type is made of, over their whole range (codec §2). */
import fc from 'fast-check';
import { addressFromBytes, toHex } from '../../src/index.ts';
import type * as t from '../../src/types/index.ts';

/** Plain objects only: what decodes never has a null prototype. */
export const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

export const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
export const hash: fc.Arbitrary<t.Hash> = bytes(32).map((raw) => toHex(raw) as t.Hash);
export const address: fc.Arbitrary<t.Address> = bytes(20).map(addressFromBytes);
export const publicKey: fc.Arbitrary<t.PublicKey> = hash.map((text) => text as string as t.PublicKey);
export const amount: fc.Arbitrary<bigint> = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
export const power: fc.Arbitrary<bigint> = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
export const u32: fc.Arbitrary<number> = fc.nat({ max: 2 ** 32 - 1 });
export const height: fc.Arbitrary<number> = fc.maxSafeNat();
export const round: fc.Arbitrary<number> = fc.nat({ max: 2 ** 32 - 2 });
export const ppm: fc.Arbitrary<number> = fc.nat({ max: 1_000_000 });
export const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'binary', maxLength: Math.floor(maxLength / 4) });
export const list = <T>(element: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(element, { maxLength: 4 });
export const nullable = <T>(inner: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(inner, { nil: null });
export const shortBytes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 40 });
