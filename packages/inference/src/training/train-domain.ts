/**
 * Trains the adapter of a domain, or the control that learns the format alone, from a knowledge folder and its questions. Owns
 * how many examples a training takes and what it is measured on; the command line is the caller's.
 */
import type { TrainingExample } from './batch.ts';
import { type TrainAdapterOptions, trainAdapter } from './client.ts';
import { domainExamples, heldOutExamples } from './domain-examples.ts';
import { formatExamples } from './format-examples.ts';
import { TRAINING_DEFAULTS, type TrainingSettings } from './settings.ts';
import type { TrainingResult } from './trainer.ts';
import { readTrainingSource, type SourceQuestion, type TrainingSource } from './training-source.ts';

/** Name of the control in the adapter's header. */
export const FORMAT_DOMAIN = 'format';

export type TrainDomainOptions = Omit<TrainAdapterOptions, 'examples' | 'heldOut' | 'settings'> & {
  /** The domain's name, or `format` for the control, which uses the folder only to be measured on. */
  readonly domain: string;
  /** The knowledge folder: passages.jsonl and relations.json. */
  readonly folder: string;
  /** The question file; its `train` split is trained on, its `tune` split measured. */
  readonly questions: string;
  /** Seed of examples and their order. */
  readonly seed: number;
  /** `TRAINING_DEFAULTS.steps` when left out. */
  readonly steps?: number;
  /** Questions of the tune split that the model is measured on before and after; 0 measures nothing. */
  readonly heldOutQuestions?: number;
  /** What else differs from `TRAINING_DEFAULTS`. */
  readonly settings?: Partial<Omit<TrainingSettings, 'domain' | 'seed' | 'steps'>>;
};

export type TrainDomainResult = TrainingResult & {
  /** The questions behind `heldOut`'s answers, in the same order. */
  readonly questions: readonly SourceQuestion[];
};

/** Seed of which questions are measured: the same for every training, so that figures can be compared. */
const HELD_OUT_SEED = 1;

/** Trains in a process of its own. Errors: TrainingError (see `trainAdapter`). */
export async function trainDomain(options: TrainDomainOptions): Promise<TrainDomainResult> {
  const { domain, folder, questions: questionFile, seed, steps, heldOutQuestions = 0, ...rest } = options;
  const settings = settingsOf({ ...options.settings, domain, seed, steps: steps ?? TRAINING_DEFAULTS.steps });
  const source = await readTrainingSource(folder, questionFile);
  const heldOut = heldOutExamples(source, { split: 'tune', count: heldOutQuestions, seed: HELD_OUT_SEED });
  const result = await trainAdapter({ ...rest, settings, examples: examplesOf(source, settings), heldOut });
  return { ...result, questions: heldOut.map(({ question }) => question) };
}

/** With the defaults; a training of fewer steps than the usual warm-up warms up through all of them. */
function settingsOf(given: Partial<TrainingSettings> & Pick<TrainingSettings, 'domain' | 'steps'>): TrainingSettings {
  const warmupSteps = Math.min(TRAINING_DEFAULTS.warmupSteps, given.steps);
  return { ...TRAINING_DEFAULTS, warmupSteps, ...given };
}

/** As many as the steps take, so that none comes twice. */
function examplesOf(source: TrainingSource, settings: TrainingSettings): TrainingExample[] {
  const wanted = { count: settings.steps * settings.examplesPerStep, seed: settings.seed };
  return settings.domain === FORMAT_DOMAIN ? formatExamples(wanted) : domainExamples(source, wanted);
}
