/**
 * Content for a few readers (spec: privacy §3): ChaCha20-Poly1305 (RFC 8439) under a content key, which is wrapped for each
 * reader by X25519 (RFC 7748) with its Ed25519 key, turned into a Montgomery one, and HKDF-SHA256 (RFC 5869). Owns the
 * cryptography; who the readers are and what is sealed is the callers'.
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { PublicKey } from '../types/index.ts';
import { tagPrefix } from './hash.ts';
import { fromHex } from './hex.ts';

const KEY_BYTES = 32;
/** Every key is used once, so its nonce may be fixed. */
const NONCE = new Uint8Array(12);

/** What anybody may carry and only its readers open. */
export type SealedBox = {
  /** X25519 public key made for this box alone, 32 bytes. */
  readonly ephemeral: Uint8Array;
  /** The content key for each reader, 48 bytes: its tag stands behind it. */
  readonly keys: readonly { readonly reader: PublicKey; readonly wrapped: Uint8Array }[];
  readonly body: Uint8Array;
};

/** X25519 of an Ed25519 secret seed with somebody's X25519 key, 32 bytes; null where the key is of low order. */
export type KeyAgreement = (theirs: Uint8Array) => Uint8Array | null;

/** Key agreement by the Ed25519 secret seed, 32 bytes. */
export function keyAgreement(seed: Uint8Array): KeyAgreement {
  const secret = ed25519.utils.toMontgomerySecret(seed);
  return (theirs) => {
    try {
      return x25519.getSharedSecret(secret, theirs);
    } catch {
      // The library throws for keys of low order and of wrong length alike: neither is a reader's.
      return null;
    }
  };
}

/**
 * Seals the content for the readers. `secret` has 64 bytes that nobody else can know and that are never used for other content:
 * content key and ephemeral key. `context` binds the box to its use. A reader whose key is no point of the curve, or of low order, is
 * left out: nobody could open it, or anybody.
 */
export function sealBox(
  content: Uint8Array,
  options: { readonly secret: Uint8Array; readonly readers: readonly PublicKey[]; readonly context: Uint8Array },
): SealedBox {
  const { secret, readers, context } = options;
  const contentKey = secret.subarray(0, KEY_BYTES);
  const own = secret.subarray(KEY_BYTES, 2 * KEY_BYTES);
  const ephemeral = x25519.getPublicKey(own);
  const keys = readers.flatMap((reader) => {
    const shared = sharedWith(reader, own);
    if (shared === null) return [];
    const wrapped = cipher(wrappingKey(shared, { ephemeral, reader }), context).encrypt(contentKey);
    return [{ reader, wrapped }];
  });
  return { ephemeral, keys, body: cipher(contentKey, context).encrypt(content) };
}

/** The content, or null where the box is not for this reader, not of this context, or damaged. Never throws. */
export function openBox(
  box: SealedBox,
  options: { readonly reader: PublicKey; readonly agree: KeyAgreement; readonly context: Uint8Array },
): Uint8Array | null {
  const { reader, agree, context } = options;
  const entry = box.keys.find((key) => key.reader === reader);
  const shared = entry === undefined ? null : agree(box.ephemeral);
  if (entry === undefined || shared === null) return null;
  try {
    const contentKey = cipher(wrappingKey(shared, { ephemeral: box.ephemeral, reader }), context).decrypt(
      entry.wrapped,
    );
    return cipher(contentKey, context).decrypt(box.body);
  } catch {
    // What does not authenticate is not for us, whatever the reason.
    return null;
  }
}

function sharedWith(reader: PublicKey, own: Uint8Array): Uint8Array | null {
  try {
    return x25519.getSharedSecret(own, ed25519.utils.toMontgomery(fromHex(reader)));
  } catch {
    // The library throws for keys that are no points and for those of low order alike.
    return null;
  }
}

function cipher(key: Uint8Array, context: Uint8Array): ReturnType<typeof chacha20poly1305> {
  return chacha20poly1305(key, NONCE, context);
}

/** Bound to both public keys, so that a box for one reader is none for another. */
function wrappingKey(
  shared: Uint8Array,
  { ephemeral, reader }: { readonly ephemeral: Uint8Array; readonly reader: PublicKey },
): Uint8Array {
  const salt = new Uint8Array(2 * KEY_BYTES);
  salt.set(ephemeral);
  salt.set(fromHex(reader), KEY_BYTES);
  return hkdf(sha256, shared, salt, tagPrefix('synod/seal/1'), KEY_BYTES);
}
