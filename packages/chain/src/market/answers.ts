/**
 * Commits and reveals of answers by selected experts (spec: market §4, §5). Owns what counts when, and the grouping of
 * identical answers; the answer's own form is answer-check.ts.
 */
import { answerCommitment, answerHash, answerText } from '../codec/index.ts';
import type { EmitEvent } from '../state/events.ts';
import { readExpert, readQuery, writeQuery } from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import type {
  Address,
  AnswerCommit,
  AnswerGroup,
  AnswerReveal,
  ChainParams,
  QueryPhase,
  QueryState,
  Respondent,
} from '../types/index.ts';
import { answerProblem } from './answer-check.ts';

export type AnswerContext = {
  readonly expert: Address;
  readonly params: ChainParams;
  readonly emit: EmitEvent;
};

type Slot = { readonly query: QueryState; readonly index: number; readonly respondent: Respondent };

/** Records the sender's commitment while the query is `answering`. Returns `OK` or a stable code. */
export function applyAnswerCommit(overlay: Overlay, payload: AnswerCommit, context: AnswerContext): string {
  const slot = findSlot(overlay, payload.queryId, 'answering', context);
  if (typeof slot === 'string') return slot;
  if (slot.respondent.commitment !== null) return 'ALREADY_COMMITTED';
  const respondent = { ...slot.respondent, commitment: payload.commitment };
  writeQuery(overlay, withRespondent(slot.query, slot.index, respondent));
  context.emit({ type: 'answer.committed', queryId: slot.query.id, expert: context.expert });
  return 'OK';
}

/** Records the sender's answer while the query is `revealing` and puts it into its group. Returns `OK` or a stable code. */
export function applyAnswerReveal(overlay: Overlay, payload: AnswerReveal, context: AnswerContext): string {
  const slot = findSlot(overlay, payload.queryId, 'revealing', context);
  if (typeof slot === 'string') return slot;
  const { query, index, respondent } = slot;
  if (respondent.commitment === null) return 'NOT_COMMITTED';
  if (respondent.answerHash !== null) return 'ALREADY_REVEALED';
  const hash = answerHash(payload.answer);
  const opening = { queryId: query.id, expert: context.expert, salt: payload.salt, answerHash: hash };
  if (answerCommitment(opening) !== respondent.commitment) return 'COMMITMENT_MISMATCH';
  const problem = answerProblem(payload.answer, readExpert(overlay, context.expert)!.profile, context.params);
  if (problem !== null) return problem;
  const revealed = withRespondent(query, index, { ...respondent, answerHash: hash });
  const { groups, group } = join(query.groups, { answerHash: hash, answer: payload.answer, members: [index] });
  writeQuery(overlay, { ...revealed, groups });
  context.emit({ type: 'answer.revealed', queryId: query.id, expert: context.expert, group });
  return 'OK';
}

/** The sender's slot, or why it has none: unknown query, other phase, not selected. A phase ends with its deadline's block. */
function findSlot(overlay: Overlay, id: QueryState['id'], phase: QueryPhase, context: AnswerContext): Slot | string {
  const query = readQuery(overlay, id);
  if (query === null) return 'QUERY_UNKNOWN';
  if (query.phase !== phase) return 'QUERY_PHASE_WRONG';
  const index = query.respondents.findIndex(({ expert }) => expert === context.expert);
  return index === -1 ? 'NOT_SELECTED' : { query, index, respondent: query.respondents[index]! };
}

function withRespondent(query: QueryState, index: number, respondent: Respondent): QueryState {
  return { ...query, respondents: query.respondents.map((old, at) => (at === index ? respondent : old)) };
}

/** Identical means equal text: two experts that quote one passage agree, whatever tokens or prices lie behind it. */
function join(groups: readonly AnswerGroup[], own: AnswerGroup): { groups: AnswerGroup[]; group: number } {
  const text = answerText(own.answer);
  const found = groups.findIndex(({ answer }) => answerText(answer) === text);
  if (found === -1) return { groups: [...groups, own], group: groups.length };
  const members = [...groups[found]!.members, ...own.members].sort((a, b) => a - b);
  return { groups: groups.map((old, at) => (at === found ? { ...old, members } : old)), group: found };
}
