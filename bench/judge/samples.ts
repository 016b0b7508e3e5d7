/** Answers with what the judge measures of them and how right they are. Owns the targets of fitting. */
import type { Question } from '../../packages/experts/src/questions/question.ts';
import { believe } from '../../packages/inference/src/scoring/belief.ts';
import { type Features, measure } from '../../packages/inference/src/scoring/features.ts';
import { normalise } from '../../packages/inference/src/scoring/judge.ts';
import { readAnswer } from '../../packages/inference/src/scoring/reading.ts';
import { answerGroup, type Kind, unanswerableGroup } from './answers.ts';
import { type OpenDomain, questionsOf, undisturbed } from './bench.ts';
import type { Side } from './phrases.ts';

export type Sample = {
  readonly domain: string;
  readonly question: Question;
  readonly kind: Kind | 'refusal';
  readonly text: string;
  readonly truth: 0 | 1;
  /** What a calibrated judge should say: a refusal of an answerable question is better than a wrong answer. */
  readonly target: number;
  /** In fitting: people's questions are fewer than templates, and are what the judge is for. */
  readonly weight: number;
  readonly features: Features;
  readonly top: string;
};

const REFUSAL_TARGET = 0.15;
/** So that people's questions weigh about as much as all templates. Chosen by cross-validate.ts. */
const HAND_WEIGHT = 3;

export async function samplesOf(open: OpenDomain, side: Side, most: number): Promise<Sample[]> {
  const { domain } = open;
  const answerable = questionsOf(domain, side, most, true).flatMap(
    (question) => answerGroup(domain, question, side) ?? [],
  );
  const unanswerable = questionsOf(domain, side, most / 6, false).flatMap(
    (question) => unanswerableGroup(domain, question, side) ?? [],
  );
  const samples: Sample[] = [];
  for (const { question, answers } of [...answerable, ...unanswerable]) {
    samples.push(...(await measured(open, question, answers)));
  }
  return samples;
}

type Told = { readonly kind: Sample['kind']; readonly text: string; readonly truth: 0 | 1 };

/** Each answer as the judge sees it; none where its knowledge offers nothing. */
export async function measured(
  { domain, knowledge }: OpenDomain,
  question: Question,
  answers: readonly Told[],
): Promise<Sample[]> {
  const { candidates } = await knowledge.retrieve(question.question, undisturbed);
  const belief = believe(question.question, candidates, knowledge);
  if (belief === null) return [];
  const texts = answers.map(({ text }) => normalise(text));
  return answers.map((answer, i) => {
    const reading = readAnswer(texts[i]!);
    const features = measure(belief, reading);
    const target = reading.isRefusal && question.unanswerable === null ? REFUSAL_TARGET : answer.truth;
    const weight = question.kind === 'hand' ? HAND_WEIGHT : 1;
    return { ...answer, domain: domain.name, question, target, weight, features, top: belief.best.passage.text };
  });
}
