/**
 * `synod expert eval`: how often an expert on this machine answers rightly, on questions about subjects that nothing was fitted on.
 * Owns the sample and the figures; what counts as right is the experts package's.
 */
import { SynodError } from '@synod/chain';
import { contains, strict } from '@synod/experts';
import type { AnswerResult } from '@synod/inference';
import { readQuestions, type SourceQuestion } from '@synod/inference/training';
import { findLocalExpert, type LocalExpertFlags } from '../experts/find-domain.ts';
import { type LocalWorker, withWorker } from '../experts/local-worker.ts';
import { questionsFile } from '../experts/questions-file.ts';
import { stopSignal } from '../processes/stop-signals.ts';
import { parseCount } from '../settings/settings.ts';
import { type CommonOptions, note, print, printJson } from '../terminal/output.ts';
import { LOCAL_PROFILE } from './expert-ask.ts';

export type ExpertEvalFlags = CommonOptions &
  LocalExpertFlags & { readonly questions?: string; readonly sample?: string };

const SAMPLE_DEFAULT = 50;
const SAMPLE_MAX = 100_000;
const NOTED_EVERY = 25;

type Graded = { readonly question: SourceQuestion; readonly result: AnswerResult; readonly text: string };

export async function runExpertEval(domain: string, flags: ExpertEvalFlags): Promise<void> {
  const setup = { profile: LOCAL_PROFILE, ...findLocalExpert(domain, flags) };
  const wanted = parseCount(flags.sample ?? `${SAMPLE_DEFAULT}`, '--sample', { min: 1, max: SAMPLE_MAX });
  const questions = sample(await testQuestions(questionsFile(domain, flags.questions)), wanted);
  const options = { model: flags.model, environment: process.env, signal: stopSignal(), isQuiet: flags.json };
  const graded = await withWorker(options, async (worker) => {
    const done: Graded[] = [];
    for (const question of questions) {
      done.push(await answer(worker, question, setup));
      if (!flags.json && done.length % NOTED_EVERY === 0) note(`  … ${done.length} of ${questions.length}`);
    }
    return done;
  });
  const figures = figuresOf(graded);
  if (flags.json) return printJson({ domain, questions: questions.length, ...figures });
  const percent = (part: number, of: number) =>
    of === 0 ? '–' : `${((100 * part) / of).toFixed(1)} %   (${part} of ${of})`;
  const { answerable, right, exact, unanswerable, refused, refusedAnswerable } = figures;
  print(`${domain}   ${questions.length} questions of the test split`);
  print(`  right       ${percent(right, answerable)}   the answer holds what was asked for`);
  print(`  exact       ${percent(exact, answerable)}   and names no other candidate`);
  print(`  refused     ${percent(refused, unanswerable)}   of what nothing answers`);
  print(`  refused     ${percent(refusedAnswerable, answerable)}   of what could be answered`);
}

async function answer(
  worker: LocalWorker,
  question: SourceQuestion,
  expert: { readonly profile: typeof LOCAL_PROFILE; readonly knowledge: string; readonly adapter: string | null },
): Promise<Graded> {
  const messages = [{ role: 'user', content: question.question }] as const;
  const job = { kind: 'answer', id: question.id, priority: 'verify', messages, expert, seed: 0, stop: [] } as const;
  const event = await worker.run(job);
  if (event.kind !== 'answered') throw new Error(`the job ended with ${event.kind}`);
  return { question, result: event.result, text: event.result.segments.map(({ text }) => text).join('') };
}

function figuresOf(graded: readonly Graded[]) {
  const answerable = graded.filter(({ question }) => question.unanswerable === null);
  const unanswerable = graded.filter(({ question }) => question.unanswerable !== null);
  const refused = (all: readonly Graded[]) => all.filter(({ result }) => result.grounding === 'refused').length;
  return {
    answerable: answerable.length,
    right: answerable.filter(({ text, question }) => contains(text, question)).length,
    exact: answerable.filter(({ text, question }) => strict(text, question)).length,
    unanswerable: unanswerable.length,
    refused: refused(unanswerable),
    refusedAnswerable: refused(answerable),
  };
}

/** Those of the test split. Throws `NOT_FOUND` where there are none, TRAINING_DATA for a file that is no list of questions. */
async function testQuestions(file: string): Promise<readonly SourceQuestion[]> {
  const questions = (await readQuestions(file)).filter(({ split }) => split === 'test');
  if (questions.length > 0) return questions;
  throw new SynodError(
    'NOT_FOUND',
    `${file} has no question of the split "test". Name another file with --questions.`,
    {
      facts: { file },
    },
  );
}

/** Evenly spread over the file, which is sorted by kind; the same questions every time. */
function sample(questions: readonly SourceQuestion[], wanted: number): readonly SourceQuestion[] {
  const count = Math.min(wanted, questions.length);
  return Array.from({ length: count }, (_, index) => questions[Math.floor((index * questions.length) / count)]!);
}
