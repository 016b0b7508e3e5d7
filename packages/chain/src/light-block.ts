/**
 * A light block: all that one height shows to somebody who has no state (spec: light-client §1). Owns its shape and
 * canonical form. Whether it is to be believed is the consensus package's light client.
 */

import { container, nullable } from './codec/composites.ts';
import {
  type Decoded,
  decodeExtendedCommit,
  decodeHeader,
  decodeValidators,
  encodeExtendedCommit,
  encodeHeader,
  encodeValidators,
} from './codec/index.ts';
import { codecLimits } from './codec/limits.ts';
import { byteList, createCodec, mapped, OutOfRange, type Schema } from './codec/schema.ts';
import type { ExtendedCommit, Header, Validator } from './types/index.ts';

/** A header with its certificate and the sets it names. */
export type LightBlock = {
  readonly header: Header;
  /** The certificate of this header's block, not of the one before. */
  readonly commit: ExtendedCommit;
  /** The set of this height, in set order. */
  readonly validators: readonly Validator[];
  /** The set of the next height; null where it is the same. */
  readonly nextValidators: readonly Validator[] | null;
};

/** Largest encoded light block: a commit is bounded like the block that carries it, and the rest is small beside it. */
const LIGHT_BLOCK_BYTES_MAX = 2 * codecLimits.blockBytes;

/** Makes a field of bytes that another codec owns; what that codec refuses is refused here, with its reason. */
function encodedBy<T>(encode: (value: T) => Uint8Array, decode: (bytes: Uint8Array) => Decoded<T>): Schema<T> {
  return mapped(byteList(LIGHT_BLOCK_BYTES_MAX), encode, (bytes) => {
    const read = decode(bytes);
    if (!read.ok) throw new OutOfRange(read.reason);
    return read.value;
  });
}

const setSchema = encodedBy(encodeValidators, decodeValidators);

/** Canonical form of a light block. */
export const { encode: encodeLightBlock, decode: decodeLightBlock } = createCodec<LightBlock>(
  'light block',
  container<LightBlock>({
    header: encodedBy(encodeHeader, decodeHeader),
    commit: encodedBy(encodeExtendedCommit, decodeExtendedCommit),
    validators: setSchema,
    nextValidators: nullable(setSchema),
  }),
  LIGHT_BLOCK_BYTES_MAX,
);
