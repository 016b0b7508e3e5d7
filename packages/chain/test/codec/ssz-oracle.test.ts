/** The codec against an independent SSZ implementation: equal bytes, and nothing accepted that the library would write otherwise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ByteListType,
  ByteVectorType,
  ContainerType,
  ListCompositeType,
  NoneType,
  type Type,
  UintNumberType,
  UnionType,
} from '@chainsafe/ssz';
import fc from 'fast-check';
import * as chain from '../../src/index.ts';
import * as arbitrary from './arbitraries.ts';

const bytes20 = new ByteVectorType(20);
const bytes32 = new ByteVectorType(32);
const bytes64 = new ByteVectorType(64);
const u8 = new UintNumberType(1);
const u32 = new UintNumberType(4);
const u64 = new UintNumberType(8);
const extension = new ByteListType(chain.codecLimits.extensionBytes);
const orNone = (type: ConstructorParameters<typeof UnionType>[0][number]) => new UnionType([new NoneType(), type]);

const vote = new ContainerType({
  type: u8,
  height: u64,
  round: u32,
  blockId: orNone(bytes32),
  validator: bytes20,
  signature: bytes64,
  extension: orNone(new ContainerType({ bytes: extension, signature: bytes64 })),
});

const precommit = new ContainerType({ validator: u32, signature: bytes64, extension, extensionSignature: bytes64 });

const extendedCommit = new ContainerType({
  height: u64,
  round: u32,
  blockId: bytes32,
  precommits: new ListCompositeType(precommit, chain.codecLimits.validators),
});

const union = <T>(value: T | null, map: (value: T) => unknown) =>
  value === null ? { selector: 0, value: null } : { selector: 1, value: map(value) };

const voteWire = (value: chain.Vote) => ({
  ...value,
  type: ['prevote', 'precommit'].indexOf(value.type),
  blockId: union(value.blockId, chain.fromHex),
  validator: chain.addressBytes(value.validator),
  extension: union(value.extension, (given) => given),
});

const commitWire = (value: chain.ExtendedCommit) => ({ ...value, blockId: chain.fromHex(value.blockId) });

type Flip = readonly [at: number, value: number];
const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });

/** Some bytes changed: mostly near the front, where offsets and selectors stand. */
function changed(bytes: Uint8Array, at: readonly Flip[]): Uint8Array {
  const copy = bytes.slice();
  for (const [place, value] of at) copy[place % Math.min(copy.length, 160)] = value;
  return copy;
}

function agrees<T>(
  type: Type<unknown>,
  sample: fc.Arbitrary<T>,
  form: { wire: (value: T) => unknown; encode: (value: T) => Uint8Array; decode: (b: Uint8Array) => chain.Decoded<T> },
): void {
  fc.assert(
    fc.property(sample, flips, (value, at) => {
      const bytes = form.encode(value);
      assert.deepEqual(bytes, type.serialize(form.wire(value)));
      const other = changed(bytes, at);
      const read = form.decode(other);
      if (read.ok) assert.deepEqual(type.serialize(form.wire(read.value)), other);
    }),
  );
}

test('votes: unions and a nested record of variable size', () => {
  agrees(vote, arbitrary.vote, { wire: voteWire, encode: chain.encodeVote, decode: chain.decodeVote });
});

test('extended commits: a list of records of variable size', () => {
  const form = { wire: commitWire, encode: chain.encodeExtendedCommit, decode: chain.decodeExtendedCommit };
  agrees(extendedCommit, arbitrary.extendedCommit, form);
});
