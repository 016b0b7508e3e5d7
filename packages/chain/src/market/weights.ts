/**
 * What a candidate weighs (spec: market §3.3–§3.6): quality to the power of the sharpness, times load, times price; the experts of
 * one operator share what it would weigh as one. Owns that arithmetic in integers; who is a candidate is selection.ts.
 */
import { readReputation } from '../state/records.ts';
import type { StateView } from '../state/view.ts';
import {
  type Address,
  type Amount,
  type ChainParams,
  type Expert,
  type ExpertProfile,
  type Height,
  type MarketParams,
  PPM,
  type Ppm,
  type QueryContract,
  type Reputation,
} from '../types/index.ts';
import { promptBytesOf } from './contract-check.ts';
import { fadeReputation, reputationDeviation, reputationMean } from './reputation.ts';

const WHOLE = BigInt(PPM);

export const weightLimits = {
  /** Weight of the best, cheapest and idle: 256 of them are less than 2⁶³. */
  weightMax: 1_000_000_000_000_000n,
  /** The dearest counts as this many times as dear as the cheapest. */
  priceRatioMax: 4n,
  /** Bytes of the answer by which prices are compared. */
  comparedAnswerBytes: 256n,
} as const;

/** A candidate with every factor of its weight. */
export type Candidate = {
  readonly expert: Expert;
  /** Reputation at this height. */
  readonly mean: Ppm;
  readonly deviation: Ppm;
  /** Mean + `exploration` · deviation, from one millionth to 1. */
  readonly quality: Ppm;
  /** Capacity / (capacity + active). */
  readonly load: Ppm;
  /** Cheapest candidate's fee / own fee, from 1/4 to 1. */
  readonly price: Ppm;
  /** Its weight if its operator had no other candidate. */
  readonly alone: bigint;
  /** Candidates of its operator, itself included. */
  readonly siblings: number;
  readonly weight: bigint;
};

type Prices = Pick<ExpertProfile, 'priceInPerByte' | 'priceOutPerByte' | 'priceQuotePerByte'>;
type Sharpening = Pick<MarketParams, 'sharpness' | 'exploration'>;

type Weighed = Omit<Candidate, 'siblings' | 'weight'> & { readonly reputation: Reputation };

/** What prices are compared by: the prompt, and an answer of 256 bytes of the dearer class, in nano. */
export function comparedFee(prices: Prices, promptBytes: number): Amount {
  const { priceInPerByte, priceOutPerByte, priceQuotePerByte } = prices;
  const perByte = priceOutPerByte > priceQuotePerByte ? priceOutPerByte : priceQuotePerByte;
  return priceInPerByte * BigInt(promptBytes) + perByte * weightLimits.comparedAnswerBytes;
}

/** Mean + exploration · deviation, from one millionth to 1: whoever is little known may be good. */
export function qualityOf(reputation: Pick<Reputation, 'alpha' | 'beta'>, { exploration }: Sharpening): Ppm {
  const bonus = (BigInt(exploration) * BigInt(reputationDeviation(reputation))) / WHOLE;
  return Math.max(1, Math.min(PPM, reputationMean(reputation) + Number(bonus)));
}

/** Weighs the candidates of one query, selected for at `height`, in their order. */
export function weighCandidates(
  view: StateView,
  experts: readonly Expert[],
  terms: { readonly contract: QueryContract; readonly height: Height; readonly params: ChainParams },
): readonly Candidate[] {
  const { contract, height, params } = terms;
  const fees = experts.map((expert) => comparedFee(expert.profile, promptBytesOf(contract)));
  const cheapest = fees.reduce((least, fee) => (fee < least ? fee : least), fees[0] ?? 0n);
  const weighed = experts.map((expert, index): Weighed => {
    const stored = readReputation(view, expert.address, contract.domain);
    const reputation = fadeReputation(stored, height, params.market);
    const [load, price] = [loadOf(expert), priceFactor(cheapest, fees[index]!)];
    const quality = qualityOf(reputation, params.market);
    return {
      expert,
      reputation,
      mean: reputationMean(reputation),
      deviation: reputationDeviation(reputation),
      quality,
      load,
      price,
      alone: product(quality, load, price, params.market),
    };
  });
  return shareByOperator(weighed, params.market);
}

/**
 * What an idle expert that has not answered yet weighs, alone of its operator, beside candidates of whom the cheapest asks `cheapest`;
 * both fees as `comparedFee` gives them.
 */
export function newcomerWeight(fee: Amount, cheapest: Amount, market: Sharpening): bigint {
  const prior = { alpha: PPM, beta: PPM };
  return product(qualityOf(prior, market), PPM, priceFactor(cheapest < fee ? cheapest : fee, fee), market);
}

/** quality^sharpness · load · price in 10⁻¹⁵, each product rounded down, at least 1. */
function product(quality: Ppm, load: Ppm, price: Ppm, { sharpness }: Sharpening): bigint {
  let weight = weightLimits.weightMax;
  for (let power = 0; power < sharpness; power++) weight = (weight * BigInt(quality)) / WHOLE;
  weight = (((weight * BigInt(load)) / WHOLE) * BigInt(price)) / WHOLE;
  return weight < 1n ? 1n : weight;
}

function loadOf({ profile: { capacity }, active }: Expert): Ppm {
  return Math.floor((PPM * capacity) / (capacity + active));
}

function priceFactor(cheapest: Amount, fee: Amount): Ppm {
  const { priceRatioMax } = weightLimits;
  if (fee === 0n) return PPM;
  return fee >= cheapest * priceRatioMax ? Number(WHOLE / priceRatioMax) : Number((cheapest * WHOLE) / fee);
}

/** The candidates of one operator weigh, in proportion, what one expert with all their experience would: names gain nothing. */
function shareByOperator(weighed: readonly Weighed[], market: MarketParams): readonly Candidate[] {
  const byOperator = new Map<Address, Weighed[]>();
  for (const each of weighed) {
    const { operator } = each.expert.profile;
    byOperator.set(operator, [...(byOperator.get(operator) ?? []), each]);
  }
  return weighed.map((each): Candidate => {
    const siblings = byOperator.get(each.expert.profile.operator)!;
    const { reputation: _known, ...factors } = each;
    return { ...factors, siblings: siblings.length, weight: shareOf(each, siblings, market) };
  });
}

function shareOf({ alone }: Weighed, siblings: readonly Weighed[], market: MarketParams): bigint {
  if (siblings.length === 1) return alone;
  const together = siblings.reduce((sum, sibling) => sum + sibling.alone, 0n);
  const share = (alone * asOne(siblings, market)) / together;
  return share < 1n ? 1n : share;
}

/** Weight of one expert that did all that these did, with the best load and price among them; never more than the best of them. */
function asOne(siblings: readonly Weighed[], market: MarketParams): bigint {
  const best = siblings.reduce((most, { alone }) => (alone > most ? alone : most), 0n);
  const pooled = {
    alpha: pool(siblings.map(({ reputation }) => reputation.alpha)),
    beta: pool(siblings.map(({ reputation }) => reputation.beta)),
  };
  const load = Math.max(...siblings.map((sibling) => sibling.load));
  const price = Math.max(...siblings.map((sibling) => sibling.price));
  const weight = product(qualityOf(pooled, market), load, price, market);
  return weight < best ? weight : best;
}

/** The prior once, and what each has on top of it; not below nothing. */
function pool(values: readonly number[]): number {
  return Math.max(
    0,
    values.reduce((sum, value) => sum + value - PPM, PPM),
  );
}
