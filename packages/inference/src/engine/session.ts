/**
 * How ONNX sessions are opened and how their tensors are built and freed. Owns the runtime's options, nothing about models.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { EngineError } from './errors.ts';

export { type InferenceSession, Tensor } from 'onnxruntime-node';

/** One processor, memory given back after each run, and threads that do not spin: cores are shared. */
export const sessionOptions = (threads: number): InferenceSession.SessionOptions => ({
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

const OPTIONS = sessionOptions(1);

/** Opens a graph by path, so that its external weights are found beside it, for one thread. */
export async function openSession(path: string): Promise<InferenceSession> {
  return opened(path, () => InferenceSession.create(path, OPTIONS));
}

/** Opens a graph that is in no file over the weights of one that is: `path`, which the graph knows by its last part. */
export async function openSessionOver(path: string, graph: Uint8Array): Promise<InferenceSession> {
  return opened(path, async () => {
    const externalData = [{ path: basename(path), data: await readFile(path) }];
    return InferenceSession.create(graph, { ...OPTIONS, externalData });
  });
}

async function opened(path: string, open: () => Promise<InferenceSession>): Promise<InferenceSession> {
  try {
    return await open();
  } catch (cause) {
    throw new EngineError(
      'MODEL_ERROR',
      `Could not load ${path}: ${reasonIn(cause)}. Let the model folder be made or fetched again, or name another --model.`,
      {
        facts: { path },
        cause,
      },
    );
  }
}

/** A whole file that is not what its folder's manifest describes. */
export const notDescribed = (path: string): EngineError =>
  new EngineError(
    'MODEL_ERROR',
    `${path} is not the graph that model.json describes. Remove the folder so that it is made again, or name another with --model.`,
    { facts: { path } },
  );

/** The runtime's reason, on one line. */
function reasonIn(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, REASON_CHARACTERS_MAX);
}

const REASON_CHARACTERS_MAX = 500;

export const int64Tensor = (values: readonly number[], dimensions: readonly number[]): Tensor =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), dimensions);

export const int32Tensor = (values: readonly number[], dimensions: readonly number[]): Tensor =>
  new Tensor('int32', Int32Array.from(values), dimensions);

/** Gives a tensor's memory back now: waiting for garbage collection would keep hundreds of megabytes of caches alive. */
export function freeTensor(tensor: Tensor): void {
  const data = tensor.data as Float32Array;
  if (data.buffer instanceof ArrayBuffer && !data.buffer.detached) data.buffer.transfer(0);
}
