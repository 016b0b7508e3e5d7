/**
 * Verifies a decision certificate against a validator set: the finality proof of a block, for catch-up, block validity
 * and light clients. Owns membership, order, power and signatures. Does not own whether this is the wanted block:
 * the caller compares height and block id. The verdict is a value; nothing here throws on a peer's data.
 */
import {
  type CommitPrecommit,
  codecLimits,
  type ExtendedCommit,
  extensionSignBytes,
  type PublicKey,
  type Validator,
  voteSignBytes,
} from '@synod/chain';
import { limits } from './limits.ts';
import { isQuorum } from './vote-keeper.ts';

/** True when `signature` (any length) is a good Ed25519 signature by the rule of consensus §2. Never throws. */
export type VerifySignature = (publicKey: PublicKey, message: Uint8Array, signature: Uint8Array) => boolean;

export type CommitToVerify = {
  readonly chainId: string;
  readonly commit: ExtendedCommit;
  /** The set of the commit's height, in set order. */
  readonly validators: readonly Validator[];
  readonly verify: VerifySignature;
};

/** Why a certificate proves nothing. */
export type CommitFault =
  | 'COMMIT_MALFORMED'
  | 'COMMIT_NOT_SORTED'
  | 'COMMIT_VALIDATOR_UNKNOWN'
  | 'COMMIT_POWER_LOW'
  | 'COMMIT_SIGNATURE_BAD'
  | 'COMMIT_EXTENSION_SIGNATURE_BAD';

export type CommitVerdict =
  | { readonly ok: true; readonly power: bigint }
  /** `index` is the position in `precommits`, or null when the whole is at fault. */
  | { readonly ok: false; readonly code: CommitFault; readonly index: number | null };

/**
 * Accepts a certificate whose precommits are by members, sorted and unique, of more than 2/3 of the power, with every
 * signature of every vote and extension good: one bad signature refuses all, so that everybody keeps the same bytes.
 * Cheap checks come before signatures.
 */
export function verifyCommit(request: CommitToVerify): CommitVerdict {
  const { commit, validators } = request;
  if (!isPosition(commit.height) || !isPosition(commit.round) || commit.round > limits.roundMax) {
    return fault('COMMIT_MALFORMED');
  }
  let power = 0n;
  let previous = -1;
  for (const [index, precommit] of commit.precommits.entries()) {
    const member = validators[precommit.validator];
    if (member === undefined) return fault('COMMIT_VALIDATOR_UNKNOWN', index);
    if (precommit.validator <= previous) return fault('COMMIT_NOT_SORTED', index);
    if (precommit.extension.length > codecLimits.extensionBytes) return fault('COMMIT_MALFORMED', index);
    previous = precommit.validator;
    power += member.power;
  }
  const total = validators.reduce((sum, validator) => sum + validator.power, 0n);
  if (!isQuorum(power, total)) return fault('COMMIT_POWER_LOW');
  return verifySignatures(request) ?? { ok: true, power };
}

function verifySignatures(request: CommitToVerify): CommitVerdict | null {
  const { chainId, commit, validators, verify } = request;
  const { height, round, blockId } = commit;
  const voteBytes = voteSignBytes(chainId, { type: 'precommit', height, round, blockId });
  for (const [index, precommit] of commit.precommits.entries()) {
    const key = validators[precommit.validator]?.publicKey;
    if (key === undefined) return fault('COMMIT_VALIDATOR_UNKNOWN', index);
    if (!verify(key, voteBytes, precommit.signature)) return fault('COMMIT_SIGNATURE_BAD', index);
    const extensionBytes = extensionSignBytes(chainId, extensionContent(commit, precommit));
    if (!verify(key, extensionBytes, precommit.extensionSignature))
      return fault('COMMIT_EXTENSION_SIGNATURE_BAD', index);
  }
  return null;
}

function extensionContent(
  commit: ExtendedCommit,
  precommit: CommitPrecommit,
): Parameters<typeof extensionSignBytes>[1] {
  const { height, round, blockId } = commit;
  return { height, round, blockId, extension: precommit.extension };
}

function isPosition(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function fault(code: CommitFault, index: number | null = null): CommitVerdict {
  return { ok: false, code, index };
}
