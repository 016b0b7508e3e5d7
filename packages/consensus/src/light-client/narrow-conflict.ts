/**
 * From a conflict that spans changes of the set to one that a single step judges (spec: light-client §9.8): a machine that
 * asks both sides for their blocks in between, and is given them. Owns the order of asking; who is guilty is
 * detect-attack.ts, fetching is the host's.
 */
import type { Height, LightBlock } from '@synod/chain';
import { idOf, lightBlockProblem } from './check-light-block.ts';
import type { Conflict } from './detect-attack.ts';
import { type LightClientConfig, type LightRefusal, refuse } from './light-verdict.ts';
import { lightClientLimits } from './limits.ts';
import { linkProblem } from './verify-light-block.ts';

/** What both sides show at one height. */
export type ConflictPair = Pick<Conflict, 'trusted' | 'conflicting'>;

/** Immutable. */
export type ConflictSearch = {
  readonly config: LightClientConfig;
  /** The highest block that both sides showed and that follows from where they were known to agree. */
  readonly common: LightBlock;
  /** Pairs that hold together by themselves and are not reached yet, the farthest first; the first one differs. */
  readonly pending: readonly ConflictPair[];
  readonly fetches: number;
};

export type ConflictStep =
  /** Ask both sides for this height. */
  | { readonly kind: 'fetch'; readonly height: Height; readonly search: ConflictSearch }
  /** Both blocks follow from the common one in one step: `detectAttack` judges it. */
  | { readonly kind: 'found'; readonly conflict: Conflict }
  /** What this side shows does not hold, so there is nothing to choose between. */
  | { readonly kind: 'faulty'; readonly side: keyof ConflictPair; readonly refusal: LightRefusal }
  | { readonly kind: 'tooLong'; readonly refusal: LightRefusal };

/** Begins with a conflict above a block that both sides agree on, however far above. */
export function narrowConflict({ common, ...pair }: Conflict, config: LightClientConfig): ConflictStep {
  return take({ config, common, pending: [], fetches: 0 }, pair, pair.trusted.header.height);
}

/** Takes what both sides show at the height that was asked for. */
export function narrowFurther(search: ConflictSearch, pair: ConflictPair): ConflictStep {
  const { common, pending } = search;
  return take(search, pair, middle(common, pending.at(-1)));
}

function take(search: ConflictSearch, pair: ConflictPair, height: Height): ConflictStep {
  for (const side of ['trusted', 'conflicting'] as const) {
    const other = pair[side].header.height;
    if (other !== height) return { kind: 'faulty', side, refusal: refuse('LIGHT_HEIGHT_NOT_ASKED', other) };
    const problem = lightBlockProblem(pair[side], search.config);
    if (problem !== null) return { kind: 'faulty', side, refusal: problem };
  }
  return advance({ ...search, pending: [...search.pending, pair] });
}

function advance(start: ConflictSearch): ConflictStep {
  let { common, pending } = start;
  for (let pair = pending.at(-1); pair !== undefined; pair = pending.at(-1)) {
    const search = { ...start, common, pending };
    for (const side of ['trusted', 'conflicting'] as const) {
      const problem = linkProblem(common, pair[side]);
      if (problem?.code === 'LIGHT_TRUST_INSUFFICIENT') return ask(search, middle(common, pair));
      if (problem !== null) return { kind: 'faulty', side, refusal: problem };
    }
    if (idOf(pair.trusted.header) !== idOf(pair.conflicting.header)) {
      return { kind: 'found', conflict: { common, ...pair } };
    }
    common = pair.trusted;
    pending = pending.slice(0, -1);
  }
  // Only where no pair differed at all: then the two sides say the same.
  const { height } = common.header;
  return { kind: 'faulty', side: 'conflicting', refusal: refuse('LIGHT_HEIGHT_NOT_RISING', height) };
}

/** Strictly between the two: only heights with a gap can lack overlap. */
function middle(common: LightBlock, pair: ConflictPair | undefined): Height {
  const low = common.header.height;
  return low + Math.floor(((pair?.trusted.header.height ?? low) - low) / 2);
}

function ask(search: ConflictSearch, height: Height): ConflictStep {
  const { fetches } = search;
  if (fetches >= lightClientLimits.bisectionFetchesMax) {
    return { kind: 'tooLong', refusal: refuse('LIGHT_BISECTION_TOO_LONG', height, { fetches }) };
  }
  return { kind: 'fetch', height, search: { ...search, fetches: fetches + 1 } };
}
