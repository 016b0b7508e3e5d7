/**
 * The inference worker as a node holds it: one that runs, or none for a node that neither answers nor scores.
 * Owns the joining of the worker's client with the host's inputs.
 */
import { createWorkerClient, type ModelInfo } from '@synod/inference';
import type { Logger } from 'pino';
import type { HostInput, Worker } from './host/index.ts';

export type WorkerStatus = {
  readonly state: 'starting' | 'ready' | 'down' | 'off';
  readonly info: ModelInfo | undefined;
  readonly queued: number;
};

export type NodeWorker = Worker & { status(): WorkerStatus; close(): Promise<void> };

/** Starts the worker on the model folder; null starts none, and jobs given to none fail at once. */
export function startWorker(
  modelDirectory: string | null,
  log: Logger,
  deliver: (input: HostInput) => void,
): NodeWorker {
  if (modelDirectory === null) return absentWorker(deliver);
  const client = createWorkerClient({
    modelDirectory,
    onEvent: (message) => deliver({ kind: 'worker', message }),
    onReady: (model) => deliver({ kind: 'worker', message: { kind: 'ready', model, loadMs: 0 } }),
    onDown: (reason) => deliver({ kind: 'workerDown', reason }),
    log: (message, facts) => log.info(facts, message),
  });
  return {
    submit: (job) => client.submit(job),
    cancel: (id) => client.cancel(id),
    close: () => client.close(),
    status: () => ({ state: client.state(), info: client.info(), queued: client.pending() }),
  };
}

function absentWorker(deliver: (input: HostInput) => void): NodeWorker {
  const failed = { code: 'WORKER_LOST', message: 'This node runs no inference worker.' } as const;
  return {
    submit: ({ id }) => queueMicrotask(() => deliver({ kind: 'worker', message: { kind: 'failed', id, ...failed } })),
    cancel: () => undefined,
    close: () => Promise.resolve(),
    status: () => ({ state: 'off', info: undefined, queued: 0 }),
  };
}
