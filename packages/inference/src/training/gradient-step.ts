/**
 * Runs the training graph: a batch and factors in, loss and gradients out. Owns the runtime session and the weights in
 * memory, about 1.2 GB for the default model; the caller releases them.
 */
import { FACTOR_NAMES, factorDims, type LoraFactors } from '../adapters/lora-factors.ts';
import { type InferenceSession, int64Tensor, Tensor } from '../engine/session.ts';
import { gradientsOf, type TrainedFactors, trainingGraph } from '../models/graphs/training-graph.ts';
import type { LlamaShape } from '../models/manifest.ts';
import { readDenseWeights } from '../models/store/dense-weights.ts';
import type { Batch } from './batch.ts';
import { openTrainingSession } from './session.ts';

export type StepResult = {
  readonly loss: number;
  /** Negative log-probability of each target, in nats. */
  readonly nll: Float32Array;
  /** Shaped as the factors; those that are not trained are absent. */
  readonly gradients: Partial<LoraFactors>;
};

export type GradientStep = {
  readonly trained: TrainedFactors;
  run(batch: Batch, factors: LoraFactors): Promise<StepResult>;
  release(): Promise<void>;
};

export type StepOptions = {
  readonly directory: string;
  readonly shape: LlamaShape;
  readonly trained: TrainedFactors;
  readonly threads: number;
  readonly signal?: AbortSignal;
};

/** Builds the graph in memory and loads the weights of a model folder. Errors: ModelError, MODEL_ERROR. */
export async function openGradientStep({
  directory,
  shape,
  trained,
  threads,
  signal,
}: StepOptions): Promise<GradientStep> {
  const session = await openTrainingSession(trainingGraph(shape, trained), threads);
  const weights: Record<string, Tensor> = {};
  for (const [name, { data, dims }] of Object.entries(await readDenseWeights(directory, shape, signal))) {
    weights[name] = new Tensor('float32', data, dims);
  }
  return {
    trained,
    run: (batch, factors) => runStep({ session, weights, shape, trained }, batch, factors),
    release: () => session.release(),
  };
}

type Loaded = {
  readonly session: InferenceSession;
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly shape: LlamaShape;
  readonly trained: TrainedFactors;
};

async function runStep(loaded: Loaded, batch: Batch, factors: LoraFactors): Promise<StepResult> {
  const { session, weights, shape, trained } = loaded;
  const count = [batch.positions.length];
  const inputs = FACTOR_NAMES.map((name) => [name, new Tensor('float32', factors[name], factorDims(shape, name))]);
  const outputs = await session.run({
    ...weights,
    ...Object.fromEntries(inputs),
    ids: int64Tensor(batch.ids, [batch.ids.length]),
    cells: int64Tensor(batch.cells, [batch.rows, batch.columns]),
    spots: int64Tensor(batch.spots, [batch.spots.length]),
    pos: int64Tensor(batch.positions, count),
    tgt: int64Tensor(batch.targets, count),
    wts: new Tensor('float32', Float32Array.from(batch.weights), count),
  });
  const floats = (name: string) => outputs[name]!.data as Float32Array;
  const gradients = Object.fromEntries(gradientsOf(trained).map((name) => [name, floats(`d_${name}`)]));
  return { loss: floats('loss')[0]!, nll: floats('nll'), gradients };
}
