/** How respondents were or would be drawn, as the RPC tells it. Owns the choice of source: the kept record, the state it came from, or now. */
import {
  type Address,
  addressOf,
  type Candidate,
  CHAIN_LIMITS,
  DEFAULT_WINDOWS,
  drawRespondents,
  type Exclusion,
  explainSelection,
  type Hash,
  listCandidates,
  PLAIN_TERMS,
  type PublicKey,
  type QueryState,
  type Receipt,
  readBeacon,
  type SelectionDraw,
  type SelectionExplanation,
  type StateView,
  type WeighedCandidate,
  weightsOf,
  ZERO_HASH,
} from '@synod/chain';

export type SelectionView = {
  readonly queryId: Hash | null;
  readonly seed: Hash | null;
  readonly candidates: readonly (WeighedCandidate & { readonly factors: Candidate | null })[];
  readonly excluded: readonly { readonly expert: Address; readonly reason: Exclusion }[] | null;
  readonly draws: readonly SelectionDraw[];
};

/** Masks nobody: no signature is by a key of zeros. */
const NOBODY: Address = addressOf(ZERO_HASH as string as PublicKey);

/** Past states by height; null where one is no longer kept. */
export type StateAt = (height: number) => StateView | null;

/** The selection that a query or its receipt keeps, with all factors where the state before it is still at hand. */
export function keptSelection(
  kept: Pick<QueryState, 'id' | 'requester' | 'contract' | 'openedAt' | 'selection'>,
  stateAt: StateAt,
): SelectionView {
  const { seed, candidates } = kept.selection;
  const before = explainedAgain(kept, stateAt);
  const factors = new Map(before?.candidates.map((candidate) => [candidate.expert.address, candidate]));
  return {
    queryId: kept.id,
    seed,
    candidates: candidates.map((candidate) => {
      const found = factors.get(candidate.expert);
      // Another query of the same block may have been drawn first, and made an expert busier than the state before tells.
      return { ...candidate, factors: found?.weight === candidate.weight ? found : null };
    }),
    excluded: before?.excluded ?? null,
    draws: drawRespondents(seed, candidates, kept.contract.respondents),
  };
}

/** What of a receipt a selection is told by. */
export function selectionOfReceipt({
  queryId: id,
  requester,
  contract,
  openedAt,
  selection,
}: Receipt): Parameters<typeof keptSelection>[0] {
  return { id, requester, contract, openedAt, selection };
}

/** Candidates of a query opened now, by nobody and for any price. */
export function futureSelection(
  state: StateView,
  { domain, prompt, respondents }: { readonly domain: string; readonly prompt: string; readonly respondents: number },
): SelectionView {
  const maxFee = CHAIN_LIMITS.amountMax * BigInt(respondents);
  const terms = { ...PLAIN_TERMS, ...DEFAULT_WINDOWS, threshold: 0, basePart: 0 };
  const contract = { ...terms, domain, prompt, respondents, maxFee, coordinator: NOBODY };
  const { candidates, excluded } = listCandidates(state, { requester: NOBODY, contract });
  const weighed = weightsOf(candidates).map((candidate, index) => ({ ...candidate, factors: candidates[index]! }));
  return { queryId: null, seed: null, candidates: weighed, excluded, draws: [] };
}

function explainedAgain(kept: Parameters<typeof keptSelection>[0], stateAt: StateAt): SelectionExplanation | null {
  const [before, after] = [stateAt(kept.openedAt), stateAt(kept.openedAt + 1)];
  const beacon = after === null ? null : readBeacon(after, kept.openedAt + 1);
  return before === null || beacon === null ? null : explainSelection(before, kept, beacon);
}
