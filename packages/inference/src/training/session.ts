/** How the runtime is opened for training. Owns its options: memory is given back after each step, threads do not spin. */
import { InferenceSession } from 'onnxruntime-node';
import { TrainingError } from './errors.ts';

/** A session over a graph in memory. Errors: MODEL_ERROR. */
export async function openTrainingSession(graph: Uint8Array, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(graph, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      enableCpuMemArena: false,
      enableMemPattern: false,
      logSeverityLevel: 3,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (cause) {
    throw new TrainingError('MODEL_ERROR', 'The training graph could not be loaded. Report this with the model used.', {
      cause,
    });
  }
}
