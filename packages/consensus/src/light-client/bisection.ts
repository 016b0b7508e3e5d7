/**
 * From a trusted block to a later height with as few light blocks as the sets' changes allow (spec: light-client §5): a
 * machine that asks for a height and is given its block. Owns the order of asking; the rules are verify-light-block.ts,
 * fetching and choosing peers is the host's.
 */
import type { Height, LightBlock, TimestampMs } from '@synod/chain';
import { lightBlockProblem } from './check-light-block.ts';
import type { LightClientConfig, LightRefusal } from './light-verdict.ts';
import { refuse } from './light-verdict.ts';
import { lightClientLimits } from './limits.ts';
import { stepProblem } from './verify-light-block.ts';

/** Immutable. */
export type Bisection = {
  readonly config: LightClientConfig;
  readonly targetHeight: Height;
  /** The highest block verified so far: where to start again with another peer. */
  readonly trusted: LightBlock;
  /** Blocks that hold together by themselves and are not reached yet, the farthest first. */
  readonly pending: readonly LightBlock[];
  /** Height whose block is asked for, or null when it is over. */
  readonly awaited: Height | null;
  readonly fetches: number;
};

export type BisectionEffect =
  | { readonly kind: 'fetch'; readonly height: Height }
  /** Trusted from now on; told in rising order, the target last. */
  | { readonly kind: 'verified'; readonly block: LightBlock }
  | { readonly kind: 'done' }
  /** What the peer gave does not hold. Everything verified before stays so. */
  | { readonly kind: 'failed'; readonly refusal: LightRefusal };

export type BisectionStep = { readonly state: Bisection; readonly effects: readonly BisectionEffect[] };

/** Begins by asking for the target itself. A target not above the trusted block fails at once. */
export function startBisection(request: {
  readonly trusted: LightBlock;
  readonly targetHeight: Height;
  readonly config: LightClientConfig;
}): BisectionStep {
  const { targetHeight, trusted } = request;
  const state: Bisection = { ...request, pending: [], awaited: null, fetches: 0 };
  if (!Number.isSafeInteger(targetHeight) || targetHeight <= trusted.header.height) {
    return fail(state, [], refuse('LIGHT_HEIGHT_NOT_RISING', targetHeight, { trusted: trusted.header.height }));
  }
  return ask(state, [], targetHeight);
}

/** Takes the block that was asked for. A machine that is over ignores everything. */
export function stepBisection(state: Bisection, block: LightBlock, nowMs: TimestampMs): BisectionStep {
  if (state.awaited === null) return { state, effects: [] };
  const { height } = block.header;
  if (height !== state.awaited) return fail(state, [], refuse('LIGHT_HEIGHT_NOT_ASKED', height));
  // Once here, so that trying the block from several trusted ones costs no further signatures.
  const problem = lightBlockProblem(block, state.config);
  if (problem !== null) return fail(state, [], problem);
  return advance({ ...state, awaited: null, pending: [...state.pending, block] }, nowMs);
}

function advance(start: Bisection, nowMs: TimestampMs): BisectionStep {
  const effects: BisectionEffect[] = [];
  let state = start;
  for (let next = state.pending.at(-1); next !== undefined; next = state.pending.at(-1)) {
    const { trusted, config } = state;
    const problem = stepProblem({ trusted, untrusted: next, config, nowMs });
    if (problem?.code === 'LIGHT_TRUST_INSUFFICIENT') {
      return ask(state, effects, middle(trusted.header.height, next.header.height));
    }
    if (problem !== null) return fail(state, effects, problem);
    state = { ...state, trusted: next, pending: state.pending.slice(0, -1) };
    effects.push({ kind: 'verified', block: next });
  }
  return { state, effects: [...effects, { kind: 'done' }] };
}

/** Strictly between the two: only heights with a gap can lack overlap. */
function middle(low: Height, high: Height): Height {
  return low + Math.floor((high - low) / 2);
}

function ask(state: Bisection, effects: readonly BisectionEffect[], height: Height): BisectionStep {
  if (state.fetches >= lightClientLimits.bisectionFetchesMax) {
    return fail(state, effects, refuse('LIGHT_BISECTION_TOO_LONG', height, { fetches: state.fetches }));
  }
  return {
    state: { ...state, awaited: height, fetches: state.fetches + 1 },
    effects: [...effects, { kind: 'fetch', height }],
  };
}

function fail(state: Bisection, effects: readonly BisectionEffect[], refusal: LightRefusal): BisectionStep {
  return { state: { ...state, awaited: null, pending: [] }, effects: [...effects, { kind: 'failed', refusal }] };
}
