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
import { drawScorers } from './committee.ts';
import { countAssignments, readLoad } from './load.ts';
import { openAssignments } from './outcomes.ts';
import { arePresentDone } from './presence.ts';
import { closeAnswers, hasNextRound, nextRound } from './rounds.ts';
import { selectRespondents } from './selection.ts';
import { settleQuery } from './settle-query.ts';
import { awaitsDraw, drawHeight, drawVerifiers } from './verification.ts';

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
    if (query.cancelledAt !== null) return settleQuery(overlay, query, context);
    const { domain, answerWindow } = query.contract;
    const { respondents, selection } = selectRespondents(overlay, query, context.beacon);
    openAssignments(overlay, respondents);
    const { validators } = readValidatorRecord(overlay);
    const scorers = drawScorers(validators, { queryId: query.id, beacon: context.beacon, params: context.params });
    const { factor: loadFactor } = readLoad(overlay, domain);
    const selected: QueryState = { ...query, selection, loadFactor, respondents, scorers };
    countAssignments(overlay, domain, respondents.length);
    context.emit({ type: 'query.selected', queryId: query.id, experts: respondents.map(({ expert }) => expert) });
    if (respondents.length === 0) return settleQuery(overlay, selected, context);
    return enter(overlay, selected, { phase: 'answering', window: answerWindow }, context);
  });
}

/** Draws verifiers of the answers that became final in the block before, with this block's beacon (verification, "On chain", 1). */
export function drawPending(overlay: Overlay, context: PhaseContext): void {
  for (const id of listOpenQueries(overlay)) {
    const query = readQuery(overlay, id);
    if (query?.phase !== 'scoring' || drawHeight(query) !== context.height) continue;
    writeQuery(overlay, drawVerifiers(query, context));
  }
}

/** At the end of a block: moves on every query whose phase is complete or at its deadline, and settles those at their end. */
export function advancePhases(overlay: Overlay, context: PhaseContext): Receipt[] {
  return settleEach(overlay, (query) => {
    // A query opened in this very block waits for the next block's beacon.
    if (query.phase === 'selecting') return null;
    return isOver(overlay, query, context) ? advance(overlay, query, context) : null;
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
function isOver(overlay: Overlay, query: QueryState, context: PhaseContext): boolean {
  return context.height >= query.deadline || isComplete(overlay, query, context);
}

function isComplete(overlay: Overlay, query: QueryState, context: PhaseContext): boolean {
  switch (query.phase) {
    case 'answering':
      return query.respondents.every(({ commitment }) => commitment !== null);
    case 'revealing':
      return query.respondents.every(({ commitment, answerHash }) => commitment === null || answerHash !== null);
    case 'scoring':
      return arePresentDone(overlay, eligibleScorers(query), ({ commitment }) => commitment !== null, context);
    case 'scoreRevealing': {
      const committed = query.scorers.filter(({ commitment }) => commitment !== null);
      return arePresentDone(overlay, committed, ({ scores }) => scores !== null, context);
    }
    case 'selecting':
    case 'settled':
      return false;
  }
}

/** One move; a phase that nobody can deliver in is skipped. */
function advance(overlay: Overlay, query: QueryState, context: PhaseContext): Receipt | null {
  const { contract } = query;
  switch (query.phase) {
    case 'answering':
      if (query.respondents.every(({ commitment }) => commitment === null)) return endRound(overlay, query, context);
      return enter(overlay, query, { phase: 'revealing', window: contract.revealWindow }, context);
    case 'revealing':
      return endRound(overlay, query, context);
    case 'scoring':
      if (query.scorers.every(({ commitment }) => commitment === null)) return settleQuery(overlay, query, context);
      return enter(overlay, query, { phase: 'scoreRevealing', window: contract.scoreRevealWindow }, context);
    case 'scoreRevealing':
      return settleQuery(overlay, query, context);
    case 'selecting':
    case 'settled':
      return assert.fail(`a query in phase ${query.phase} does not advance`);
  }
}

/** After a round: the next one, or the scores of the answers that stand. */
function endRound(overlay: Overlay, query: QueryState, context: PhaseContext): Receipt | null {
  const { answerWindow, scoreWindow } = query.contract;
  if (hasNextRound(query)) {
    return enter(overlay, nextRound(query), { phase: 'answering', window: answerWindow }, context);
  }
  const closed = closeAnswers(query);
  // Without answers, or with none that anybody may score, there is nothing to wait for.
  if (eligibleScorers(closed).length === 0) return settleQuery(overlay, closed, context);
  // Nobody can score before the verifiers are drawn, so that height does not count.
  const window = scoreWindow + (awaitsDraw(closed.groups, context.params) ? 1 : 0);
  return enter(overlay, closed, { phase: 'scoring', window }, context);
}

function enter(
  overlay: Overlay,
  query: QueryState,
  { phase, window }: { readonly phase: QueryPhase; readonly window: number },
  context: PhaseContext,
): null {
  const deadline = context.height + window;
  writeQuery(overlay, { ...query, phase, deadline });
  context.emit({ type: 'query.phase', queryId: query.id, phase, deadline });
  return null;
}
