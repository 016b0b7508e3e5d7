/**
 * Delegating, undelegating, redelegating (spec: staking §3). Owns the checks against state and the moves of money; every
 * handler checks first and writes last. Each returns `OK` or a stable code.
 */
import type { EmitEvent } from '../state/events.ts';
import { moveToPot } from '../state/ledger.ts';
import { readAccount } from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type {
  Address,
  Amount,
  ChainParams,
  Delegate,
  Height,
  Redelegate,
  StakePool,
  Undelegate,
} from '../types/index.ts';
import { stand } from './candidates.ts';
import { deposit, sharesFor, stakeOf, withdraw } from './pool-shares.ts';
import { readPool, readRedelegations } from './stake-records.ts';
import { canRedelegate, canUnbond, noteRedelegation, startUnbonding } from './unbonding.ts';

export type StakeContext = {
  readonly chainId: string;
  readonly sender: Address;
  readonly height: Height;
  readonly params: ChainParams;
  readonly emit: EmitEvent;
};

export function applyDelegate(overlay: Overlay, { validator, amount }: Delegate, context: StakeContext): string {
  const { sender, params, emit } = context;
  const pool = readPool(overlay, validator);
  const problem = depositProblem(pool, amount);
  if (problem !== null) return problem;
  if (amount < params.staking.delegationMin) return 'AMOUNT_TOO_LOW';
  if (readAccount(overlay, sender).balance < amount) return 'INSUFFICIENT_BALANCE';
  moveToPot(overlay, sender, 'staked', amount);
  deposit(overlay, validator, sender, amount);
  // A validator without a seat that raises its own stake asks for one.
  if (validator === sender && pool?.status === 'active') stand(overlay, validator);
  emit({ type: 'stake.delegated', validator, delegator: sender, amount });
  return 'OK';
}

export function applyUndelegate(overlay: Overlay, { validator, amount }: Undelegate, context: StakeContext): string {
  const { sender, height, params, emit } = context;
  const problem = withdrawalProblem(overlay, { validator, delegator: sender, amount }, params);
  if (problem !== null) return problem;
  const leaving = { operator: validator, delegator: sender };
  const maturesAt = height + params.staking.unbondingHeights;
  if (!canUnbond(overlay, leaving, maturesAt)) return 'UNBONDING_FULL';
  startUnbonding(overlay, leaving, { amount, maturesAt });
  emit({ type: 'stake.undelegated', validator, delegator: sender, amount, maturesAt });
  return 'OK';
}

/** Stake that came by redelegation may not move on before it has stopped answering for where it came from. */
export function applyRedelegate(overlay: Overlay, { from, to, amount }: Redelegate, context: StakeContext): string {
  const { sender, height, params, emit } = context;
  if (from === to) return 'SAME_VALIDATOR';
  const problem =
    withdrawalProblem(overlay, { validator: from, delegator: sender, amount }, params) ??
    depositProblem(readPool(overlay, to), amount);
  if (problem !== null) return problem;
  if (readRedelegations(overlay, from, sender).length > 0) return 'REDELEGATION_PENDING';
  const arriving = { operator: to, delegator: sender };
  const maturesAt = height + params.staking.unbondingHeights;
  if (!canRedelegate(overlay, arriving, { from, maturesAt })) return 'UNBONDING_FULL';
  withdraw(overlay, from, sender, amount);
  deposit(overlay, to, sender, amount);
  noteRedelegation(overlay, arriving, { from, maturesAt, amount });
  emit({ type: 'stake.redelegated', from, to, delegator: sender, amount });
  return 'OK';
}

function depositProblem(pool: StakePool | null, amount: Amount): string | null {
  if (pool === null) return 'VALIDATOR_UNKNOWN';
  if (pool.status === 'exited' || pool.status === 'tombstoned') return 'VALIDATOR_GONE';
  return sharesFor(pool, amount) === null ? 'SHARES_UNAVAILABLE' : null;
}

/** Less than the minimum may be taken out only where it is everything. */
function withdrawalProblem(
  view: StateView,
  { validator, delegator, amount }: { validator: Address; delegator: Address; amount: Amount },
  { staking }: ChainParams,
): string | null {
  if (readPool(view, validator) === null) return 'VALIDATOR_UNKNOWN';
  const stake = stakeOf(view, validator, delegator);
  if (amount > stake) return 'INSUFFICIENT_STAKE';
  return amount < staking.delegationMin && amount !== stake ? 'AMOUNT_TOO_LOW' : null;
}
