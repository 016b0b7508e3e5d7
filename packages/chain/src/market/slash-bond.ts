/**
 * What an expert's proven misconduct costs its bond (spec: market §13, privacy §4, learning §8.5). Owns the move; who is punished for what
 * is its callers'.
 */
import { moveBetweenPots } from '../state/ledger.ts';
import { writeExpert } from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import { type Amount, type ChainParams, PPM, type Ppm, type Respondent } from '../types/index.ts';
import { expertBehind } from './expert-life.ts';

/**
 * Burns a part of the bond behind the slot and returns how much, in nano. Only the registration that stands behind the slot is punished;
 * left with less than the least bond, an active expert is paused.
 */
export function slashBond(
  overlay: Overlay,
  slot: Pick<Respondent, 'expert' | 'registeredAt'>,
  { part, params }: { readonly part: Ppm; readonly params: ChainParams },
): Amount {
  const expert = expertBehind(overlay, slot);
  if (expert === null) return 0n;
  const amount = (expert.bond * BigInt(part)) / BigInt(PPM);
  const bond = expert.bond - amount;
  const isShort = expert.status === 'active' && bond < params.expertBondMin;
  writeExpert(overlay, { ...expert, bond, status: isShort ? 'paused' : expert.status });
  moveBetweenPots(overlay, 'bonded', 'burnt', amount);
  return amount;
}
