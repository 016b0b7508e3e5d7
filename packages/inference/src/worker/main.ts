/**
 * The worker process: `node main.ts MODEL_DIRECTORY`, forked by the client with an IPC channel. Owns the process: messages,
 * low priority (nice 10), and that it never outlives its parent. The work itself belongs to the scheduler and the engine.
 */
import { constants, setPriority } from 'node:os';
import { limits } from '../client/limits.ts';
import type { FromWorker, ToWorker } from '../client/protocol.ts';
import { loadEngine } from '../engine/engine.ts';
import { vectorsDirectory } from '../knowledge/vectors-file.ts';
import { queuedMax } from './limits.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';

function send(message: FromWorker): void {
  // A failed send means that the parent is gone; 'disconnect' ends the process then.
  process.send?.(message, undefined, undefined, () => {});
}

/** Sends the reason and leaves: a model that does not load will not load a second later either. */
function fail(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'MODEL_ERROR';
  const message = error instanceof Error ? error.message : String(error);
  const fatal: FromWorker = { kind: 'fatal', code, message };
  process.send?.(fatal, undefined, undefined, () => process.exit(1));
}

async function serve(directory: string): Promise<void> {
  const startedMs = performance.now();
  // Listening before the model is there: a shutdown while it loads must be heard. The client sends jobs after 'ready'.
  let scheduler: Scheduler | undefined;
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'shutdown') process.exit(0);
    else if (message.kind === 'cancel') scheduler?.cancel(message.id);
    else scheduler?.submit(message);
  });
  const engine = await loadEngine(directory);
  scheduler = createScheduler({ engine, vectorsDirectory: vectorsDirectory(), queuedMax, emit: send });
  send({ kind: 'ready', model: engine.info, loadMs: Math.round(performance.now() - startedMs) });
  setInterval(() => send({ kind: 'alive' }), limits.aliveMs);
}

function start(): void {
  const directory = process.argv[2];
  if (directory === undefined || !process.connected) {
    console.error('This program is started by a Synod node, which passes a model folder and an IPC channel.');
    process.exit(2);
  }
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole process group; the parent decides when the worker stops.
  process.on('SIGINT', () => {});
  setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
  serve(directory).catch(fail);
}

start();
