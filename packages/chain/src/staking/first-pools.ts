/** The pools of the validators of genesis (spec: staking §2): each with its power's worth of self-bond. Owns nothing later. */
import type { Overlay } from '../state/view.ts';
import type { Validator } from '../types/index.ts';
import { deposit, STAKE_PER_POWER } from './pool-shares.ts';
import { markKeyUsed, writeCandidates, writePool } from './stake-records.ts';
import { writeFirstSet } from './validator-sets.ts';

/** Writes sets, pools, self-bonds and keys. The supply already counts the stake. */
export function writeFirstPools(overlay: Overlay, validators: readonly Validator[]): void {
  writeFirstSet(overlay, validators);
  for (const { operator, publicKey, vrfKey, power } of validators) {
    const nothing = { tokens: 0n, shares: 0n, status: 'active', jailedAt: 0 } as const;
    writePool(overlay, { operator, publicKey, vrfKey, keysSetAt: 0, commission: 0, commissionSetAt: 0, ...nothing });
    deposit(overlay, operator, operator, power * STAKE_PER_POWER);
    markKeyUsed(overlay, publicKey, operator);
    markKeyUsed(overlay, vrfKey, operator);
  }
  writeCandidates(
    overlay,
    validators.map(({ operator }) => operator),
  );
}
