/**
 * The invariant of money (spec: state §5), recounted from every record. Owns no rule; tests, the simulator and
 * `--check` tools call it, a running node does not.
 */
import assert from 'node:assert/strict';
import {
  type Decoded,
  decodeAccount,
  decodeDelegation,
  decodeExpert,
  decodeFeedback,
  decodeParamsProposal,
  decodeStakePool,
  decodeUnbonding,
  oncePerObject,
} from '../codec/index.ts';
import type { StateTree } from '../merkle/index.ts';
import type { Amount, Supply } from '../types/index.ts';
import { listOpenQueries, readQuery, readSupply } from './records.ts';

export type SupplyCount = {
  readonly ok: boolean;
  readonly supply: Supply;
  /** Recounted from accounts, experts' records, open queries, proposals and feedback. */
  readonly balances: Amount;
  readonly bonded: Amount;
  readonly escrowed: Amount;
  /** Recounted from pools and unbonding entries. */
  readonly staked: Amount;
  readonly unbonding: Amount;
};

/**
 * `issued = balances + escrowed + bonded + staked + unbonding + burnt`; every pot is what its records say; and the shares of
 * each pool are those of its delegations.
 */
export function checkSupply(state: StateTree): SupplyCount {
  const sums = { balances: 0n, bonded: 0n, staked: 0n, unbonding: 0n };
  let deposits = 0n;
  const shares = new Map<string, Amount>();
  const addShares = (operator: string, by: Amount) => shares.set(operator, (shares.get(operator) ?? 0n) + by);
  for (const { key, value } of state.entries()) {
    const slash = key.indexOf('/');
    if (slash < 0) continue;
    const kind = key.slice(0, slash);
    if (kind === 'account') sums.balances += mustDecode(read.account(value), key).balance;
    if (kind === 'expert') sums.bonded += mustDecode(read.expert(value), key).bond;
    if (kind === 'delegation') addShares(operatorIn(key), mustDecode(read.delegation(value), key).shares);
    if (kind === 'unbonding') for (const { amount } of mustDecode(read.unbonding(value), key)) sums.unbonding += amount;
    if (kind === 'proposal') {
      const { phase, deposit } = mustDecode(read.proposal(value), key);
      if (phase === 'voting') deposits += deposit;
    }
    if (kind === 'feedback') deposits += mustDecode(read.feedback(value), key).deposit;
    if (kind === 'pool') {
      const pool = mustDecode(read.pool(value), key);
      sums.staked += pool.tokens;
      addShares(operatorIn(key), -pool.shares);
    }
  }
  const fees = listOpenQueries(state).reduce((sum, id) => sum + (readQuery(state, id)?.contract.maxFee ?? 0n), 0n);
  const escrowed = fees + deposits;
  const supply = readSupply(state);
  const counted = { ...sums, escrowed };
  const pots = (['bonded', 'staked', 'unbonding', 'escrowed'] as const).every((pot) => counted[pot] === supply[pot]);
  const inPots = supply.escrowed + supply.bonded + supply.staked + supply.unbonding + supply.burnt;
  const ok = pots && sums.balances + inPots === supply.issued && [...shares.values()].every((left) => left === 0n);
  return { ok, supply, ...counted };
}

/** The part between the first slash and the next. */
function operatorIn(key: string): string {
  return key.split('/')[1] as string;
}

/** What a record's bytes say, read anew only where a block has replaced them. */
const read = {
  account: oncePerObject(decodeAccount),
  expert: oncePerObject(decodeExpert),
  delegation: oncePerObject(decodeDelegation),
  unbonding: oncePerObject(decodeUnbonding),
  proposal: oncePerObject(decodeParamsProposal),
  pool: oncePerObject(decodeStakePool),
  feedback: oncePerObject(decodeFeedback),
} as const;

function mustDecode<T>(verdict: Decoded<T>, key: string): T {
  if (!verdict.ok) assert.fail(`state record ${key} does not decode`);
  return verdict.value;
}
