/**
 * Judging without knowledge: the judge writes a short answer of its own and compares likelihood, topic, meaning and key terms. Owns what is
 * measured; the formula is combine.ts. Weak, because the model's own knowledge is: scores are to be read beside one another.
 */
import type { AnswerScore } from '../client/protocol.ts';
import type { JobControl } from '../engine/control.ts';
import { cosine } from '../engine/embedder.ts';
import type { Engine } from '../engine/engine.ts';
import { EngineError } from '../engine/errors.ts';
import { combine } from './combine.ts';
import type { JudgeRequest } from './judge.ts';
import { keyTerms, overlap } from './key-terms.ts';
import { limits } from './limits.ts';

/** One score an answer, in order. Answers are distinct and not empty. */
export async function judgeByOwnWords(
  engine: Engine,
  { prompt, answers }: JudgeRequest,
  control: JobControl,
): Promise<AnswerScore[]> {
  const own = await answerShortly(engine, prompt, control);
  const tokensMax = limits.likelihoodTokensMax;
  const likelihoods = await engine.likelihoods({ question: prompt, answers, tokensMax, adapter: null }, control);
  const texts = own === '' ? [prompt, ...answers] : [prompt, ...answers, own];
  const vectors = await engine.embed(texts, control);
  const ownVector = vectors[answers.length + 1];
  const ownTerms = keyTerms(own, prompt);
  return answers.map((answer, i) => {
    const meanLogProbability = mean(likelihoods[i]!);
    const relevance = cosine(vectors[0]!, vectors[i + 1]!);
    const agreement = ownVector === undefined ? 0 : cosine(ownVector, vectors[i + 1]!);
    const support = overlap(keyTerms(answer, prompt), ownTerms);
    return {
      scorePpm: combine({ meanLogProbability, relevance, agreement, support }),
      likelihoodMilli: Math.round(1000 * meanLogProbability),
      relevancePpm: Math.round(1_000_000 * relevance),
    };
  });
}

/** The judge's own first sentence, greedy; empty when the question is too long for the judge to answer. */
async function answerShortly(engine: Engine, prompt: string, control: JobControl): Promise<string> {
  const profile = { instruction: '', temperature: 0, topP: 1, maxTokens: limits.ownAnswerTokensMax };
  const request = {
    messages: [{ role: 'user', content: prompt }],
    profile,
    seed: 0,
    stop: ['\n', '. '],
    adapter: null,
  } as const;
  try {
    // A cancelled generation returns normally; the next checkpoint ends the job.
    return (await engine.generate(request, { ...control, onText: () => {} })).text;
  } catch (error) {
    if (error instanceof EngineError && error.code === 'PROMPT_TOO_LONG') return '';
    throw error;
  }
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
