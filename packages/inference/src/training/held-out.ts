/**
 * What an adapter is worth on questions that it was not trained on, measured with the generation graph that will run it. Owns the
 * reading and writing; whether a written answer is right is scored by whoever knows the truth.
 */
import type { JobControl } from '../engine/control.ts';
import type { Engine } from '../engine/engine.ts';
import type { TrainingExample } from './batch.ts';
import { limits } from './limits.ts';

export type ReaderFigures = {
  /** Mean negative log-probability of the expected answers' tokens, in nats. */
  readonly nll: number;
  /** What the reader wrote, one text an example, greedily. */
  readonly answers: readonly string[];
};

/** Reads and answers every example with an adapter file, or with the bare model (null). Throws the engine's errors. */
export async function measureReader(
  engine: Engine,
  { examples, adapter }: { readonly examples: readonly TrainingExample[]; readonly adapter: string | null },
  control: JobControl,
): Promise<ReaderFigures> {
  const answers: string[] = [];
  const means: number[] = [];
  for (const { prompt, answer } of examples.slice(0, limits.heldOutMax)) {
    const tokensMax = limits.exampleTokensMax;
    const [read] = await engine.likelihoods({ question: prompt, answers: [answer], tokensMax, adapter }, control);
    means.push(-read!.reduce((sum, value) => sum + value, 0) / read!.length);
    answers.push(await write(engine, prompt, { adapter, control }));
  }
  return { nll: means.reduce((sum, value) => sum + value, 0) / Math.max(1, means.length), answers };
}

async function write(
  engine: Engine,
  prompt: string,
  { adapter, control }: { readonly adapter: string | null; readonly control: JobControl },
): Promise<string> {
  const profile = { instruction: '', temperature: 0, topP: 1, maxTokens: limits.answerTokensMax };
  const messages = [{ role: 'user', content: prompt }] as const;
  const request = { messages, profile, seed: 0, stop: ['\n'], adapter };
  const { text } = await engine.generate(request, { ...control, onText: () => {} });
  return text.trim();
}
