/**
 * Judges several answers to one question. Owns the order of work: the judge first answers the question itself, from the domain's published
 * knowledge where that answers it, else in a few words of its own; then it compares. What counts for how much is features.ts and
 * formula.ts, or own-words.ts. Floats end here: scores leave as integers, and two judges with the same model and knowledge on one machine
 * give the same ones. Each answer is scored by itself: who else answers, and what, changes nothing.
 */
import { type IntentReader, isOrder } from '../answering/intent.ts';
import type { AnswerScore } from '../client/protocol.ts';
import type { JobControl } from '../engine/control.ts';
import type { Engine } from '../engine/engine.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { shippedCoefficients } from '../retrieval/rank.ts';
import { type Belief, believe } from './belief.ts';
import { limits } from './limits.ts';
import { judgeByOwnWords } from './own-words.ts';
import { scoreOf } from './score.ts';

/** `knowledge`: published passages, learnt ones, or both; null where there are none. */
export type JudgeTools = {
  readonly engine: Engine;
  readonly knowledge: JudgeKnowledge | null;
  /** Tells where an expert with this knowledge writes freely, so that the judge does the same. */
  readonly intent: IntentReader;
};

export type JudgeKnowledge = Pick<Knowledge, 'passages' | 'aliases' | 'retrieve'>;

export type JudgeRequest = { readonly prompt: string; readonly answers: readonly string[] };

const NOTHING: AnswerScore = { scorePpm: 0, likelihoodMilli: 0, relevancePpm: 0 };

/**
 * One score an answer, in order. Empty answers and those beyond the maximum score 0; answers equal but for spacing are judged once and score
 * alike. Nothing of an answer is ever put into a prompt.
 */
export async function judge(
  tools: JudgeTools,
  { prompt, answers }: JudgeRequest,
  control: JobControl,
): Promise<AnswerScore[]> {
  const read = answers.map((answer, i) => (i < limits.answersMax ? normalise(answer) : ''));
  const distinct = [...new Set(read)].filter((answer) => answer !== '');
  const scores = distinct.length === 0 ? [] : await judgeDistinct(tools, { prompt, answers: distinct }, control);
  return read.map((answer) => scores[distinct.indexOf(answer)] ?? NOTHING);
}

export function normalise(answer: string): string {
  const start = answer.slice(0, limits.answerCharactersMax).toWellFormed().normalize('NFC');
  return start.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

async function judgeDistinct(
  { engine, knowledge, intent }: JudgeTools,
  request: JudgeRequest,
  control: JobControl,
): Promise<AnswerScore[]> {
  const belief = knowledge === null ? null : await recall({ knowledge, intent }, request.prompt, control);
  if (belief === null) return await judgeByOwnWords(engine, request, control);
  return request.answers.map((answer) => toScore(scoreOf(belief, answer)));
}

/** Null where passages are no measure: none were found, or none answers and a text is ordered (judging §2.5). */
async function recall(
  { knowledge, intent }: { knowledge: JudgeKnowledge; intent: IntentReader },
  prompt: string,
  control: JobControl,
): Promise<Belief | null> {
  const { candidates } = await knowledge.retrieve(prompt, control);
  const belief = believe(prompt, candidates, knowledge);
  if (belief === null || belief.confidence >= shippedCoefficients.threshold) return belief;
  return (await isOrder(intent, prompt, control)) ? null : belief;
}

function toScore(probability: number): AnswerScore {
  return { scorePpm: Math.round(1_000_000 * probability), likelihoodMilli: 0, relevancePpm: 0 };
}
