/**
 * The invariant of money (spec: state §5), recounted from every record. Owns no rule; tests, the simulator and
 * `--check` tools call it, a running node does not.
 */
import assert from 'node:assert/strict';
import { type Decoded, decodeAccount, decodeExpert } from '../codec/index.ts';
import type { StateTree } from '../merkle/index.ts';
import type { Amount, Supply } from '../types/index.ts';
import { listOpenQueries, readQuery, readSupply } from './records.ts';

export type SupplyCount = {
  readonly ok: boolean;
  readonly supply: Supply;
  /** Recounted from accounts, experts' records and open queries. */
  readonly balances: Amount;
  readonly bonded: Amount;
  readonly escrowed: Amount;
};

/** `issued = balances + escrowed + bonded + staked + burnt`, and bonds and escrows are what their records say. */
export function checkSupply(state: StateTree): SupplyCount {
  let balances = 0n;
  let bonded = 0n;
  for (const { key, value } of state.entries()) {
    if (key.startsWith('account/')) balances += mustDecode(decodeAccount(value), key).balance;
    if (key.startsWith('expert/')) bonded += mustDecode(decodeExpert(value), key).bond;
  }
  const escrowed = listOpenQueries(state).reduce((sum, id) => sum + (readQuery(state, id)?.contract.maxFee ?? 0n), 0n);
  const supply = readSupply(state);
  const whole = balances + supply.escrowed + supply.bonded + supply.staked + supply.burnt === supply.issued;
  return { ok: whole && bonded === supply.bonded && escrowed === supply.escrowed, supply, balances, bonded, escrowed };
}

function mustDecode<T>(verdict: Decoded<T>, key: string): T {
  assert.ok(verdict.ok, `state record ${key} does not decode`);
  return verdict.value;
}
