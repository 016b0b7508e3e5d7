/**
 * Making a validator and steering it (spec: staking §3). Owns the checks against state; what stake it has is pool-shares.ts,
 * when it is taken into the set is epoch.ts. Each handler returns `OK` or a stable code and checks before it writes.
 */
import { possessionSignBytes } from '../codec/index.ts';
import { toHex, verifySignature, vrfVerify } from '../crypto/index.ts';
import { moveToPot } from '../state/ledger.ts';
import { readAccount } from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type {
  ValidatorCreate,
  ValidatorEdit,
  ValidatorExit,
  ValidatorRotate,
  ValidatorUnjail,
} from '../types/index.ts';
import { canStand, leaveSeat, stand } from './candidates.ts';
import { deposit, stakeOf } from './pool-shares.ts';
import { isKeyUsed, markKeyUsed, readPool, writeMissed, writePool } from './stake-records.ts';
import type { StakeContext } from './stake-transactions.ts';
import { canExit, startUnbonding } from './unbonding.ts';

export function applyValidatorCreate(overlay: Overlay, payload: ValidatorCreate, context: StakeContext): string {
  const { sender, height, params, emit } = context;
  const { publicKey, vrfKey, commission, bond } = payload;
  if (readPool(overlay, sender) !== null) return 'VALIDATOR_EXISTS';
  if (!canStand(overlay, bond)) return 'CANDIDATES_FULL';
  if (areKeysUsed(overlay, payload)) return 'KEY_USED';
  if (bond < params.staking.selfBondMin) return 'BOND_TOO_LOW';
  if (readAccount(overlay, sender).balance < bond) return 'INSUFFICIENT_BALANCE';
  if (!isPossessionProven(payload, context)) return 'POSSESSION_UNPROVEN';
  moveToPot(overlay, sender, 'staked', bond);
  const nothing = { tokens: 0n, shares: 0n, status: 'active', jailedAt: 0 } as const;
  const since = { keysSetAt: height, commissionSetAt: height };
  writePool(overlay, { operator: sender, publicKey, vrfKey, commission, ...since, ...nothing });
  deposit(overlay, sender, sender, bond);
  stand(overlay, sender);
  markKeyUsed(overlay, publicKey, sender);
  markKeyUsed(overlay, vrfKey, sender);
  emit({ type: 'validator.created', validator: sender, bond });
  return 'OK';
}

/** Once an epoch, by a bounded step: nobody who delegated wakes up to another bargain. */
export function applyValidatorEdit(overlay: Overlay, payload: ValidatorEdit, context: StakeContext): string {
  const { sender, height, params } = context;
  const pool = readPool(overlay, sender);
  if (pool === null) return 'VALIDATOR_UNKNOWN';
  if (pool.status === 'exited' || pool.status === 'tombstoned') return 'VALIDATOR_GONE';
  if (height - pool.commissionSetAt < params.staking.epochHeights) return 'COMMISSION_TOO_SOON';
  if (Math.abs(payload.commission - pool.commission) > params.staking.commissionStepMax)
    return 'COMMISSION_STEP_TOO_LARGE';
  writePool(overlay, { ...pool, commission: payload.commission, commissionSetAt: height });
  return 'OK';
}

/** Final. The stake of others stays in the pool until they take it out. */
export function applyValidatorExit(overlay: Overlay, { validator }: ValidatorExit, context: StakeContext): string {
  const { sender, height, params, emit } = context;
  if (validator !== sender) return 'NOT_OPERATOR';
  const pool = readPool(overlay, sender);
  if (pool === null) return 'VALIDATOR_UNKNOWN';
  if (pool.status === 'exited' || pool.status === 'tombstoned') return 'VALIDATOR_GONE';
  const maturesAt = height + params.staking.unbondingHeights;
  if (!canExit(overlay, maturesAt)) return 'UNBONDING_FULL';
  writePool(overlay, { ...pool, status: 'exited' });
  leaveSeat(overlay, sender);
  const amount = stakeOf(overlay, sender, sender);
  startUnbonding(overlay, { operator: sender, delegator: sender }, { amount, maturesAt });
  emit({ type: 'validator.exited', validator: sender });
  return 'OK';
}

/** The validator is taken into the set again at the next epoch's end. */
export function applyValidatorUnjail(overlay: Overlay, { validator }: ValidatorUnjail, context: StakeContext): string {
  const { sender, height, params, emit } = context;
  if (validator !== sender) return 'NOT_OPERATOR';
  const pool = readPool(overlay, sender);
  if (pool === null) return 'VALIDATOR_UNKNOWN';
  if (pool.status !== 'jailed') return 'NOT_JAILED';
  if (height < pool.jailedAt + params.staking.jailHeights) return 'JAIL_NOT_OVER';
  if (stakeOf(overlay, sender, sender) < params.staking.selfBondMin) return 'BOND_TOO_LOW';
  writePool(overlay, { ...pool, status: 'active' });
  writeMissed(overlay, sender, null);
  stand(overlay, sender);
  emit({ type: 'validator.unjailed', validator: sender });
  return 'OK';
}

/**
 * Once an epoch. The set takes the keys over from the epoch's end on (staking §4.7); evidence about heights before that is
 * judged by the keys of their sets, so the old ones answer as long as stake does.
 */
export function applyValidatorRotate(overlay: Overlay, payload: ValidatorRotate, context: StakeContext): string {
  const { sender, height, params, emit } = context;
  const { publicKey, vrfKey } = payload;
  const pool = readPool(overlay, sender);
  if (pool === null) return 'VALIDATOR_UNKNOWN';
  if (pool.status === 'exited' || pool.status === 'tombstoned') return 'VALIDATOR_GONE';
  if (height - pool.keysSetAt < params.staking.epochHeights) return 'ROTATION_TOO_SOON';
  if (areKeysUsed(overlay, payload)) return 'KEY_USED';
  if (!isPossessionProven(payload, context)) return 'POSSESSION_UNPROVEN';
  writePool(overlay, { ...pool, publicKey, vrfKey, keysSetAt: height });
  markKeyUsed(overlay, publicKey, sender);
  markKeyUsed(overlay, vrfKey, sender);
  emit({ type: 'validator.rotated', validator: sender, publicKey, vrfKey });
  return 'OK';
}

type NewKeys = Pick<ValidatorCreate, 'publicKey' | 'vrfKey' | 'keyProof' | 'vrfProof'>;

function areKeysUsed(view: StateView, { publicKey, vrfKey }: NewKeys): boolean {
  return publicKey === vrfKey || isKeyUsed(view, publicKey) || isKeyUsed(view, vrfKey);
}

/** Verdicts kept; a full memo starts over, which costs time and changes no result. */
const POSSESSIONS_MAX = 1_024;
/** By everything that goes into it: built, judged and applied, a block proves the same several times. */
const possessions = new Map<string, boolean>();

/** Both keys, each in its own way: a key that somebody else holds cannot be claimed. */
function isPossessionProven(payload: NewKeys, { chainId, sender }: StakeContext): boolean {
  const { publicKey, vrfKey, keyProof, vrfProof } = payload;
  const claim = [publicKey, vrfKey, toHex(keyProof), toHex(vrfProof), sender, chainId].join(' ');
  const known = possessions.get(claim);
  if (known !== undefined) return known;
  const message = possessionSignBytes(chainId, { operator: sender, publicKey, vrfKey });
  const isProven = verifySignature(publicKey, message, keyProof) && vrfVerify(vrfKey, message, vrfProof) !== null;
  if (possessions.size >= POSSESSIONS_MAX) possessions.clear();
  possessions.set(claim, isProven);
  return isProven;
}
