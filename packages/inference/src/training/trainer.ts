/**
 * Trains an adapter: steps, progress, checkpoints, the finished file. Owns the loop and its order; gradients come from
 * gradient-step.ts, the process around it is main.ts.
 */
import { readAdapter, writeAdapter } from '../adapters/adapter-file.ts';
import type { AdapterAbout } from '../adapters/adapter-header.ts';
import { baseModelHash } from '../adapters/base-model.ts';
import { genesisFactors, type LoraFactors } from '../adapters/lora-factors.ts';
import { loadEngine } from '../engine/engine.ts';
import { loadTokenizer } from '../engine/tokenizer.ts';
import { gradientsOf } from '../models/graphs/training-graph.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { readManifest } from '../models/store/manifest-file.ts';
import { createBatch, type EncodedExample, encodeExample, fitBatch, type TrainingExample } from './batch.ts';
import { loadCheckpoint, removeCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { TrainingError } from './errors.ts';
import { type GradientStep, openGradientStep } from './gradient-step.ts';

import { measureReader, type ReaderFigures } from './held-out.ts';
import { applyAdam, createOptimiser, type OptimiserState } from './optimiser.ts';
import { learningRate, stepExamples } from './schedule.ts';
import { checkSettings, dataHash, type TrainingSettings, trainingIdentity } from './settings.ts';

export type TrainingJob = {
  readonly modelDirectory: string;
  readonly settings: TrainingSettings;
  readonly examples: readonly TrainingExample[];
  /** Where the adapter goes. */
  readonly out: string;
  /** Where an interrupted training is kept; null keeps none. An existing one of the same training is continued. */
  readonly checkpoint: string | null;
  readonly checkpointEverySteps: number;
  readonly threads: number;
  /** What the bare model and the finished adapter are measured on; none when empty. */
  readonly heldOut: readonly TrainingExample[];
};

export type TrainingProgress = {
  /** Steps done, of all. */
  readonly step: number;
  readonly steps: number;
  /** Loss of this step, in nats a token. */
  readonly loss: number;
  /** Tokens read a second since this process began, padding not counted. */
  readonly tokensPerSecond: number;
  readonly remainingMs: number;
};

export type TrainingResult = {
  readonly path: string;
  /** SHA-256 of the adapter file. */
  readonly hash: string;
  readonly about: AdapterAbout;
  /** Loss of every step that this process took. */
  readonly losses: readonly number[];
  /** Steps that a checkpoint brought. */
  readonly resumedSteps: number;
  /** Null when nothing was held out. */
  readonly heldOut: { readonly before: ReaderFigures; readonly after: ReaderFigures } | null;
};

export type TrainingControl = { readonly signal: AbortSignal; onProgress(progress: TrainingProgress): void };

/** Trains and writes the adapter. Errors: TrainingError, ModelError; after CANCELLED the checkpoint continues the training. */
export async function train(job: TrainingJob, control: TrainingControl): Promise<TrainingResult> {
  checkSettings(job.settings, job.examples);
  const manifest = await readManifest(job.modelDirectory);
  const tokenizer = await loadTokenizer(job.modelDirectory);
  const examples = job.examples.map((example) => encodeExample(example, { tokenizer, ...manifest.architecture }));
  const data = dataHash(job.examples);
  const identity = trainingIdentity(job.settings, data, baseModelHash(manifest));
  const start = genesisFactors(manifest.architecture, job.settings.factorSeed);
  const { factors, losses, resumedSteps } = await trainFactors({ job, manifest, examples, identity, start }, control);
  const about = aboutAdapter(job.settings, manifest, data);
  const hash = await writeAdapter(job.out, { about, factors });
  await readAdapter(job.out, { shape: manifest.architecture, baseModel: about.baseModel });
  if (job.checkpoint !== null) await removeCheckpoint(job.checkpoint);
  return { path: job.out, hash, about, losses, resumedSteps, heldOut: await measure(job, control) };
}

/** A training's steps without what comes before and after them. */
export type FactorTraining = {
  readonly job: Pick<TrainingJob, 'modelDirectory' | 'settings' | 'checkpoint' | 'checkpointEverySteps' | 'threads'>;
  readonly manifest: ModelManifest;
  readonly examples: readonly EncodedExample[];
  /** 64 hex digits that stand for model, start, data and settings: a checkpoint continues only the training it is of. */
  readonly identity: string;
  /** Where training starts; changed in place. */
  readonly start: LoraFactors;
};

export type TrainedFactors = Pick<TrainingResult, 'losses' | 'resumedSteps'> & { readonly factors: LoraFactors };

/** Takes the steps, from the checkpoint on if there is one; the checkpoint stays for the caller to remove. Errors as `train`. */
export async function trainFactors(training: FactorTraining, control: TrainingControl): Promise<TrainedFactors> {
  const { job, identity, start } = training;
  const state = createOptimiser(start, gradientsOf(job.settings.trained));
  if (job.checkpoint !== null) await loadCheckpoint(job.checkpoint, identity, state);
  const resumedSteps = state.steps;
  const losses = await runSteps({ ...training, state }, control);
  return { factors: state.factors, losses, resumedSteps };
}

/** After training has given its memory back: one model at a time. */
async function measure(job: TrainingJob, { signal }: TrainingControl): Promise<TrainingResult['heldOut']> {
  const { heldOut: examples, out } = job;
  if (examples.length === 0) return null;
  const engine = await loadEngine(job.modelDirectory);
  try {
    const control = { signal, checkpoint: async () => {} };
    const before = await measureReader(engine, { examples, adapter: null }, control);
    return { before, after: await measureReader(engine, { examples, adapter: out }, control) };
  } finally {
    await engine.close();
  }
}

type Run = FactorTraining & { readonly state: OptimiserState };

async function runSteps(run: Run, control: TrainingControl): Promise<number[]> {
  const { job, manifest, state, identity } = run;
  const { trained, steps } = job.settings;
  assertRunning(control);
  const step = await openGradientStep({
    directory: job.modelDirectory,
    shape: manifest.architecture,
    trained,
    threads: job.threads,
    signal: control.signal,
  });
  const losses: number[] = [];
  const pace = createPace();
  try {
    while (state.steps < steps) {
      assertRunning(control);
      const { loss, tokens } = await oneStep(run, step);
      losses.push(loss);
      const { tokensPerSecond, msPerStep } = pace.add(tokens);
      const remainingMs = Math.round(msPerStep * (steps - state.steps));
      control.onProgress({ step: state.steps, steps, loss, tokensPerSecond, remainingMs });
      if (job.checkpoint !== null && state.steps % job.checkpointEverySteps === 0) {
        await saveCheckpoint(job.checkpoint, identity, state);
      }
    }
  } catch (error) {
    const isCancelled = error instanceof TrainingError && error.code === 'CANCELLED';
    if (isCancelled && job.checkpoint !== null) await saveCheckpoint(job.checkpoint, identity, state);
    throw error;
  } finally {
    await step.release();
  }
  return losses;
}

async function oneStep({ job, examples, state }: Run, step: GradientStep): Promise<{ loss: number; tokens: number }> {
  const { settings } = job;
  const next = state.steps + 1;
  const order = { examples: examples.length, perStep: settings.examplesPerStep, seed: settings.seed };
  const chosen = fitBatch(stepExamples(next, order).map((index) => examples[index]!));
  const { loss, gradients } = await step.run(createBatch(chosen), state.factors);
  if (!Number.isFinite(loss)) {
    throw new TrainingError(
      'TRAINING_DIVERGED',
      `The loss is ${loss} at step ${next}. Train with a lower learning rate.`,
      {
        facts: { step: next, learningRate: settings.learningRate },
      },
    );
  }
  const { learningRate: peak, warmupSteps, steps, finalShare } = settings;
  const rate = learningRate(next, { peak, warmupSteps, steps, finalShare });
  applyAdam(state, gradients, { rate, settings: settings.adam });
  return { loss, tokens: chosen.reduce((sum, { ids }) => sum + ids.length, 0) };
}

function assertRunning({ signal }: TrainingControl): void {
  if (signal.aborted) throw new TrainingError('CANCELLED', 'The training was cancelled by its caller.');
}

function createPace(): { add(tokens: number): { tokensPerSecond: number; msPerStep: number } } {
  const startedMs = performance.now();
  let tokensDone = 0;
  let stepsDone = 0;
  return {
    add(tokens) {
      tokensDone += tokens;
      stepsDone++;
      const ms = performance.now() - startedMs;
      return { tokensPerSecond: Math.round((1000 * tokensDone) / ms), msPerStep: ms / stepsDone };
    },
  };
}

function aboutAdapter(settings: TrainingSettings, manifest: ModelManifest, data: string): AdapterAbout {
  const { layers, hidden, keyValueHeads, headSize, loraRank } = manifest.architecture;
  const { domain, licence, trained, factorSeed, seed, steps } = settings;
  return {
    formatVersion: 1,
    domain,
    licence,
    baseModel: baseModelHash(manifest),
    shape: { layers, hidden, keyValueHeads, headSize, loraRank },
    trained,
    factorSeed,
    seed,
    steps,
    dataHash: data,
  };
}
