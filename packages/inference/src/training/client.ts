/**
 * Trains in a process of its own, so that the caller stays responsive and its memory small. Owns the child's life; what
 * happens inside is trainer.ts.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TrainingExample } from './batch.ts';
import { TrainingError, type TrainingErrorCode } from './errors.ts';
import { HOST_LOCK_PATH } from './host-lock.ts';
import { limits } from './limits.ts';
import type { FromTrainer, ToTrainer } from './protocol.ts';
import { TRAINING_DEFAULTS, type TrainingSettings } from './settings.ts';
import type { TrainingJob, TrainingProgress, TrainingResult } from './trainer.ts';

const TRAINING_MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

export type TrainAdapterOptions = Pick<TrainingJob, 'modelDirectory' | 'examples' | 'out'> & {
  /** What differs from `TRAINING_DEFAULTS`. */
  readonly settings: Partial<TrainingSettings> & Pick<TrainingSettings, 'domain'>;
  /** Where an interrupted training is kept and continued from; none when left out. */
  readonly checkpoint?: string | null;
  readonly checkpointEverySteps?: number;
  /** What the bare model and the finished adapter are measured on; nothing when left out. */
  readonly heldOut?: readonly TrainingExample[];
  /** Runtime threads, 1 when left out: cores are shared. */
  readonly threads?: number;
  /** The file that keeps a second training off this machine. */
  readonly lock?: string;
  readonly signal?: AbortSignal;
  onProgress?(progress: TrainingProgress): void;
};

/**
 * Trains one adapter to its end. Errors: TrainingError, of which CANCELLED (the signal) and TRAINING_LOST (the process was
 * killed) can be continued by calling again with the same options and checkpoint; also the codes of the model store.
 */
export async function trainAdapter(options: TrainAdapterOptions): Promise<TrainingResult> {
  if (options.signal?.aborted) throw cancelled();
  const child = fork(TRAINING_MAIN, [], {
    execPath: process.execPath,
    execArgv: [`--max-old-space-size=${limits.heapMiB}`, '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const cancel = (): void => tell(child, { kind: 'cancel' });
  options.signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await outcome(child, options);
  } finally {
    options.signal?.removeEventListener('abort', cancel);
    endSoon(child);
  }
}

function outcome(child: ChildProcess, options: TrainAdapterOptions): Promise<TrainingResult> {
  return new Promise((resolve, reject) => {
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-limits.stderrCharactersMax);
    });
    child.on('message', (message: FromTrainer) => {
      if (message.kind === 'progress') options.onProgress?.(message.progress);
      else if (message.kind === 'done') resolve(message.result);
      else reject(failure(message));
    });
    child.on('error', (cause) => reject(lost(`it could not be started (${cause.message})`)));
    // Messages may still stand in the channel when the process has ended; 'close' comes after them.
    child.on('close', (code, signal) => reject(lost(`it ended with ${signal ?? `code ${code}`}. ${stderr.trim()}`)));
    tell(child, { kind: 'train', job: jobOf(options), lock: options.lock ?? HOST_LOCK_PATH });
  });
}

/** The job that options stand for. */
export function jobOf(options: TrainAdapterOptions): TrainingJob {
  const { modelDirectory, examples, out } = options;
  return {
    modelDirectory,
    examples,
    out,
    settings: { ...TRAINING_DEFAULTS, ...options.settings },
    checkpoint: options.checkpoint ?? null,
    checkpointEverySteps: options.checkpointEverySteps ?? 10,
    heldOut: options.heldOut ?? [],
    threads: Math.max(1, Math.min(limits.threadsMax, options.threads ?? 1)),
  };
}

/** Silently dropped once the process is gone: its exit tells. */
function tell(child: ChildProcess, message: ToTrainer): void {
  if (child.connected) child.send(message, () => {});
}

function endSoon(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), limits.shutdownMs);
  child.once('exit', () => clearTimeout(timer));
}

function failure(message: FromTrainer & { kind: 'failed' }): TrainingError {
  const facts = Object.entries(message.facts).map(([key, value]) => [
    key,
    typeof value === 'number' ? value : `${value}`,
  ]);
  return new TrainingError(message.code as TrainingErrorCode, message.message, { facts: Object.fromEntries(facts) });
}

function cancelled(): TrainingError {
  return new TrainingError('CANCELLED', 'The training was cancelled by its caller.');
}

function lost(reason: string): TrainingError {
  return new TrainingError(
    'TRAINING_LOST',
    `The training process is gone: ${reason}. Start again: the checkpoint continues it.`,
  );
}
