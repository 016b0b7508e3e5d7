/**
 * What an epoch's end must pay, kept from blocks and receipts alone (spec: rewards §9): a second tally, second attendance and
 * second bonds. Owns who is counted and what becomes of it; the arithmetic between is reward-model.ts. No
 * version above 0 answers here, for no blob is ever available (feedback-model.ts), so lineage issues nothing: a nano more is a fault.
 */
import {
  type Address,
  type ChainParams,
  type MarketParams,
  PPM,
  type QueryState,
  type Receipt,
  type RewardBond,
  type RewardInput,
  readAccuracy,
  readExpert,
  readParams,
  readPool,
  readQuery,
  readShares,
  readSupply,
  readValidatorRecord,
  type StateTree,
} from '@synod/chain';
import type { AppliedStep } from './ledger-model.ts';
import { accuracyOf, rewardsDue } from './reward-model.ts';

/** Largest amount that can exist. */
const MOST = 2n ** 64n - 1n;

type Count = { sum: number; count: number };

/** What is issued in a block: to accounts, and all of it. */
export type Emission = {
  readonly toAccounts: ReadonlyMap<Address, bigint>;
  /** What raises the shares of a validator's pool. */
  readonly toPools: ReadonlyMap<Address, bigint>;
  readonly issued: bigint;
};

export class EmissionModel {
  /** By scorer and expert. */
  #scores = new Map<string, { readonly scorer: Address; readonly expert: Address } & Count>();
  #attendance = new Map<Address, { due: number; revealed: number }>();
  /** By expert: what its answers paid to scorers of other hands. */
  #paidAway = new Map<Address, bigint>();
  #bonds: readonly RewardBond[] = [];

  /** Takes in the block's receipts and says what its end issues. Called once for each block, in order. */
  emission({ before, after, block, results }: AppliedStep): Emission {
    for (const receipt of results.receipts) this.#count(after, receipt);
    const params = readParams(before);
    if (block.header.height % params.staking.epochHeights !== 0)
      return { toAccounts: new Map(), toPools: new Map(), issued: 0n };
    const { experts, scorers, bonds } = rewardsDue(this.#input(before, after, params));
    const toAccounts = new Map<Address, bigint>();
    const pay = (to: Address, amount: bigint) => toAccounts.set(to, (toAccounts.get(to) ?? 0n) + amount);
    const toPools = new Map<Address, bigint>();
    let issued = 0n;
    for (const [expert, payment] of experts) {
      pay(expert, payment);
      issued += payment;
    }
    for (const [operator, payment] of scorers) {
      const pool = readPool(after, operator);
      const isShared = pool !== null && pool.shares > 0n;
      const kept = isShared ? (payment * BigInt(pool.commission)) / 1_000_000n : payment;
      pay(operator, kept);
      toPools.set(operator, payment - kept);
      issued += payment;
    }
    this.#scores = new Map();
    this.#attendance = new Map();
    this.#paidAway = new Map();
    this.#bonds = bonds;
    return { toAccounts, toPools, issued };
  }

  #count(after: StateTree, receipt: Receipt): void {
    const query = readQuery(after, receipt.queryId);
    if (query === null) return;
    for (const { operator, scores } of query.scorers) {
      if (query.groups.every(({ members }) => members.some((at) => query.respondents[at]?.operator === operator)))
        continue;
      const seen = this.#attendance.get(operator) ?? { due: 0, revealed: 0 };
      this.#attendance.set(operator, { due: seen.due + 1, revealed: seen.revealed + (scores === null ? 0 : 1) });
    }
    if (query.contract.expert !== null) return;
    for (const [index, { expert, operator, group }] of query.respondents.entries()) {
      const standing = readExpert(after, expert)?.status ?? 'retired';
      if (group === null || standing === 'retired' || actsFor(after, query.requester, operator)) continue;
      const { verdict } = receipt.respondents[index]!;
      this.#add(after, query, { expert, group, isWorthless: verdict === 'mismatch' || verdict === 'error' });
      this.#addPaidAway(after, receipt, expert);
    }
  }

  /** Its part, by what it got, of what the scorers got with whom it shares nothing. */
  #addPaidAway(after: StateTree, { respondents, scorersPaid }: Receipt, expert: Address): void {
    const own = respondents.find((respondent) => respondent.expert === expert);
    const all = respondents.reduce((sum, { paid }) => sum + paid, 0n);
    if (own === undefined || all === 0n) return;
    const away = scorersPaid.reduce(
      (sum, { validator, paid }) => (actsFor(after, validator, own.operator) ? sum : sum + paid),
      0n,
    );
    this.#paidAway.set(expert, (this.#paidAway.get(expert) ?? 0n) + (away * own.paid) / all);
  }

  /** A score counts, but for nothing, where another model was proven (spec: rewards §9.1). */
  #add(
    after: StateTree,
    query: QueryState,
    { expert, group, isWorthless }: { expert: Address; group: number; isWorthless: boolean },
  ): void {
    for (const { operator: scorer, scores } of query.scorers) {
      const own = scores?.find((entry) => entry.group === group);
      if (own === undefined || actsFor(after, query.requester, scorer)) continue;
      const key = `${scorer}/${expert}`;
      const { sum, count } = this.#scores.get(key) ?? { sum: 0, count: 0 };
      this.#scores.set(key, { scorer, expert, sum: sum + (isWorthless ? 0 : own.score), count: count + 1 });
    }
  }

  #input(before: StateTree, after: StateTree, params: ChainParams): RewardInput {
    const room = MOST - readSupply(before).issued;
    const scored = [...this.#scores.values()].map(({ expert }) => expert);
    const experts = new Set([...scored, ...this.#bonds.map(({ expert }) => expert)]);
    return {
      scorers: readValidatorRecord(before)
        .validators.filter(({ operator }) => readPool(after, operator)?.status === 'active')
        .map(({ operator, power: stake }) => {
          const { right, wrong } = readAccuracy(after, operator);
          const seen = this.#attendance.get(operator);
          const attendance = seen === undefined ? PPM : Math.floor((seen.revealed * PPM) / seen.due);
          return { operator, stake, accuracy: accuracyOf({ right, wrong }), attendance };
        }),
      experts: [...experts].flatMap((expert) => {
        const record = readExpert(after, expert);
        if (record === null) return [];
        const cap = ((this.#paidAway.get(expert) ?? 0n) * BigInt(params.market.rewardRatio)) / 1_000_000n;
        return [{ expert, operator: record.profile.operator, collateral: record.bond, cap }];
      }),
      tally: [...this.#scores.values()],
      bonds: this.#bonds,
      emission: params.market.epochEmission < room ? params.market.epochEmission : room,
      settings: settingsOf(params.market),
    };
  }
}

/** What votes cannot move is as rewards §8 says. */
function settingsOf({ kappa, bondAlphaLow: low, bondAlphaHigh: high, bondSteepness }: MarketParams) {
  const alpha = { low, high, steepnessHundredths: bondSteepness };
  const [columnShare, halves] = ['stakedBonds' as const, 500_000];
  return { kappa, bondsPenalty: 1_250_000, alpha, columnShare, priorAnswers: 4, expertsShare: halves };
}

/** True when the account is the operator, one of its experts, or an operator (or the expert of one) with stake in its pool. */
function actsFor(state: StateTree, account: Address, operator: Address): boolean {
  const hands = readExpert(state, account)?.profile.operator ?? account;
  return hands === operator || (readPool(state, hands) !== null && readShares(state, operator, hands) > 0n);
}
