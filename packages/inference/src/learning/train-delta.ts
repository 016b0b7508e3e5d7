/**
 * Trains on a shard and writes what changed as a delta file (spec: learning §5.4). Owns the mixture, the number of steps and the way
 * from floats to units; the steps themselves are training's.
 */
import { availableParallelism } from 'node:os';
import { baseModelHash } from '../adapters/base-model.ts';
import { loadTokenizer } from '../engine/tokenizer.ts';
import { writeWhole } from '../files/whole-file.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { type EncodedExample, encodeAnyExample, fitsTraining, type TrainingExample } from '../training/batch.ts';
import { removeCheckpoint } from '../training/checkpoint.ts';
import { TrainingError } from '../training/errors.ts';
import { ADAM_DEFAULTS } from '../training/optimiser.ts';
import { dataHash, TRAINING_DEFAULTS, type TrainingSettings, trainingIdentity } from '../training/settings.ts';
import { type FactorTraining, type TrainedFactors, trainFactors } from '../training/trainer.ts';
import { type DeltaAbout, encodeDelta } from './delta-file.ts';
import { assertWanted, LearnerError } from './errors.ts';
import { feedbackExamples } from './feedback-examples.ts';
import {
  type FixedFactors,
  factorsHash,
  fixedFromFloats,
  floatsFromFixed,
  LEARNING_FACTOR_SEED,
} from './fixed-factors.ts';
import type { LearnerControl } from './learner-control.ts';
import { limits } from './limits.ts';
import type { LearningExample, TrainDeltaJob } from './protocol.ts';
import { replayExamples } from './replay.ts';
import { openRound } from './round-files.ts';
import { acceptedShard } from './round-knowledge.ts';
import { trainingTurns } from './training-turns.ts';

export type TrainedDelta = {
  readonly path: string;
  readonly bytes: number;
  /** Steps of the whole training, and those that a checkpoint brought. */
  readonly steps: number;
  readonly resumedSteps: number;
  /** Loss of every step that this process took, in nats a token. */
  readonly losses: readonly number[];
};

/**
 * Trains to the end, from the job's checkpoint on if there is one, and writes the delta. A shard with nothing to learn gives a delta
 * of zeros. Errors: LearnerError, TrainingError, ModelError; after CANCELLED the checkpoint continues to the same bytes.
 */
export async function trainDelta(job: TrainDeltaJob, control: LearnerControl): Promise<TrainedDelta> {
  control.onProgress({ stage: 'loading', done: 0, of: 1, lossMilli: null });
  const { manifest, about, base } = await openRound(job);
  assertWanted(control.signal);
  const shard = await shardOf(job, manifest, control);
  const { learnt, replayed } = await examplesOf({ ...job, shard }, manifest);
  if (learnt.length === 0) return finish(job, about, { values: new Int32Array(base.values.length), steps: 0 });
  const examples = [...learnt, ...replayed];
  const settings = settingsOf(job, examples.length);
  const identity = trainingIdentity(
    settings,
    dataHash(examples.map(({ example }) => example)),
    `${baseModelHash(manifest)} ${factorsHash(base)} ${job.round}`,
  );
  const training: Omit<FactorTraining, 'start'> = {
    job: {
      ...job,
      settings,
      checkpointEverySteps: limits.checkpointEverySteps,
      threads: trainingTurns(availableParallelism()).threads,
    },
    manifest,
    examples: examples.map(({ encoded }) => encoded),
    identity,
  };
  const trained = await continueOrRestart(job.checkpoint, () => runSteps(training, base, control));
  return finish(job, about, { ...trained, values: changeOf(trained, base), steps: settings.steps });
}

/** The rules of `TRAINING_DEFAULTS`; nothing pulls the base toward zero, and seeds and steps are the job's. */
function settingsOf({ domain, seed }: TrainDeltaJob, examples: number): TrainingSettings {
  const wanted = Math.ceil((1.5 * examples) / TRAINING_DEFAULTS.examplesPerStep);
  return {
    ...TRAINING_DEFAULTS,
    domain,
    seed,
    factorSeed: LEARNING_FACTOR_SEED,
    steps: Math.max(limits.stepsMin, Math.min(limits.stepsMax, wanted)),
    adam: { ...ADAM_DEFAULTS, weightDecay: 0 },
  };
}

