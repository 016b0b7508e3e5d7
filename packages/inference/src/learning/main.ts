/**
 * The learner's process: does one job and leaves, so that its memory is free. Owns its turn, its priority and its channel; started
 * by client.ts, never by hand.
 */
import { availableParallelism, constants, freemem, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { TrainingError } from '../training/errors.ts';
import { takeHostTurn } from '../training/host-lock.ts';
import { assertWanted } from './errors.ts';
import { performLearning } from './learner.ts';
import type { LearnerControl } from './learner-control.ts';
import { limits } from './limits.ts';
import type { ToLearner } from './process-protocol.ts';
import type { LearnerEvent, LearnerJob } from './protocol.ts';
import { trainingTurns } from './training-turns.ts';

const FAILURES: ReadonlySet<string> = new Set(['BUSY', 'CANCELLED', 'TRAINING_LOST', 'BASE_MISSING', 'MODEL_ERROR']);

function send(event: LearnerEvent): void {
  // A failed send means that the parent is gone; 'disconnect' ends the process then.
  process.send?.(event, undefined, undefined, () => {});
}

function leaveAfter(event: LearnerEvent): void {
  if (!process.connected) process.exit(1);
  process.send?.(event, undefined, undefined, () => process.exit(0));
}

/** Other codes than the protocol's are told in the message. */
function failed(id: string, error: unknown): LearnerEvent {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'MODEL_ERROR';
  const message = error instanceof Error ? error.message : String(error);
  if (FAILURES.has(code)) return { kind: 'failed', id, code, message };
  return { kind: 'failed', id, code: 'MODEL_ERROR', message: `${code}: ${message}` };
}

/** Waits for a turn: trainers of one machine share its cores and its memory. */
async function waitForTurn(path: string, signal: AbortSignal): Promise<() => Promise<void>> {
  const { turns } = trainingTurns(availableParallelism());
  for (;;) {
    assertWanted(signal);
    try {
      return await takeHostTurn({ path, turns, bytesEach: limits.trainingBytes, availableBytes: freemem });
    } catch (error) {
      if (!(error instanceof TrainingError) || error.code !== 'TRAINING_BUSY') throw error;
    }
    // Not all at the same moment: two that take a turn together and lack the memory both give it back.
    await delay(limits.lockPollMs * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
  }
}

async function serve(job: LearnerJob, lock: string, signal: AbortSignal): Promise<LearnerEvent> {
  const onProgress: LearnerControl['onProgress'] = (progress) => send({ kind: 'progress', id: job.id, ...progress });
  return performLearning(job, { signal, onProgress, takeTurn: () => waitForTurn(lock, signal) });
}

function start(): void {
  if (!process.connected) {
    console.error('This program is started by a Synod node, which passes a job over an IPC channel.');
    process.exit(2);
  }
  const abort = new AbortController();
  // Without a parent nobody waits for the result: the checkpoint is written between two steps and the process ends.
  process.on('disconnect', () => abort.abort());
  // Ctrl-C reaches the whole process group; the parent decides when learning stops.
  process.on('SIGINT', () => {});
  setPriority(0, constants.priority.PRIORITY_LOW);
  process.on('message', (message: ToLearner) => {
    if (message.kind === 'cancel') return abort.abort();
    const { job, lock } = message;
    serve(job, lock, abort.signal).then(leaveAfter, (error: unknown) => leaveAfter(failed(job.id, error)));
  });
}

start();
