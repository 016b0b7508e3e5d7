/**
 * What one node should do now for every open query (spec: market §9). Owns a pure reading of state for the host:
 * nothing here is a rule of validity, but whoever follows it loses no reputation and no say.
 */
import { eligibleGroups } from '../scoring/masks.ts';
import { listOpenQueries, readHead, readQuery } from '../state/records.ts';
import type { StateView } from '../state/view.ts';
import type { Address, QueryState } from '../types/index.ts';
import { peerTexts } from './rounds.ts';
import { drawHeight, groupsToVerify } from './verification.ts';

/** A duty of one of the node's own experts, in the query's present round. */
export type ExpertDuty = {
  readonly query: QueryState;
  readonly expert: Address;
  readonly round: number;
  /** What its peers answered in the round before; empty in the first. */
  readonly peers: readonly string[];
};

/** A duty as a scorer: the groups that the scores must cover and those whose checks must stand beside them, ascending. */
export type ScoreDuty = {
  readonly query: QueryState;
  readonly groups: readonly number[];
  readonly verify: readonly number[];
};

export type PendingWork = {
  /** Selected and without commitment: compute the answer, then send `answer.commit`. */
  readonly answer: readonly ExpertDuty[];
  /** Committed, and reveals are open: send `answer.reveal`. */
  readonly revealAnswer: readonly ExpertDuty[];
  /** Groups wait for scores and no commitment stands in a decided block: compute, then put `score.commit` in every precommit. */
  readonly score: readonly ScoreDuty[];
  /** The commitment stands and commits have closed: put `score.reveal` in every precommit. */
  readonly revealScores: readonly ScoreDuty[];
};

/** Duties of the node of validator `operator` (null: of none) that runs `experts`, in the order in which queries were opened. */
export function pendingWork(
  view: StateView,
  own: { readonly operator: Address | null; readonly experts: readonly Address[] },
): PendingWork {
  const queries = listOpenQueries(view).map((id) => readQuery(view, id)!);
  const height = readHead(view);
  return {
    answer: expertDuties(queries, own.experts, 'answering'),
    revealAnswer: expertDuties(queries, own.experts, 'revealing'),
    score: scoreDuties(
      queries.filter((query) => drawHeight(query) <= height),
      own.operator,
      'scoring',
    ),
    revealScores: scoreDuties(queries, own.operator, 'scoreRevealing'),
  };
}

function expertDuties(
  queries: readonly QueryState[],
  experts: readonly Address[],
  phase: 'answering' | 'revealing',
): ExpertDuty[] {
  return queries.flatMap((query) => {
    if (query.phase !== phase) return [];
    const waiting = query.respondents.filter(({ expert, commitment, answerHash }) => {
      if (!experts.includes(expert)) return false;
      return phase === 'answering' ? commitment === null : commitment !== null && answerHash === null;
    });
    return waiting.map(({ expert }) => ({ query, expert, round: query.round, peers: peerTexts(query, expert) }));
  });
}

function scoreDuties(
  queries: readonly QueryState[],
  operator: Address | null,
  phase: 'scoring' | 'scoreRevealing',
): ScoreDuty[] {
  if (operator === null) return [];
  return queries.flatMap((query) => {
    const scorer = query.scorers.find((entry) => entry.operator === operator);
    if (query.phase !== phase || scorer === undefined) return [];
    const isDue =
      phase === 'scoring' ? scorer.commitment === null : scorer.commitment !== null && scorer.scores === null;
    const groups = eligibleGroups(query, operator);
    return isDue && groups.length > 0 ? [{ query, groups, verify: groupsToVerify(query, operator) }] : [];
  });
}
