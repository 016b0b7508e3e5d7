/**
 * Whether two accounts are in the same hands as far as the chain can tell (spec: rewards §9.2). Owns that one question.
 */
import { readPool, readShares } from '../staking/stake-records.ts';
import { readExpert } from '../state/records.ts';
import type { StateView } from '../state/view.ts';
import type { Address } from '../types/index.ts';

/** Whoever an account acts for: an expert's operator, else itself. */
export function handsOf(view: StateView, account: Address): Address {
  return readExpert(view, account)?.profile.operator ?? account;
}

/** True when the account acts for the operator, or for another operator with stake in the operator's pool. */
export function isSameHands(view: StateView, account: Address, operator: Address): boolean {
  const hands = handsOf(view, account);
  if (hands === operator) return true;
  return readPool(view, hands) !== null && readShares(view, operator, hands) > 0n;
}
