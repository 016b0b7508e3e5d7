/**
 * The training process: trains one adapter and leaves. Owns its lock, its priority and its channel; started by
 * client.ts, never by hand.
 */
import { constants, setPriority } from 'node:os';
import { takeHostLock } from './host-lock.ts';
import type { FromTrainer, ToTrainer } from './protocol.ts';
import { type TrainingControl, type TrainingJob, train } from './trainer.ts';

function send(message: FromTrainer): void {
  // A failed send means that the parent is gone; 'disconnect' ends the process then.
  process.send?.(message, undefined, undefined, () => {});
}

function leaveAfter(message: FromTrainer, code: number): void {
  process.send?.(message, undefined, undefined, () => process.exit(code));
}

function failed(error: unknown): FromTrainer {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'MODEL_ERROR';
  const message = error instanceof Error ? error.message : String(error);
  const facts = error instanceof Error && 'facts' in error ? (error.facts as Record<string, string>) : {};
  return { kind: 'failed', code, message, facts };
}

async function serve(job: TrainingJob, lock: string, signal: AbortSignal): Promise<void> {
  const release = await takeHostLock(lock);
  const onProgress: TrainingControl['onProgress'] = (progress) => send({ kind: 'progress', progress });
  // The lock is given back before the last message: the process leaves as soon as that is sent.
  const result = await train(job, { signal, onProgress }).finally(release);
  leaveAfter({ kind: 'done', result }, 0);
}

function start(): void {
  if (!process.connected) {
    console.error('This program is started by Synod itself, which passes a job over an IPC channel.');
    process.exit(2);
  }
  const abort = new AbortController();
  // Without a parent nobody waits for the adapter: the checkpoint is written between two steps and the process ends.
  process.on('disconnect', () => abort.abort());
  // Ctrl-C reaches the whole process group; the parent decides when training stops.
  process.on('SIGINT', () => {});
  setPriority(0, constants.priority.PRIORITY_LOW);
  process.on('message', (message: ToTrainer) => {
    if (message.kind === 'cancel') return abort.abort();
    serve(message.job, message.lock, abort.signal).catch((error: unknown) => {
      if (!process.connected) process.exit(1);
      leaveAfter(failed(error), 1);
    });
  });
}

start();
