/**
 * Who answers a query (DESIGN §3.3, spec: market §3): weighted sampling without replacement from the domain's experts, one of an
 * operator. Owns candidates and draws, all recomputable from state; weights are weights.ts.
 */
import { taggedHash } from '../codec/index.ts';
import { fromHex } from '../crypto/hex.ts';
import { drawBelow } from '../crypto/index.ts';
import { versionFor } from '../learning/versions.ts';
import { handsOf } from '../rewards/hands.ts';
import { listExperts, readExpert, readHead, readParams } from '../state/records.ts';
import type { StateView } from '../state/view.ts';
import type {
  Address,
  Amount,
  Expert,
  Hash,
  Height,
  QueryContract,
  QueryState,
  Respondent,
  SelectionRecord,
  WeighedCandidate,
} from '../types/index.ts';
import { breakerState } from './breaker.ts';
import { promptBytesOf } from './contract-check.ts';
import { readLoad } from './load.ts';
import { meteredFee, priceOf, respondentShare } from './pricing.ts';
import { type Candidate, weighCandidates } from './weights.ts';

/**
 * Why an expert is not among the candidates: another is asked by name; by operator mask; paused by itself; left out by its breaker, or
 * under its one probe; or because its price does not fit the respondent's share.
 */
export type Exclusion = 'notNamed' | 'coordinator' | 'requester' | 'paused' | 'breaker' | 'probing' | 'price';

/** One draw: a number below the sum of the weights of those still in the urn. */
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
export function explainSelection(
  view: StateView,
  query: Pick<QueryState, 'id' | 'requester' | 'contract'>,
  beacon: Hash,
): SelectionExplanation {
  const seed = taggedHash('synod/selection/1', fromHex(beacon), fromHex(query.id));
  const { candidates, excluded } = listCandidates(view, query);
  return {
    seed,
    candidates,
    excluded,
    draws: drawRespondents(seed, weightsOf(candidates), query.contract.respondents),
  };
}

/** What of the candidates is kept with a query. */
export function weightsOf(candidates: readonly Candidate[]): readonly WeighedCandidate[] {
  return candidates.map(({ expert, weight }) => ({
    expert: expert.address,
    operator: expert.profile.operator,
    weight,
  }));
}

/** The domain's experts as selection in the next block sees them, in ascending address order. */
export function listCandidates(
  view: StateView,
  query: Pick<QueryState, 'requester' | 'contract'>,
): Pick<SelectionExplanation, 'candidates' | 'excluded'> {
  const { contract } = query;
  const height = readHead(view) + 1;
  const excluded: { expert: Address; reason: Exclusion }[] = [];
  const fit: Expert[] = [];
  for (const address of listExperts(view, contract.domain)) {
    const expert = readExpert(view, address)!;
    const reason = exclusion(view, query, expert, height);
    if (reason === null) fit.push(expert);
    else excluded.push({ expert: address, reason });
  }
  const candidates = weighCandidates(view, fit, { contract, height, params: readParams(view) });
  return { candidates, excluded };
}

/** The respondents' slots, in order of selection; fewer than asked for when there are not enough candidates. */
export function selectRespondents(
  view: StateView,
  query: QueryState,
  beacon: Hash,
): { readonly respondents: readonly Respondent[]; readonly selection: SelectionRecord } {
  const { seed, candidates, draws } = explainSelection(view, query, beacon);
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
      version: versionFor(view, profile.domain, seed, query.id, address),
      commitment: null,
      answerHash: null,
      rounds: 0,
      generatedBytes: 0,
      quotedBytes: 0,
      group: null,
    };
  });
  return { respondents, selection: { seed, candidates: weightsOf(candidates) } };
}

/** Masks go by operator: neither the coordinator's nor the payer's own experts are paid (DESIGN §9). */
function exclusion(
  view: StateView,
  query: Pick<QueryState, 'requester' | 'contract'>,
  expert: Expert,
  height: Height,
): Exclusion | null {
  const { operator } = expert.profile;
  if (query.contract.expert !== null && query.contract.expert !== expert.address) return 'notNamed';
  if (handsOf(view, query.contract.coordinator) === operator) return 'coordinator';
  if (handsOf(view, query.requester) === operator) return 'requester';
  if (expert.status !== 'active') return 'paused';
  const breaker = breakerState(expert, height);
  if (breaker === 'open') return 'breaker';
  if (breaker === 'halfOpen' && expert.active > 0) return 'probing';
  return leastFee(view, expert, query.contract) > respondentShare(query.contract) ? 'price' : null;
}

/**
 * The draws that a seed makes from weighed candidates, as a receipt keeps them. Who is drawn leaves the urn with all experts of its
 * operator: a second name brings no second slot.
 */
export function drawRespondents(
  seed: Hash,
  candidates: readonly WeighedCandidate[],
  count: number,
): readonly SelectionDraw[] {
  let urn = candidates;
  const draws: SelectionDraw[] = [];
  while (urn.length > 0 && draws.length < count) {
    const totalWeight = urn.reduce((sum, { weight }) => sum + weight, 0n);
    const drawn = drawBelow(seed, draws.length, totalWeight);
    const { expert, operator } = urn[indexAt(urn, drawn)]!;
    draws.push({ drawn, totalWeight, chosen: expert });
    urn = urn.filter((candidate) => candidate.operator !== operator);
  }
  return draws;
}

/** Index of the candidate in whose stretch of the weights, laid end to end, the drawn number falls. */
function indexAt(candidates: readonly WeighedCandidate[], drawn: bigint): number {
  let below = 0n;
  return candidates.findIndex(({ weight }) => {
    below += weight;
    return drawn < below;
  });
}
