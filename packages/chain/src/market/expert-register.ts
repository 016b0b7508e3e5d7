/**
 * Registering an expert (spec: market §1). Owns the checks against state and the bond; the profile's form is contract-check.ts.
 */

import { consentSignBytes } from '../codec/index.ts';
import { addressOf, verifySignature } from '../crypto/index.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import type { EmitEvent } from '../state/events.ts';
import { moveToPot } from '../state/ledger.ts';
import { addExpert, listExperts, readAccount, readExpert } from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import type { Address, ChainParams, Expert, ExpertRegister, Height, PublicKey } from '../types/index.ts';

export type RegisterContext = {
  readonly chainId: string;
  readonly sender: Address;
  readonly publicKey: PublicKey;
  readonly height: Height;
  readonly params: ChainParams;
  readonly emit: EmitEvent;
};

/** An expert as it starts. */
export function newExpert(given: Pick<Expert, 'address' | 'publicKey' | 'profile' | 'bond' | 'registeredAt'>): Expert {
  const { address, publicKey, profile, bond, registeredAt } = given;
  const breaker = { failures: 0, openUntil: 0 };
  return { address, publicKey, profile, bond, registeredAt, status: 'active', releaseAt: 0, breaker, active: 0 };
}

/** Bonds the sender as an expert, once per address. Returns `OK` or a stable code. */
export function applyExpertRegister(overlay: Overlay, payload: ExpertRegister, context: RegisterContext): string {
  const { sender, height, params } = context;
  const { expert: profile, bond } = payload;
  if (!hasConsent(payload, context)) return 'OPERATOR_CONSENT_MISSING';
  const before = readExpert(overlay, sender);
  if (before !== null) return before.status === 'retired' ? 'EXPERT_RETIRED' : 'EXPERT_EXISTS';
  if (bond < params.expertBondMin) return 'BOND_TOO_LOW';
  if (listExperts(overlay, profile.domain).length >= CHAIN_LIMITS.expertsPerDomainMax) return 'DOMAIN_FULL';
  if (readAccount(overlay, sender).balance < bond) return 'INSUFFICIENT_BALANCE';
  moveToPot(overlay, sender, 'bonded', bond);
  addExpert(overlay, newExpert({ address: sender, publicKey: context.publicKey, profile, bond, registeredAt: height }));
  context.emit({ type: 'expert.registered', expert: sender, domain: profile.domain, operator: profile.operator });
  return 'OK';
}

/** Nobody is made an operator against its will: masks go by operator, and would keep it from scoring. */
function hasConsent({ expert: { operator }, consent }: ExpertRegister, context: RegisterContext): boolean {
  const { sender: expert, chainId } = context;
  if (operator === expert) return true;
  if (consent === null || addressOf(consent.publicKey) !== operator) return false;
  return verifySignature(consent.publicKey, consentSignBytes(chainId, { operator, expert }), consent.signature);
}
