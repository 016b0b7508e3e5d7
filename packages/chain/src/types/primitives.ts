/**
 * The small nouns every other type is made of. Owns their meaning and range, not their encoding (codec/).
 * All are plain strings and numbers, so equality is `===` and any of them can key a Map.
 */

/** 32 bytes as 64 lowercase hexadecimal digits, without a prefix. */
export type Hash = string & { readonly __brand: 'Hash' };

/** 20-byte account address as bech32m text with prefix `syn` (spec: codec §2). */
export type Address = string & { readonly __brand: 'Address' };

/** Ed25519 public key: 32 bytes as 64 lowercase hexadecimal digits, as received (canonical or not). */
export type PublicKey = string & { readonly __brand: 'PublicKey' };

/** Block height; genesis state is height 0, the first block is height 1. A safe integer. */
export type Height = number;

/** Consensus round within a height, from 0; −1 means "none" in Tendermint's locked, valid and POL rounds. */
export type Round = number;

/** Amount of money in nano (1 SYN = 10⁹ nano), 0 … 2⁶⁴ − 1. */
export type Amount = bigint;

/** Voting power of a validator, 0 … 2⁶³ − 1. */
export type Power = bigint;

/** A ratio in parts per million, 0 … 1 000 000. */
export type Ppm = number;

/** Milliseconds since the Unix epoch. A safe integer. */
export type TimestampMs = number;

/** Nano in one SYN. */
export const NANO_PER_SYN = 1_000_000_000n;

/** Parts per million in one whole. */
export const PPM: Ppm = 1_000_000;

/** 32 zero bytes: "no previous block" and the root of an empty state tree. */
export const ZERO_HASH = '0'.repeat(64) as Hash;
