/**
 * Commits and reveals of answers by selected experts (spec: market §4, §5). Owns what counts when, and the grouping of
 * identical answers; the answer's own form is answer-check.ts.
 */
import { answerCommitment, answerHash, roundLink } from '../codec/index.ts';
import { learntOf } from '../learning/versions.ts';
import type { EmitEvent } from '../state/events.ts';
import { readExpert, readQuery, writeQuery } from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import type {
  Address,
  Answer,
  AnswerCommit,
  AnswerGroup,
  AnswerReveal,
  ChainParams,
  Hash,
  QueryPhase,
  QueryState,
  Respondent,
} from '../types/index.ts';
import { answerProblem } from './answer-check.ts';
import { answerIdentity } from './answer-identity.ts';
import { expertBehind } from './expert-life.ts';
import { metersOf } from './meter.ts';
import { sealedAnswerProblem } from './privacy.ts';

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
  const opening = {
    queryId: query.id,
    expert: context.expert,
    salt: payload.salt,
    answerHash: hash,
    link: linkOf(query),
  };
  if (answerCommitment(opening) !== respondent.commitment) return 'COMMITMENT_MISMATCH';
  const problem = revealProblem(overlay, slot, payload.answer, context);
  if (problem !== null) return problem;
  const revealed = withRespondent(query, index, {
    ...respondent,
    ...metered(respondent, payload.answer),
    answerHash: hash,
  });
  const { groups, group } = join(query.groups, {
    answerHash: hash,
    answer: payload.answer,
    members: [index],
    verifiers: [],
  });
  writeQuery(overlay, { ...revealed, groups });
  context.emit({ type: 'answer.revealed', queryId: query.id, expert: context.expert, group });
  return 'OK';
}

/** The model is the one that was selected, whatever the expert published since. */
function revealProblem(overlay: Overlay, slot: Slot, answer: Answer, context: AnswerContext): string | null {
  const { modelId, version } = slot.respondent;
  if (slot.query.contract.privacy !== null) return sealedAnswerProblem(answer, modelId, context.params);
  const { profile } = readExpert(overlay, context.expert)!;
  const learnt = learntOf(overlay, profile.domain, version);
  return answerProblem(answer, { profile: { ...profile, modelId }, learnt }, context.params);
}

/** What this round's commitments are bound to. */
export function linkOf({ id, round, earlier }: Pick<QueryState, 'id' | 'round' | 'earlier'>): Hash {
  return roundLink(id, round, earlier.at(-1)?.answers ?? []);
}

/** The respondent's meter after one more answer. */
function metered(before: Respondent, answer: Answer): Pick<Respondent, 'rounds' | 'generatedBytes' | 'quotedBytes'> {
  const { generatedBytes, quotedBytes } = metersOf(answer);
  return {
    rounds: before.rounds + 1,
    generatedBytes: before.generatedBytes + generatedBytes,
    quotedBytes: before.quotedBytes + quotedBytes,
  };
}

/** The sender's slot, or why it has none: unknown query, other phase, not selected. A phase ends with its deadline's block. */
function findSlot(overlay: Overlay, id: QueryState['id'], phase: QueryPhase, context: AnswerContext): Slot | string {
  const query = readQuery(overlay, id);
  if (query === null) return 'QUERY_UNKNOWN';
  if (query.phase !== phase) return 'QUERY_PHASE_WRONG';
  const index = query.respondents.findIndex(({ expert }) => expert === context.expert);
  const respondent = query.respondents[index];
  if (respondent === undefined || expertBehind(overlay, respondent) === null) return 'NOT_SELECTED';
  return { query, index, respondent };
}

function withRespondent(query: QueryState, index: number, respondent: Respondent): QueryState {
  return { ...query, respondents: query.respondents.map((old, at) => (at === index ? respondent : old)) };
}

/** Identical means equal text: two experts that quote one passage agree, whatever tokens or prices lie behind it. */
function join(groups: readonly AnswerGroup[], own: AnswerGroup): { groups: AnswerGroup[]; group: number } {
  const identity = answerIdentity(own.answer);
  const found = groups.findIndex(({ answer }) => answerIdentity(answer) === identity);
  if (found === -1) return { groups: [...groups, own], group: groups.length };
  const members = [...groups[found]!.members, ...own.members].sort((a, b) => a - b);
  return { groups: groups.map((old, at) => (at === found ? { ...old, members } : old)), group: found };
}
