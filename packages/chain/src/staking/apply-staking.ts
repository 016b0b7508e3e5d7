/** Hands each staking payload to its handler (spec: staking §3). Owns the table alone. */
import type { Overlay } from '../state/view.ts';
import type { Payload, StakingPayload } from '../types/index.ts';
import { applyDelegate, applyRedelegate, applyUndelegate, type StakeContext } from './stake-transactions.ts';
import {
  applyValidatorCreate,
  applyValidatorEdit,
  applyValidatorExit,
  applyValidatorRotate,
  applyValidatorUnjail,
} from './validator-transactions.ts';

/** Returns `OK` or a stable code; a handler that fails has written nothing. */
export function applyStaking(overlay: Overlay, payload: StakingPayload, context: StakeContext): string {
  switch (payload.type) {
    case 'validator.create':
      return applyValidatorCreate(overlay, payload, context);
    case 'validator.edit':
      return applyValidatorEdit(overlay, payload, context);
    case 'validator.exit':
      return applyValidatorExit(overlay, payload, context);
    case 'validator.unjail':
      return applyValidatorUnjail(overlay, payload, context);
    case 'validator.rotate':
      return applyValidatorRotate(overlay, payload, context);
    case 'delegate':
      return applyDelegate(overlay, payload, context);
    case 'undelegate':
      return applyUndelegate(overlay, payload, context);
    case 'redelegate':
      return applyRedelegate(overlay, payload, context);
  }
}

/** True for what carries proofs of possession: a block has only so many of them (state §8.2). */
export function provesPossession({ type }: Pick<Payload, 'type'>): boolean {
  return type === 'validator.create' || type === 'validator.rotate';
}

/** Name of the field that can never be right, or null. */
export function stakingProblem(payload: StakingPayload): string | null {
  switch (payload.type) {
    case 'delegate':
    case 'undelegate':
    case 'redelegate':
      return payload.amount > 0n ? null : 'amount';
    case 'validator.create':
      return payload.bond > 0n ? null : 'bond';
    case 'validator.edit':
    case 'validator.exit':
    case 'validator.unjail':
    case 'validator.rotate':
      return null;
  }
}
