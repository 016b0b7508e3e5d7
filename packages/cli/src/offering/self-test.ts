/**
 * Asks an expert about its own passages before it is offered. Owns the questions and when an expert is not fit to be offered: it
 * must answer, in time, and find at least one of its own passages.
 */
import { SynodError } from '@synod/chain';
import type { Passage } from '@synod/experts';
import type { AnswerResult, ExpertSetup } from '@synod/inference';
import { type LocalWorkerOptions, withWorker } from '../experts/local-worker.ts';

export type SelfTestAnswer = {
  readonly question: string;
  readonly answer: string;
  readonly grounding: AnswerResult['grounding'];
  readonly ms: number;
};

const QUESTIONS = 3;
/** Words of a passage that a question repeats. */
const WORDS = 12;
/** A model of its own knowledge alone is asked what any model has read. */
const COMMON_QUESTIONS = ['What is the capital of France?', 'How many days has a week?', 'Which colour has the sky?'];

/** Three questions, of passages spread over the folder. */
export function ownQuestions(passages: readonly Passage[]): readonly string[] {
  if (passages.length === 0) return COMMON_QUESTIONS;
  return Array.from({ length: QUESTIONS }, (_, index) => {
    const passage = passages[Math.floor((index * passages.length) / QUESTIONS)]!;
    return questionOf(passage);
  });
}

/** Throws `SELF_TEST_FAILED` with what to do, or the worker's own code. */
export async function selfTest(
  { setup, passages }: { readonly setup: ExpertSetup; readonly passages: readonly Passage[] },
  options: LocalWorkerOptions & { readonly onAnswer: (answer: SelfTestAnswer) => void },
): Promise<readonly SelfTestAnswer[]> {
  const answers = await withWorker(options, async (worker) => {
    const done: SelfTestAnswer[] = [];
    for (const [index, question] of ownQuestions(passages).entries()) {
      const startedMs = performance.now();
      const event = await worker.run({
        kind: 'answer',
        id: `self-test/${index}`,
        priority: 'answer',
        messages: [{ role: 'user', content: question }],
        expert: setup,
        seed: 0,
        stop: [],
      });
      if (event.kind !== 'answered') throw new SynodError('INTERNAL', `The worker ended the job with "${event.kind}".`);
      const { segments, grounding } = event.result;
      const answer = segments.map(({ text }) => text).join('');
      const ms = Math.round(performance.now() - startedMs);
      done.push({ question, answer, grounding, ms });
      options.onAnswer(done.at(-1)!);
    }
    return done;
  });
  judge(answers, passages.length > 0);
  return answers;
}

function judge(answers: readonly SelfTestAnswer[], hasKnowledge: boolean): void {
  const silent = answers.find(({ answer }) => answer.trim() === '');
  if (silent !== undefined) throw failed(`it said nothing to "${silent.question}"`, 'Try another --model.');
  const grounded = answers.filter(({ grounding }) => grounding === 'quote' || grounding === 'phrased');
  if (!hasKnowledge || grounded.length > 0) return;
  throw failed(
    `it found none of its own passages in ${answers.length} questions about them`,
    'Look at what it knows with "synod expert ask", and build the folder anew with passages that name their subjects.',
  );
}

function failed(why: string, next: string): SynodError {
  return new SynodError('SELF_TEST_FAILED', `The expert is not fit to be offered: ${why}. Nothing was sent. ${next}`);
}

function questionOf({ subject, relation, value, text }: Passage): string {
  if (value !== null) return `What is the ${relation.replaceAll('-', ' ')} of ${subject}?`;
  const words = text.replace(/[.?!]+$/, '').split(' ');
  return `What is known about ${subject}: ${words.slice(0, WORDS).join(' ')}?`;
}
