/** Ids and commitments of feedback and training rounds (spec: learning §2, §4, §6, §7). Owns their tags and what they cover. */
import { encodeGateReport, requireSalt, taggedHash } from '../codec/index.ts';
import { addressBytes } from '../crypto/address.ts';
import { fromHex } from '../crypto/hex.ts';
import type { Address, GateReport, Hash, Height } from '../types/index.ts';

/** Names the round of a domain that opened at a height. */
export function roundId(domain: string, openedAt: Height): Hash {
  const height = new Uint8Array(8);
  new DataView(height.buffer).setBigUint64(0, BigInt(openedAt), true);
  return taggedHash('synod/training-round/1', height, new TextEncoder().encode(domain));
}

/** Names what a query asked, so that feedback about it can be seen to repeat that. */
export function promptHash(prompt: string): Hash {
  return taggedHash('synod/prompt/1', new TextEncoder().encode(prompt));
}

/** What a trainer puts on chain before it opens its delta. `salt` has 32 bytes. */
export function deltaCommitment(opening: {
  readonly round: Hash;
  readonly trainer: Address;
  readonly salt: Uint8Array;
  readonly content: Hash;
}): Hash {
  const { round, trainer, salt, content } = opening;
  return taggedHash(
    'synod/delta-commitment/1',
    fromHex(round),
    addressBytes(trainer),
    requireSalt(salt),
    fromHex(content),
  );
}

/** What a validator puts in its vote extension before it opens its report. `salt` has 32 bytes. */
export function gateCommitment(opening: {
  readonly round: Hash;
  readonly validator: Address;
  readonly salt: Uint8Array;
  readonly report: GateReport;
}): Hash {
  const { round, validator, salt, report } = opening;
  return taggedHash(
    'synod/gate-commitment/1',
    fromHex(round),
    addressBytes(validator),
    requireSalt(salt),
    encodeGateReport(report),
  );
}
