/**
 * A node's identity among its peers, from the seed of its network key. Owns the form of a peer id (libp2p's specification "Peer Ids
 * and Keys"): the identity multihash of the public key as libp2p's key message, in base58. Loads nothing of libp2p.
 */
import { base58 } from '@scure/base';
import { publicKeyOf } from '@synod/chain';
import type { PeerId } from '../host/ports.ts';

/** Multihash: identity, 36 bytes. Key message: field 1 is type 1 (Ed25519), field 2 has 32 bytes. */
const PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);

/** Peer id of a 32-byte seed, without starting anything; throws `SECRET_LENGTH` for another length. */
export function peerIdOfSeed(privateKeySeed: Uint8Array): PeerId {
  return base58.encode(Buffer.concat([PREFIX, Buffer.from(publicKeyOf(privateKeySeed), 'hex')]));
}

/** The 64 bytes that libp2p calls a raw Ed25519 private key: seed and public key. */
export function keyPairBytes(privateKeySeed: Uint8Array): Uint8Array {
  return Buffer.concat([privateKeySeed, Buffer.from(publicKeyOf(privateKeySeed), 'hex')]);
}
