/** What a training is made of, and what names it. Owns defaults and their bounds. */
import { createHash } from 'node:crypto';
import type { TrainedFactors } from '../models/graphs/training-graph.ts';
import type { TrainingExample } from './batch.ts';
import { TrainingError } from './errors.ts';
import { limits } from './limits.ts';
import { ADAM_DEFAULTS, type AdamSettings } from './optimiser.ts';

/** Everything that the result depends on, besides the model. */
export type TrainingSettings = {
  readonly domain: string;
  /** Licence of the adapter. */
  readonly licence: string;
  readonly trained: TrainedFactors;
  /** Seed of factor A. Adapters that are to be averaged share it. */
  readonly factorSeed: number;
  /** Seed of the examples' order. */
  readonly seed: number;
  readonly steps: number;
  readonly examplesPerStep: number;
  readonly learningRate: number;
  readonly warmupSteps: number;
  /** Share of the learning rate that is left at the end. */
  readonly finalShare: number;
  readonly adam: AdamSettings;
};

export const TRAINING_DEFAULTS = {
  licence: 'Apache-2.0',
  trained: 'B',
  factorSeed: 1,
  seed: 1,
  steps: 60,
  examplesPerStep: 6,
  learningRate: 5e-3,
  warmupSteps: 5,
  finalShare: 0.1,
  adam: ADAM_DEFAULTS,
} as const satisfies Omit<TrainingSettings, 'domain'>;

/** Refuses what cannot be trained. Errors: TRAINING_DATA. */
export function checkSettings(settings: TrainingSettings, examples: readonly TrainingExample[]): void {
  const problem = settingsProblem(settings) ?? examplesProblem(examples);
  if (problem === undefined) return;
  throw new TrainingError('TRAINING_DATA', `This cannot be trained: ${problem}. Change the settings or the examples.`, {
    facts: { domain: settings.domain, examples: examples.length },
  });
}

/** SHA-256 of the examples, 64 hex digits: what an adapter names as its data. */
export function dataHash(examples: readonly TrainingExample[]): string {
  const hash = createHash('sha256');
  for (const { prompt, answer, weight } of examples) hash.update(`${JSON.stringify([prompt, answer, weight ?? 1])}\n`);
  return hash.digest('hex');
}

/** SHA-256 over model, data and settings, 64 hex digits: a checkpoint continues only the training it is of. */
export function trainingIdentity(settings: TrainingSettings, data: string, baseModel: string): string {
  const { adam, ...rest } = settings;
  const sorted = Object.entries({ ...rest, ...adam, data, baseModel }).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

function settingsProblem(settings: TrainingSettings): string | undefined {
  const { steps, examplesPerStep, learningRate, warmupSteps } = settings;
  if (!isWhole(steps, 1, limits.stepsMax)) return `steps must be 1 … ${limits.stepsMax}`;
  if (!isWhole(examplesPerStep, 1, limits.batchExamplesMax))
    return `a step takes 1 … ${limits.batchExamplesMax} examples`;
  if (!(learningRate > 0 && learningRate < 1)) return 'the learning rate must be between 0 and 1';
  if (!isWhole(warmupSteps, 1, steps)) return 'the warm-up must take 1 step at least and not all of them at most';
  for (const seed of [settings.seed, settings.factorSeed]) {
    if (!isWhole(seed, 0, 2 ** 32 - 1)) return 'seeds are whole numbers below 2³²';
  }
  return undefined;
}

function examplesProblem(examples: readonly TrainingExample[]): string | undefined {
  if (examples.length === 0) return 'there are no examples';
  if (examples.length > limits.examplesMax) return `there are more than ${limits.examplesMax} examples`;
  const long = examples.find(({ prompt, answer }) => prompt.length + answer.length > limits.exampleCharactersMax);
  if (long !== undefined) return `an example is longer than ${limits.exampleCharactersMax} characters`;
  const weights = examples.map(({ weight }) => weight ?? 1);
  return weights.every((weight) => Number.isFinite(weight) && weight > 0) ? undefined : 'a weight is not above zero';
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
