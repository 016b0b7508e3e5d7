/**
 * Score commits and reveals out of a last commit's vote extensions (DESIGN §9, spec: market §6).
 * Owns which item counts; what makes no sense is ignored, for a vote is never invalid by its scores. First one wins.
 */
import { scoreCommitment } from '../codec/index.ts';
import type { EmitEvent } from '../state/events.ts';
import { readQuery, writeQuery } from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import type { Address, Hash, QueryState, ScoreItem, ScoreReveal, Scorer } from '../types/index.ts';
import { eligibleGroups } from './masks.ts';

/** The items one validator's precommit carried, in their order. */
export type ExtensionItems = { readonly validator: Address; readonly items: readonly ScoreItem[] };

/** Applies all items to the open queries. A phase ends with its deadline's block, so an item in phase is in time. */
export function applyExtensions(
  overlay: Overlay,
  extensions: readonly ExtensionItems[],
  context: { readonly emit: EmitEvent },
): void {
  const changed = new Map<Hash, QueryState>();
  for (const { validator, items } of extensions) {
    for (const item of items) {
      const query = changed.get(item.queryId) ?? readQuery(overlay, item.queryId);
      const next = query === null ? null : applyItem(query, validator, item);
      if (next === null) continue;
      changed.set(item.queryId, next);
      report(item, validator, context.emit);
    }
  }
  for (const query of changed.values()) writeQuery(overlay, query);
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
  const exact =
    eligible.length === item.scores.length && eligible.every((group, at) => item.scores[at]!.group === group);
  if (!exact) return null;
  const { queryId, salt, scores } = item;
  const opened = scoreCommitment({ queryId, validator: scorer.operator, salt, scores });
  return opened === scorer.commitment ? { ...scorer, scores } : null;
}

function report(item: ScoreItem, validator: Address, emit: EmitEvent): void {
  const { queryId } = item;
  if (item.kind === 'score.commit') emit({ type: 'score.committed', queryId, validator });
  else emit({ type: 'score.revealed', queryId, validator, scores: item.scores });
}
