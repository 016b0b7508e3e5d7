/** What a hostile or broken peer makes of good bytes. Owns the damages; not what is done with the result. */
import fc from 'fast-check';

type Damage =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'byte'; readonly at: number; readonly value: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'drop'; readonly at: number; readonly count: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly count: number }
  | { readonly kind: 'append'; readonly tail: Uint8Array }
  /** Lengths and offsets of the codec are 32 bit, heights 64 bit, both little-endian. */
  | { readonly kind: 'number'; readonly at: number; readonly value: number }
  | { readonly kind: 'splice'; readonly at: number; readonly other: number; readonly from: number };

/** An input is a corpus entry with damages, or bytes from nothing. */
export type Recipe =
  | { readonly kind: 'damaged'; readonly entry: number; readonly damages: readonly Damage[] }
  | { readonly kind: 'raw'; readonly bytes: Uint8Array };

/** Evenly, or almost all damage would be to the first bytes of the first entry: fast-check likes small numbers. */
const place = fc.noBias(fc.nat());
const interesting = fc.oneof(fc.constantFrom(0, 1, 4, 255, 65_535, 0x7fff_ffff, 0xffff_ffff), fc.nat(0xffff_ffff));

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('byte' as const), at: place, value: fc.nat(255) }),
  fc.record({ kind: fc.constant('cut' as const), at: place }),
  fc.record({ kind: fc.constant('drop' as const), at: place, count: fc.nat(64) }),
  fc.record({ kind: fc.constant('repeat' as const), at: place, count: fc.nat(200) }),
  fc.record({ kind: fc.constant('append' as const), tail: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
  fc.record({ kind: fc.constant('number' as const), at: place, value: interesting }),
  fc.record({ kind: fc.constant('splice' as const), at: place, other: place, from: place }),
);

export const recipe: fc.Arbitrary<Recipe> = fc.oneof(
  {
    weight: 15,
    arbitrary: fc.record({
      kind: fc.constant('damaged' as const),
      entry: place,
      damages: fc.array(damage, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('raw' as const), bytes: fc.uint8Array({ maxLength: 400 }) }) },
);

/** The bytes that a recipe makes of a corpus, which stays as it is (a Buffer's `slice` is no copy); never longer than a few times its longest entry. */
export function cook(made: Recipe, corpus: readonly Uint8Array[]): Uint8Array {
  if (made.kind === 'raw') return made.bytes;
  const start = corpus[made.entry % corpus.length] ?? new Uint8Array();
  return made.damages.reduce((bytes, one) => apply(bytes, one, corpus), start);
}

function apply(bytes: Uint8Array, one: Damage, corpus: readonly Uint8Array[]): Uint8Array {
  const at = 'at' in one ? one.at % (bytes.length + 1) : 0;
  switch (one.kind) {
    case 'flip':
      return changed(bytes, at, (value) => value ^ (1 << one.bit));
    case 'byte':
      return changed(bytes, at, () => one.value);
    case 'cut':
      return Uint8Array.from(bytes.subarray(0, at));
    case 'drop':
      return joined(bytes.subarray(0, at), bytes.subarray(at + one.count));
    case 'repeat':
      return joined(bytes.subarray(0, at + one.count), bytes.subarray(at));
    case 'append':
      return joined(bytes, one.tail);
    case 'number': {
      const copy = Uint8Array.from(bytes);
      if (copy.length >= 4) new DataView(copy.buffer).setUint32(Math.min(at, copy.length - 4), one.value, true);
      return copy;
    }
    case 'splice': {
      const other = corpus[one.other % corpus.length] ?? new Uint8Array();
      return joined(bytes.subarray(0, at), other.subarray(one.from % (other.length + 1)));
    }
  }
}

function changed(bytes: Uint8Array, at: number, change: (value: number) => number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const value = copy[at];
  if (value !== undefined) copy[at] = change(value);
  return copy;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
