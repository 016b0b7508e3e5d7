/**
 * Registering an expert (spec: market §1). Owns the checks against state and the bond; the profile's form is contract-check.ts.
 */

import { CHAIN_LIMITS } from '../limits.ts';
import type { EmitEvent } from '../state/events.ts';
import { moveToPot } from '../state/ledger.ts';
import { addExpert, listExperts, readAccount, readExpert } from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import type { Address, ChainParams, ExpertRegister, Height } from '../types/index.ts';

export type RegisterContext = {
  readonly sender: Address;
  readonly height: Height;
  readonly params: ChainParams;
  readonly emit: EmitEvent;
};

/** Bonds the sender as an expert, once per address. Returns `OK` or a stable code. */
export function applyExpertRegister(overlay: Overlay, payload: ExpertRegister, context: RegisterContext): string {
  const { sender, height, params } = context;
  const { expert: profile, bond } = payload;
  if (readExpert(overlay, sender) !== null) return 'EXPERT_EXISTS';
  if (bond < params.expertBondMin) return 'BOND_TOO_LOW';
  if (listExperts(overlay, profile.domain).length >= CHAIN_LIMITS.expertsPerDomainMax) return 'DOMAIN_FULL';
  if (readAccount(overlay, sender).balance < bond) return 'INSUFFICIENT_BALANCE';
  moveToPot(overlay, sender, 'bonded', bond);
  addExpert(overlay, { address: sender, profile, bond, registeredAt: height });
  context.emit({ type: 'expert.registered', expert: sender, domain: profile.domain, operator: profile.operator });
  return 'OK';
}
