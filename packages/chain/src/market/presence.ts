/**
 * For whom a window of vote extensions waits (DESIGN §9, ADR 11). Owns that one rule; scores and training rounds share it.
 */
import { isAbsent } from '../staking/proposer-rotation.ts';
import { readValidatorRecord } from '../state/records.ts';
import type { StateView } from '../state/view.ts';
import type { Address, ChainParams, Height } from '../types/index.ts';

/**
 * True when everybody has delivered who is not absent by the rotation's rule: nobody waits for absent ones, as long as somebody has
 * delivered.
 */
export function arePresentDone<T extends { readonly operator: Address }>(
  view: StateView,
  members: readonly T[],
  isDone: (member: T) => boolean,
  { params, height }: { readonly params: ChainParams; readonly height: Height },
): boolean {
  const { rotation } = readValidatorRecord(view);
  const present = new Set(rotation.filter((entry) => !isAbsent(entry, params, height)).map(({ operator }) => operator));
  const waiting = members.filter((member) => !isDone(member));
  return waiting.length < members.length && waiting.every(({ operator }) => !present.has(operator));
}
