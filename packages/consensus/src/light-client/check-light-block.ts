/**
 * Whether a light block holds together by itself: its sets are those its header names, and more than 2/3 of its own set
 * signed it (spec: light-client §2). Owns no trust: anybody can make such a block with keys of their own.
 */
import {
  blockId,
  CHAIN_LIMITS,
  type Hash,
  type Header,
  type LightBlock,
  type Validator,
  validatorsHash,
} from '@synod/chain';
import { verifyCommit } from '../verify-commit.ts';
import { type LightClientConfig, type LightRefusal, refuse } from './light-verdict.ts';

/** The set of the height after a light block. */
export function nextSetOf({ validators, nextValidators }: LightBlock): readonly Validator[] {
  return nextValidators ?? validators;
}

/** The first thing that does not hold together, or null (light-client §2). Signatures come last. */
export function lightBlockProblem(block: LightBlock, config: LightClientConfig): LightRefusal | null {
  const { header, commit, validators } = block;
  const { height } = header;
  if (header.chainId !== config.chainId) return refuse('LIGHT_CHAIN_ID', height, { chainId: header.chainId });
  if (!Number.isSafeInteger(height) || height < 1) return refuse('LIGHT_HEADER_MALFORMED', height);
  const sets = setsProblem(block);
  if (sets !== null) return sets;
  if (commit.height !== height || commit.blockId !== idOf(header)) return refuse('LIGHT_COMMIT_OF_OTHER_BLOCK', height);
  const verdict = verifyCommit({ chainId: config.chainId, commit, validators, verify: config.verify });
  if (verdict.ok) return null;
  return refuse(verdict.code, height, verdict.index === null ? {} : { precommit: verdict.index });
}

/** The block's id, or null for a header that has no canonical form and therefore none. */
export function idOf(header: Header): Hash | null {
  return hashOrNull(() => blockId(header));
}

function hashOrNull(hash: () => Hash): Hash | null {
  try {
    return hash();
  } catch {
    // The codec throws on values outside their range. Here that is a stranger's fault: what has no hash matches none.
    return null;
  }
}

function setsProblem(block: LightBlock): LightRefusal | null {
  const { header, validators } = block;
  const next = nextSetOf(block);
  if (!isSet(validators) || !isSet(next)) return refuse('LIGHT_SET_MALFORMED', header.height);
  const hash = hashOrNull(() => validatorsHash(validators));
  if (hash !== header.validatorsHash) return refuse('LIGHT_VALIDATORS_HASH', header.height);
  const nextHash = block.nextValidators === null ? hash : hashOrNull(() => validatorsHash(next));
  return nextHash === header.nextValidatorsHash ? null : refuse('LIGHT_NEXT_VALIDATORS_HASH', header.height);
}

/**
 * Members in order of operators, each with a key and power of its own: a key listed twice would count twice
 * (light-client §2.2).
 */
function isSet(validators: readonly Validator[]): boolean {
  if (validators.length === 0 || validators.length > CHAIN_LIMITS.validatorsMax) return false;
  if (new Set(validators.map(({ publicKey }) => publicKey)).size !== validators.length) return false;
  let total = 0n;
  for (const [index, { operator, power }] of validators.entries()) {
    const before = validators[index - 1];
    if (before !== undefined && before.operator >= operator) return false;
    if (power <= 0n) return false;
    total += power;
  }
  return total <= CHAIN_LIMITS.totalPowerMax;
}