/** A trainer answers for its delta: what the gate would refuse is not taught, except to its own user. */
async function shardOf(
  job: TrainDeltaJob,
  manifest: ModelManifest,
  { signal }: LearnerControl,
): Promise<readonly LearningExample[]> {
  const shard = job.shard.slice(0, limits.shardItemsMax);
  if (job.learns === 'all') return shard;
  try {
    return await acceptedShard({ ...job, shard }, manifest, { signal, checkpoint: async () => {} });
  } catch (error) {
    assertWanted(signal);
    throw error;
  }
}

type Prepared = { readonly example: TrainingExample; readonly encoded: EncodedExample };

/** What is learnt and what is repeated, without what is too long to be read in one step. */
async function examplesOf(
  job: TrainDeltaJob,
  manifest: ModelManifest,
): Promise<{ readonly learnt: readonly Prepared[]; readonly replayed: readonly Prepared[] }> {
  const model = { tokenizer: await loadTokenizer(job.modelDirectory), ...manifest.architecture };
  const prepare = (list: readonly TrainingExample[]) =>
    list
      .map((example) => ({ example, encoded: encodeAnyExample(example, model) }))
      .filter(({ encoded }) => fitsTraining(encoded));
  const { shard, earlier, knowledge, seed } = job;
  const learnt = prepare(shard.flatMap(feedbackExamples));
  const count = Math.round((learnt.length * limits.replayPercent) / (100 - limits.replayPercent));
  return { learnt, replayed: prepare(await replayExamples({ earlier, shard, knowledge, count, seed })) };
}

/** In a turn of the machine's: weights and steps are a training's memory and its time, and what comes before is neither. */
async function runSteps(
  training: Omit<FactorTraining, 'start'>,
  base: FixedFactors,
  { signal, onProgress, takeTurn = async () => async () => {} }: LearnerControl,
): Promise<TrainedFactors> {
  const giveBack = await takeTurn();
  return trainFactors(
    { ...training, start: floatsFromFixed(base) },
    {
      signal,
      onProgress: ({ step, steps, loss }) =>
        onProgress({ stage: 'training', done: step, of: steps, lossMilli: Math.round(1000 * loss) }),
    },
  ).finally(giveBack);
}

/** The checkpoint is this job's own: one that is damaged, or of the job before its retry, is dropped. */
async function continueOrRestart(checkpoint: string, run: () => Promise<TrainedFactors>): Promise<TrainedFactors> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof TrainingError) || error.code !== 'TRAINING_CHECKPOINT') throw error;
    await removeCheckpoint(checkpoint);
    return run();
  }
}

/** What training changed, in units. Errors: MODEL_ERROR when that is no number. */
function changeOf({ factors }: TrainedFactors, base: FixedFactors): Int32Array {
  const start = floatsFromFixed(base);
  const change = (name: 'qB' | 'vB') => factors[name].map((value, i) => value - start[name][i]!);
  const values = fixedFromFloats({ qB: change('qB'), vB: change('vB') });
  if (values !== null) return values;
  const message = 'The training left the range of numbers that versions have. Nothing was written; train again.';
  throw new LearnerError('MODEL_ERROR', message);
}

async function finish(
  job: TrainDeltaJob,
  about: DeltaAbout,
  result: { readonly values: Int32Array; readonly steps: number } & Partial<TrainedFactors>,
): Promise<TrainedDelta> {
  const bytes = encodeDelta(about, result.values);
  await writeWhole(job.out, bytes);
  await removeCheckpoint(job.checkpoint);
  const { steps, losses = [], resumedSteps = 0 } = result;
  return { path: job.out, bytes: bytes.length, steps, resumedSteps, losses };
}
