/**
 * Score commits and reveals out of a last commit's vote extensions (DESIGN §9, spec: market §6).
 * Owns which item counts and which reveal is misconduct; what makes no sense is ignored, for a vote is never invalid by its
 * scores. First one wins. What misconduct costs is staking/slashing.ts.
 */
import { scoreCommitment } from '../codec/index.ts';
import { type Attestation, applyAttestations } from '../learning/attest.ts';
import { applyGateItems, type GateItem } from '../learning/gate.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { groupsToVerify } from '../market/verification.ts';
import { punishMisreveal } from '../staking/slashing.ts';
import type { EmitEvent, MisrevealFault } from '../state/events.ts';
import { readQuery, writeQuery } from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import type {
  Address,
  ChainParams,
  ExtensionItem,
  Hash,
  Height,
  QueryState,
  ScoreItem,
  ScoreReveal,
  Scorer,
} from '../types/index.ts';
import { eligibleGroups } from './masks.ts';

/** The items one validator's precommit carried, in their order. */
export type ExtensionItems = { readonly validator: Address; readonly items: readonly ExtensionItem[] };

export type ExtensionContext = { readonly params: ChainParams; readonly height: Height; readonly emit: EmitEvent };

/**
 * Applies all items of the last commit of the block at `height`. A phase ends with its deadline's block, so an item in phase
 * is in time.
 */
export function applyExtensions(
  overlay: Overlay,
  extensions: readonly ExtensionItems[],
  context: ExtensionContext,
): void {
  applyAttestations(overlay, attestationsOf(extensions), context);
  applyGateItems(overlay, gateItemsOf(extensions));
  const changed = new Map<Hash, QueryState>();
  for (const { validator, items } of extensions) {
    for (const item of items) {
      if (item.kind !== 'score.commit' && item.kind !== 'score.reveal') continue;
      const query = changed.get(item.queryId) ?? readQuery(overlay, item.queryId);
      if (query === null) continue;
      const next = applyItem(query, validator, item) ?? punishItem(overlay, query, { validator, item, context });
      if (next === null) continue;
      changed.set(item.queryId, next);
      if (next.misrevealed === query.misrevealed) report(item, validator, context.emit);
    }
  }
  for (const query of changed.values()) writeQuery(overlay, query);
}

function attestationsOf(extensions: readonly ExtensionItems[]): readonly Attestation[] {
  return extensions.flatMap(({ validator, items }) =>
    items.flatMap((item) => (item.kind === 'blob.attest' ? [{ validator, contents: item.contents }] : [])),
  );
}

function gateItemsOf(extensions: readonly ExtensionItems[]): { validator: Address; item: GateItem }[] {
  return extensions.flatMap(({ validator, items }) =>
    items.flatMap((item) => (item.kind === 'gate.commit' || item.kind === 'gate.reveal' ? [{ validator, item }] : [])),
  );
}

/** The query with the offence noted, after its punishment; null when there is none or it was punished before. */
function punishItem(
  overlay: Overlay,
  query: QueryState,
  { validator, item, context }: { validator: Address; item: ScoreItem; context: ExtensionContext },
): QueryState | null {
  if (item.kind !== 'score.reveal' || query.misrevealed.includes(validator)) return null;
  const scorer = query.scorers.find(({ operator }) => operator === validator);
  const fault = scorer === undefined ? null : revealFault(query, scorer, item, context.height);
  if (fault === null) return null;
  context.emit({ type: 'score.misrevealed', queryId: query.id, validator, fault });
  punishMisreveal(overlay, validator, context);
  return { ...query, misrevealed: [...query.misrevealed, validator] };
}

/**
 * What the validator's own signature proves against it. What it signed for the height before was signed on the state two
 * blocks back: an honest one may come after the query settled, but never before reveals open.
 */
function revealFault(query: QueryState, scorer: Scorer, item: ScoreReveal, height: Height): MisrevealFault | null {
  if (query.phase === 'answering' || query.phase === 'revealing' || query.phase === 'scoring') return 'early';
  if (scorer.commitment === null) return null;
  if (openedBy(scorer, item) !== scorer.commitment) return 'mismatch';
  // A settled query's deadline is the height of its settlement.
  return query.phase === 'settled' && height - query.deadline > CHAIN_LIMITS.lateRevealHeights ? 'late' : null;
}

function openedBy({ operator }: Scorer, { queryId, salt, scores, checks }: ScoreReveal): Hash {
  return scoreCommitment({ queryId, validator: operator, salt, scores, checks });
}

/** The query with the item taken in, or null when the item does not count. */
function applyItem(query: QueryState, validator: Address, item: ScoreItem): QueryState | null {
  const index = query.scorers.findIndex(({ operator }) => operator === validator);
  const scorer = query.scorers[index];
  if (scorer === undefined) return null;
  const next = item.kind === 'score.commit' ? commit(query, scorer, item.commitment) : reveal(query, scorer, item);
  return next === null ? null : { ...query, scorers: query.scorers.map((old, at) => (at === index ? next : old)) };
}

function commit(query: QueryState, scorer: Scorer, commitment: Hash): Scorer | null {
  if (query.phase !== 'scoring' || scorer.commitment !== null) return null;
  return eligibleGroups(query, scorer.operator).length === 0 ? null : { ...scorer, commitment };
}

/**
 * The phase `scoreRevealing` begins at the end of a block, so a commitment found here stood in an earlier decided block
 * and the window for commitments has closed: nobody could have copied what is opened now.
 */
function reveal(query: QueryState, scorer: Scorer, item: ScoreReveal): Scorer | null {
  if (query.phase !== 'scoreRevealing' || scorer.commitment === null || scorer.scores !== null) return null;
  const eligible = eligibleGroups(query, scorer.operator);
  if (!covers(item.scores, eligible) || !covers(item.checks, groupsToVerify(query, scorer.operator))) return null;
  return openedBy(scorer, item) === scorer.commitment ? { ...scorer, scores: item.scores, checks: item.checks } : null;
}

/** Exactly these groups, in their order. */
function covers(entries: readonly { readonly group: number }[], groups: readonly number[]): boolean {
  return entries.length === groups.length && groups.every((group, at) => entries[at]!.group === group);
}

function report(item: ScoreItem, validator: Address, emit: EmitEvent): void {
  const { queryId } = item;
  if (item.kind === 'score.commit') emit({ type: 'score.committed', queryId, validator });
  else emit({ type: 'score.revealed', queryId, validator, scores: item.scores });
}
