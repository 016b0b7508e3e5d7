/**
 * Who answers a query (DESIGN §3.3, spec: market §3): weighted sampling without replacement from the domain's experts.
 * Owns candidates, weights and draws, all recomputable from state; opening and settling are elsewhere.
 */
import { taggedHash } from '../codec/index.ts';
import { fromHex } from '../crypto/hex.ts';
import { drawBelow } from '../crypto/index.ts';
import { listExperts, readExpert, readReputation } from '../state/records.ts';
import type { StateView } from '../state/view.ts';
import type {
  Address,
  Amount,
  Expert,
  Hash,
  Ppm,
  QueryContract,
  QueryState,
  Respondent,
  SelectionRecord,
} from '../types/index.ts';
import { promptBytesOf } from './contract-check.ts';
import { readLoad } from './load.ts';
import { meteredFee, priceOf, respondentShare } from './pricing.ts';
import { reputationMean } from './reputation.ts';

/** Weight given on top of the mean to an expert that never answered; divided by one more than its answers. */
const EXPLORATION: Ppm = 500_000;

/** Why an expert is not among the candidates: by its own wish, by operator mask, or because its price does not fit the respondent's share. */
export type Exclusion = 'paused' | 'coordinator' | 'requester' | 'price';

export type Candidate = {
  readonly expert: Expert;
  readonly mean: Ppm;
  readonly exploration: Ppm;
  readonly weight: bigint;
};

/** One draw: a number below the sum of the weights of those not chosen yet. */
export type SelectionDraw = { readonly drawn: bigint; readonly totalWeight: bigint; readonly chosen: Address };

/** Everything that selection looked at, in numbers: what a light client or a person needs to recompute it. */
export type SelectionExplanation = {
  readonly seed: Hash;
  readonly candidates: readonly Candidate[];
  readonly excluded: readonly { readonly expert: Address; readonly reason: Exclusion }[];
  readonly draws: readonly SelectionDraw[];
};

/** The least that any answer of this expert costs now: the prompt once and one byte of text, in nano. */
export function leastFee(view: StateView, { profile }: Expert, contract: QueryContract): Amount {
  const isQuoteCheaper = profile.priceQuotePerByte < profile.priceOutPerByte;
  const one = isQuoteCheaper ? { generatedBytes: 0, quotedBytes: 1 } : { generatedBytes: 1, quotedBytes: 0 };
  const metered = meteredFee(profile, { promptBytes: promptBytesOf(contract), rounds: 1, ...one });
  return priceOf(metered, { loadFactor: readLoad(view, contract.domain).factor, difficulty: contract.difficulty });
}

/** Selects for the query as state stands, with the beacon of the block after the one that opened it. */
export function explainSelection(view: StateView, query: QueryState, beacon: Hash): SelectionExplanation {
  const seed = taggedHash('synod/selection/1', fromHex(beacon), fromHex(query.id));
  const { candidates, excluded } = listCandidates(view, query);
  return { seed, candidates, excluded, draws: drawAll(seed, candidates, query.contract.respondents) };
}

/** The domain's experts as selection sees them now, in ascending address order. */
export function listCandidates(
  view: StateView,
  query: Pick<QueryState, 'requester' | 'contract'>,
): Pick<SelectionExplanation, 'candidates' | 'excluded'> {
  const excluded: { expert: Address; reason: Exclusion }[] = [];
  const candidates: Candidate[] = [];
  for (const address of listExperts(view, query.contract.domain)) {
    const expert = readExpert(view, address)!;
    const reason = exclusion(view, query, expert);
    if (reason === null) candidates.push(weigh(view, expert));
    else excluded.push({ expert: address, reason });
  }
  return { candidates, excluded };
}

/** The respondents' slots, in order of selection; fewer than asked for when there are not enough candidates. */
export function selectRespondents(
  view: StateView,
  query: QueryState,
  beacon: Hash,
): { readonly respondents: readonly Respondent[]; readonly selection: SelectionRecord } {
  const { seed, candidates, draws } = explainSelection(view, query, beacon);
  const weighed = candidates.map(({ expert: { address: expert }, weight }) => ({ expert, weight }));
  const respondents = draws.map(({ chosen }): Respondent => {
    const { profile, address, registeredAt } = readExpert(view, chosen)!;
    return {
      expert: address,
      operator: profile.operator,
      priceInPerByte: profile.priceInPerByte,
      priceOutPerByte: profile.priceOutPerByte,
      priceQuotePerByte: profile.priceQuotePerByte,
      modelId: profile.modelId,
      registeredAt,
      commitment: null,
      answerHash: null,
      rounds: 0,
      generatedBytes: 0,
      quotedBytes: 0,
      group: null,
    };
  });
  return { respondents, selection: { seed, candidates: weighed } };
}

/** Masks go by operator: neither the coordinator's nor the payer's own experts are paid (DESIGN §9). */
function exclusion(
  view: StateView,
  query: Pick<QueryState, 'requester' | 'contract'>,
  expert: Expert,
): Exclusion | null {
  if (expert.status !== 'active') return 'paused';
  if (sameHands(view, expert, query.contract.coordinator)) return 'coordinator';
  if (sameHands(view, expert, query.requester)) return 'requester';
  return leastFee(view, expert, query.contract) > respondentShare(query.contract) ? 'price' : null;
}

/** True when the account is the expert itself, its operator, or another expert of the same operator. */
function sameHands(view: StateView, expert: Expert, account: Address): boolean {
  const { operator } = expert.profile;
  return account === expert.address || account === operator || readExpert(view, account)?.profile.operator === operator;
}

function weigh(view: StateView, expert: Expert): Candidate {
  const reputation = readReputation(view, expert.address, expert.profile.domain);
  const mean = reputationMean(reputation);
  const exploration = Math.floor(EXPLORATION / (1 + reputation.answers));
  return { expert, mean, exploration, weight: BigInt(Math.max(1, mean + exploration)) };
}

function drawAll(seed: Hash, candidates: readonly Candidate[], count: number): SelectionDraw[] {
  const remaining = [...candidates];
  const draws: SelectionDraw[] = [];
  while (remaining.length > 0 && draws.length < count) {
    const totalWeight = remaining.reduce((sum, { weight }) => sum + weight, 0n);
    const drawn = drawBelow(seed, draws.length, totalWeight);
    const [chosen] = remaining.splice(indexAt(remaining, drawn), 1);
    draws.push({ drawn, totalWeight, chosen: chosen!.expert.address });
  }
  return draws;
}

/** Index of the candidate in whose stretch of the weights, laid end to end, the drawn number falls. */
function indexAt(candidates: readonly Candidate[], drawn: bigint): number {
  let below = 0n;
  return candidates.findIndex(({ weight }) => {
    below += weight;
    return drawn < below;
  });
}
