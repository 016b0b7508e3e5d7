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
  decodeUnbondingPool,
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
 * each pool, and of what leaves it, are those of its delegations and entries.
 */
export function checkSupply(state: StateTree): SupplyCount {
  const sums = { balances: 0n, bonded: 0n, staked: 0n, unbonding: 0n };
  let deposits = 0n;
  const shares = new Map<string, bigint>();
  const ended: string[] = [];
  const addShares = (of: string, by: bigint) => shares.set(of, (shares.get(of) ?? 0n) + by);
  for (const { key, value } of state.entries()) {
    const slash = key.indexOf('/');
    if (slash < 0) continue;
    const kind = key.slice(0, slash);
    if (kind === 'account') sums.balances += mustDecode(read.account(value), key).balance;
    if (kind === 'expert') sums.bonded += mustDecode(read.expert(value), key).bond;
    if (kind === 'delegation') addShares(operatorIn(key), mustDecode(read.delegation(value), key).shares);
    if (kind === 'unbonding') {
      const pool = mustDecode(read.unbondingPool(value), key);
      sums.unbonding += pool.tokens;
      addShares(`${operatorIn(key)} ${pool.series}`, -pool.shares);
      for (let series = 0; series < pool.series; series++) ended.push(`${operatorIn(key)} ${series}`);
    }
    if (kind === 'leaving')
      for (const { shares: held, series } of mustDecode(read.unbonding(value), key))
        addShares(`${operatorIn(key)} ${series}`, held);
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
  // Entries of a series that has ended are worth nothing.
  for (const series of ended) shares.delete(series);
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
  unbondingPool: oncePerObject(decodeUnbondingPool),
  proposal: oncePerObject(decodeParamsProposal),
  pool: oncePerObject(decodeStakePool),
  feedback: oncePerObject(decodeFeedback),
} as const;

function mustDecode<T>(verdict: Decoded<T>, key: string): T {
  if (!verdict.ok) assert.fail(`state record ${key} does not decode`);
  return verdict.value;
}
