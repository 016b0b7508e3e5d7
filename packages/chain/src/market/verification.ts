/**
 * Whether an answer came from the model it names (DESIGN §4, spec: verification, "On chain"): which groups are verified and by
 * whom, what their findings come to, and what a substitute costs. Re-running the model is the validators' workers'.
 */
import { taggedHash } from '../codec/index.ts';
import { fromHex } from '../crypto/hex.ts';
import { drawBelow } from '../crypto/index.ts';
import { mayScore } from '../scoring/masks.ts';
import type { EmitEvent } from '../state/events.ts';
import type { Overlay } from '../state/view.ts';
import {
  type Address,
  type Amount,
  type Answer,
  type ChainParams,
  type CheckVerdict,
  type GroupVerdict,
  type Hash,
  type Height,
  PPM,
  type QueryState,
} from '../types/index.ts';
import { drawByPower } from './committee.ts';
import { standingHash } from './rounds.ts';
import { slashBond } from './slash-bond.ts';

type DrawContext = { readonly beacon: Hash; readonly params: ChainParams };

/** The query with its verifiers drawn, once its answers are final: `beacon` is that of the block after the one that closed them. */
export function drawVerifiers(query: QueryState, { beacon, params }: DrawContext): QueryState {
  const { verificationShare, verifiers: count } = params.market;
  const seed = taggedHash('synod/verification/1', fromHex(beacon), fromHex(query.id));
  const groups = query.groups.map((group, index) => {
    if (!isWritten(group.answer)) return group;
    if (drawBelow(seed, index, BigInt(PPM)) >= BigInt(verificationShare)) return group;
    const able = query.scorers.filter(({ operator }) => mayScore(query, operator, group));
    const own = taggedHash('synod/verifiers/1', fromHex(seed), Uint8Array.of(index));
    return { ...group, verifiers: drawByPower(own, able, count).map(({ operator }) => operator) };
  });
  return { ...query, groups };
}

/** Whether verifiers are drawn for any of these answers: then in the block after, so that whoever closes them knows of no draw. */
export function awaitsDraw(groups: QueryState['groups'], { market }: ChainParams): boolean {
  return market.verificationShare > 0 && groups.some(({ answer }) => isWritten(answer));
}

/** Height at whose beginning the verifiers of a query in phase `scoring` stand: scores are due from then on. */
export const drawHeight = ({ deadline, contract }: Pick<QueryState, 'deadline' | 'contract'>): Height =>
  deadline - contract.scoreWindow;

/** True when a model wrote some of it that is not blank. */
function isWritten({ segments }: Answer): boolean {
  return segments.some((segment) => {
    if (segment.kind === 'sealed') return segment.generatedBytes > 0;
    return segment.kind === 'generated' && segment.text.trim() !== '';
  });
}

/** Groups that this operator was drawn to verify, ascending: exactly these must stand in its reveal's checks. */
export function groupsToVerify({ groups }: Pick<QueryState, 'groups'>, operator: Address): number[] {
  return [...groups.keys()].filter((index) => groups[index]!.verifiers.includes(operator));
}

/**
 * What more than half of the power of those verifiers who revealed found alike; `undecided` without such a majority, null
 * where nobody was drawn.
 */
export function groupVerdict(query: Pick<QueryState, 'groups' | 'scorers'>, index: number): GroupVerdict | null {
  const { verifiers } = query.groups[index]!;
  if (verifiers.length === 0) return null;
  const powers = new Map<CheckVerdict, bigint>();
  let total = 0n;
  for (const { operator, power, checks } of query.scorers) {
    const own = verifiers.includes(operator) ? checks?.find(({ group }) => group === index) : undefined;
    if (own === undefined) continue;
    total += power;
    powers.set(own.verdict, (powers.get(own.verdict) ?? 0n) + power);
  }
  return [...powers].find(([, power]) => 2n * power > total)?.[0] ?? 'undecided';
}

/** True when the group is paid nothing, not even its base part. */
export function isCondemned(verdict: GroupVerdict | null): boolean {
  return verdict === 'mismatch' || verdict === 'error' || verdict === 'unavailable';
}

/** Burns part of the bonds of those whose very answer was found to be another model's. Returns what each lost, in nano. */
export function slashSubstitutes(
  overlay: Overlay,
  query: QueryState,
  { params, emit }: { readonly params: ChainParams; readonly emit: EmitEvent },
): ReadonlyMap<Address, Amount> {
  const slashed = new Map<Address, Amount>();
  const standing = query.respondents.map((_, at) => ({ answerHash: standingHash(query, at) }));
  for (const index of query.groups.keys()) {
    if (groupVerdict(query, index) !== 'mismatch') continue;
    for (const member of claimants({ groups: query.groups, respondents: standing }, index)) {
      const slot = query.respondents[member]!;
      const { expert } = slot;
      const amount = slashBond(overlay, slot, { part: params.market.substitutionSlash, params });
      if (amount === 0n) continue;
      slashed.set(expert, amount);
      emit({ type: 'expert.slashed', expert, queryId: query.id, amount });
    }
  }
  return slashed;
}

/** Members that revealed the very answer which stands for the group: the others' tokens and claims were never looked at. */
export function claimants({ groups, respondents }: Settled, index: number): number[] {
  const { members, answerHash } = groups[index]!;
  return members.filter((member) => respondents[member]!.answerHash === answerHash);
}

/** Groups, and by respondent the last answer it revealed: a receipt's. */
type Settled = {
  readonly groups: QueryState['groups'];
  readonly respondents: readonly { readonly answerHash: Hash | null }[];
};
