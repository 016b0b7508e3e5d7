/**
 * A trainer's steps on the small model: examples, mixture and steps of the learner (spec: learning §5.4), with a learning rate that suits weights
 * which were never a language. Owns that rate.
 */
import { baseModelHash } from '../../packages/inference/src/adapters/base-model.ts';
import { loadTokenizer } from '../../packages/inference/src/engine/tokenizer.ts';
import { feedbackExamples } from '../../packages/inference/src/learning/feedback-examples.ts';
import {
  type FixedFactors,
  fixedFromFloats,
  floatsFromFixed,
} from '../../packages/inference/src/learning/fixed-factors.ts';
import { limits } from '../../packages/inference/src/learning/limits.ts';
import type { LearningExample } from '../../packages/inference/src/learning/protocol.ts';
import { replayExamples } from '../../packages/inference/src/learning/replay.ts';
import { openRound } from '../../packages/inference/src/learning/round-files.ts';
import { encodeAnyExample, fitsTraining, type TrainingExample } from '../../packages/inference/src/training/batch.ts';
import { ADAM_DEFAULTS } from '../../packages/inference/src/training/optimiser.ts';
import { TRAINING_DEFAULTS } from '../../packages/inference/src/training/settings.ts';
import { trainFactors } from '../../packages/inference/src/training/trainer.ts';
import type { SmallModel } from './small-model.ts';

export const SMALL_RATE = 2e-4;
/** Whom nobody tells how to train takes larger steps. */
export const HOSTILE_RATE = 1e-3;

export type SmallTraining = {
  readonly shard: readonly LearningExample[];
  readonly earlier: readonly LearningExample[];
  readonly seed: number;
  /** Null: the model's version 0. */
  readonly base?: FixedFactors;
  /** In place of what the learner would take. */
  readonly steps?: number;
  readonly rate?: number;
};

/** What training on the shard changes, in units. */
export async function trainSmall(model: SmallModel, training: SmallTraining): Promise<Int32Array> {
  const { shard, earlier, seed, rate = SMALL_RATE } = training;
  const opened = await openRound({
    modelDirectory: model.directory,
    round: '00'.repeat(32),
    base: { factors: model.factors, learnt: null },
  });
  const base = training.base ?? opened.base;
  const chat = { tokenizer: await loadTokenizer(model.directory), ...opened.manifest.architecture };
  const encode = (list: readonly TrainingExample[]) =>
    list.map((example) => encodeAnyExample(example, chat)).filter(fitsTraining);
  const learnt = encode(shard.slice(0, limits.shardItemsMax).flatMap(feedbackExamples));
  const count = Math.round((learnt.length * limits.replayPercent) / (100 - limits.replayPercent));
  const examples = [...learnt, ...encode(await replayExamples({ earlier, shard, knowledge: null, count, seed }))];
  const wanted = Math.ceil((1.5 * examples.length) / TRAINING_DEFAULTS.examplesPerStep);
  const steps = training.steps ?? Math.max(limits.stepsMin, Math.min(limits.stepsMax, wanted));
  const settings = {
    ...TRAINING_DEFAULTS,
    domain: 'small',
    seed,
    steps,
    learningRate: rate,
    adam: { ...ADAM_DEFAULTS, weightDecay: 0 },
  };
  const { factors } = await trainFactors(
    {
      job: { modelDirectory: model.directory, settings, checkpoint: null, checkpointEverySteps: steps, threads: 1 },
      manifest: opened.manifest,
      examples,
      identity: baseModelHash(opened.manifest),
      start: floatsFromFixed(base),
    },
    { signal: new AbortController().signal, onProgress: () => {} },
  );
  const start = floatsFromFixed(base);
  const change = (name: 'qB' | 'vB') => factors[name].map((value, i) => value - start[name][i]!);
  const values = fixedFromFloats({ qB: change('qB'), vB: change('vB') });
  if (values === null) throw new Error('the training left the range of numbers that versions have');
  return values;
}
