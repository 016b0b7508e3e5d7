/** How the runtime is opened for training. Owns the error only; options are the engine's. */
import { InferenceSession } from 'onnxruntime-node';
import { sessionOptions } from '../engine/session.ts';
import { TrainingError } from './errors.ts';

/** A session over a graph in memory. Errors: MODEL_ERROR. */
export async function openTrainingSession(graph: Uint8Array, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(graph, sessionOptions(threads));
  } catch (cause) {
    throw new TrainingError('MODEL_ERROR', 'The training graph could not be loaded. Report this with the model used.', {
      cause,
    });
  }
}
