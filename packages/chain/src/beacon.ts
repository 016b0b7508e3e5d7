/**
 * The random beacon (DESIGN §2, spec: state §6): one ECVRF output per block, each over the beacon before it.
 * Owns its input and how an output becomes a beacon; the VRF itself is crypto/.
 */
import { encodeU64, taggedHash } from './codec/index.ts';
import { fromHex } from './crypto/hex.ts';
import type { Hash, Height } from './types/index.ts';

/** What the proposer of `height` proves its VRF over: the previous beacon's 32 bytes, then the height. */
export function beaconAlpha(previousBeacon: Hash, height: Height): Uint8Array {
  const alpha = new Uint8Array(40);
  alpha.set(fromHex(previousBeacon));
  alpha.set(encodeU64(BigInt(height)), 32);
  return alpha;
}

/** The beacon of a block, from its proof's 64 output bytes. */
export function beaconOf(vrfOutput: Uint8Array): Hash {
  return taggedHash('synod/beacon/1', vrfOutput);
}

/** The beacon at height 0: every chain starts with its own. */
export function genesisBeacon(genesis: Hash): Hash {
  return taggedHash('synod/beacon/genesis/1', fromHex(genesis));
}
