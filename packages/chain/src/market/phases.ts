/**
 * A query's life from selection to settlement (spec: market §3–§7): opened at H, selected at H + 1, then windows in heights.
 * Owns the moves between phases; what counts within a phase is answers.ts and scoring/extensions.ts.
 */
import assert from 'node:assert/strict';
import { eligibleScorers } from '../scoring/masks.ts';
import type { EmitEvent } from '../state/events.ts';
import { listOpenQueries, readQuery, readValidatorRecord, writeQuery } from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import type { ChainParams, Hash, Height, QueryPhase, QueryState, Receipt } from '../types/index.ts';
import { openAssignments } from './outcomes.ts';
import { selectRespondents } from './selection.ts';
import { settleQuery } from './settle-query.ts';

export type PhaseContext = {
  readonly height: Height;
  readonly params: ChainParams;
  readonly beacon: Hash;
  readonly emit: EmitEvent;
};

/** Selects for every query opened in the block before, with this block's beacon (market §3). */
export function selectPending(overlay: Overlay, context: PhaseContext): Receipt[] {
  return settleEach(overlay, (query) => {
    if (query.phase !== 'selecting') return null;
    const { respondents, selection } = selectRespondents(overlay, query, context.beacon);
    openAssignments(overlay, respondents);
    const { validators } = readValidatorRecord(overlay);
    const scorers = validators.map(({ operator, power }) => ({
      operator,
      power,
      commitment: null,
      scores: null,
      checks: null,
    }));
    const selected: QueryState = { ...query, selection, respondents, scorers };
    context.emit({ type: 'query.selected', queryId: query.id, experts: respondents.map(({ expert }) => expert) });
    if (respondents.length === 0) return settleQuery(overlay, selected, context);
    return enter(overlay, selected, 'answering', query.contract.answerWindow, context);
  });
}

/** At the end of a block: moves on every query whose phase is complete or at its deadline, and settles those at their end. */
export function advancePhases(overlay: Overlay, context: PhaseContext): Receipt[] {
  return settleEach(overlay, (query) => {
    // A query opened in this very block waits for the next block's beacon.
    if (query.phase === 'selecting') return null;
    return isOver(query, context.height) ? advance(overlay, query, context) : null;
  });
}

function settleEach(overlay: Overlay, step: (query: QueryState) => Receipt | null): Receipt[] {
  return listOpenQueries(overlay).flatMap((id) => {
    const query = readQuery(overlay, id);
    assert.ok(query !== null, 'an open query has a record');
    return step(query) ?? [];
  });
}

/** A phase ends early when everybody it waits for has delivered, else at its deadline (DESIGN §9). */
function isOver(query: QueryState, height: Height): boolean {
  return height >= query.deadline || isComplete(query);
}

function isComplete(query: QueryState): boolean {
  switch (query.phase) {
    case 'answering':
      return query.respondents.every(({ commitment }) => commitment !== null);
    case 'revealing':
      return query.respondents.every(({ commitment, answerHash }) => commitment === null || answerHash !== null);
    case 'scoring':
      return eligibleScorers(query).every(({ commitment }) => commitment !== null);
    case 'scoreRevealing':
      return query.scorers.every(({ commitment, scores }) => commitment === null || scores !== null);
    case 'selecting':
    case 'settled':
      return false;
  }
}

/** One move; a phase that nobody can deliver in is skipped to settlement. */
function advance(overlay: Overlay, query: QueryState, context: PhaseContext): Receipt | null {
  const { contract } = query;
  switch (query.phase) {
    case 'answering':
      if (query.respondents.every(({ commitment }) => commitment === null)) return settleQuery(overlay, query, context);
      return enter(overlay, query, 'revealing', contract.revealWindow, context);
    case 'revealing': {
      const closed = closeReveals(query);
      // Without answers, or with none that anybody may score, there is nothing to wait for.
      if (eligibleScorers(closed).length === 0) return settleQuery(overlay, closed, context);
      return enter(overlay, closed, 'scoring', contract.scoreWindow, context);
    }
    case 'scoring':
      if (query.scorers.every(({ commitment }) => commitment === null)) return settleQuery(overlay, query, context);
      return enter(overlay, query, 'scoreRevealing', contract.scoreRevealWindow, context);
    case 'scoreRevealing':
      return settleQuery(overlay, query, context);
    case 'selecting':
    case 'settled':
      return assert.fail(`a query in phase ${query.phase} does not advance`);
  }
}

function enter(overlay: Overlay, query: QueryState, phase: QueryPhase, window: number, context: PhaseContext): null {
  const deadline = context.height + window;
  writeQuery(overlay, { ...query, phase, deadline });
  context.emit({ type: 'query.phase', queryId: query.id, phase, deadline });
  return null;
}

/** Orders groups by their earliest-selected member and tells each respondent its group (market §5). */
function closeReveals(query: QueryState): QueryState {
  const groups = [...query.groups].sort((a, b) => a.members[0]! - b.members[0]!);
  const respondents = query.respondents.map((respondent, index) => {
    const group = groups.findIndex(({ members }) => members.includes(index));
    return { ...respondent, group: group === -1 ? null : group };
  });
  return { ...query, groups, respondents };
}
