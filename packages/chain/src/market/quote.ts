/**
 * What a query would cost and who might answer it, before it is opened (DESIGN §3.1, spec: market §10).
 * Owns an estimate from state; nothing here binds anybody until the contract is on chain.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import type { StateView } from '../state/view.ts';
import type { Address, Amount, QueryContract } from '../types/index.ts';
import { promptBytesOf } from './contract-check.ts';
import { readLoad } from './load.ts';
import { type Meter, meteredFee, priceOf } from './pricing.ts';
import { listCandidates } from './selection.ts';
import type { Candidate } from './weights.ts';

export type Quote = {
  /** Candidates, likeliest first (ties by address), each with its fee for an answer of the bytes asked about, in nano. */
  readonly candidates: readonly (Candidate & { readonly fee: Amount })[];
  /** Sum of the fees of the dearest respondents: more is never charged for answers up to that size. */
  readonly feeMax: Amount;
  /** A `maxFee` whose share covers any candidate: what a surface should escrow. */
  readonly escrow: Amount;
};

/** Quotes for answers of `answerBytes` bytes of text. Without candidates all amounts are 0. */
export function quoteQuery(
  view: StateView,
  asked: { readonly requester: Address; readonly contract: QueryContract; readonly answerBytes: number },
): Quote {
  const { requester, contract, answerBytes } = asked;
  // Nobody is too dear for a quote: its very purpose is to name the price.
  const open = { requester, contract: { ...contract, maxFee: CHAIN_LIMITS.amountMax * BigInt(contract.respondents) } };
  const meter = quotedMeter(contract, answerBytes);
  const terms = { loadFactor: readLoad(view, contract.domain).factor, difficulty: contract.difficulty };
  const candidates = listCandidates(view, open).candidates.map((candidate) => {
    return { ...candidate, fee: priceOf(meteredFee(candidate.expert.profile, meter), terms) };
  });
  const fees = candidates.map(({ fee }) => fee).sort((a, b) => (a > b ? -1 : 1));
  const feeMax = fees.slice(0, contract.respondents).reduce((sum, fee) => sum + fee, 0n);
  const likeliest = candidates.sort((a, b) => Number(b.weight - a.weight));
  return { candidates: likeliest, feeMax, escrow: (fees[0] ?? 0n) * BigInt(contract.respondents) };
}

/** Answers of that size in every round, all of it written by a model. */
function quotedMeter(contract: QueryContract, answerBytes: number): Meter {
  const { rounds } = contract;
  return { promptBytes: promptBytesOf(contract), rounds, generatedBytes: answerBytes * rounds, quotedBytes: 0 };
}
