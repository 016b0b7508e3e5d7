/**
 * A node's handle on its learner. Owns the jobs that wait and the process that does the one that runs, and keeps one promise: every
 * submitted job gets exactly one final event, whatever happens to its process. Imports nothing of the runtime: the node stays light.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HOST_LOCK_PATH } from '../training/host-lock.ts';
import { limits } from './limits.ts';
import type { ToLearner } from './process-protocol.ts';
import type { LearnerEvent, LearnerJob } from './protocol.ts';

const LEARNER_MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

export type LearnerOptions = {
  /** Progress and final events, never from within `submit` or `cancel`. */
  readonly onEvent: (event: LearnerEvent) => void;
  readonly log?: (message: string, facts: Readonly<Record<string, string | number>>) => void;
  /** The file that keeps a second training off this machine. */
  readonly lock?: string;
};

export type Learner = {
  /** Takes a job; never throws, never blocks. Jobs run one after another, each in a process of its own. An id in flight is ignored. */
  submit(job: LearnerJob): void;
  /** The job fails with CANCELLED; a training leaves its checkpoint. Unknown ids are ignored. */
  cancel(id: string): void;
  /** Cancels what is in flight and resolves when the process is gone. */
  close(): Promise<void>;
  state(): 'idle' | 'working';
  /** Of the process that works now. */
  pid(): number | undefined;
};

/** A learner without a process: the first job starts one. */
export function createLearner(options: LearnerOptions): Learner {
  return new LearnerQueue(options);
}

type Running = {
  readonly job: LearnerJob;
  readonly child: ChildProcess;
  isCancelled: boolean;
  final: LearnerEvent | null;
};

class LearnerQueue implements Learner {
  readonly #options: LearnerOptions;
  readonly #waiting: LearnerJob[] = [];
  #running: Running | undefined;
  #isClosed = false;
  #onIdle: (() => void) | undefined;

  constructor(options: LearnerOptions) {
    this.#options = options;
  }

  submit(job: LearnerJob): void {
    if (this.#running?.job.id === job.id || this.#waiting.some(({ id }) => id === job.id)) return;
    if (this.#isClosed) return this.#failLater(job.id, 'CANCELLED', 'The learner is closed.');
    const inFlight = this.#waiting.length + (this.#running === undefined ? 0 : 1);
    if (inFlight >= limits.inFlightMax) {
      return this.#failLater(job.id, 'BUSY', `${inFlight} jobs wait already. Submit it again later.`);
    }
    this.#waiting.push(job);
    this.#next();
  }

  cancel(id: string): void {
    const at = this.#waiting.findIndex((job) => job.id === id);
    if (at >= 0) {
      this.#waiting.splice(at, 1);
      this.#failLater(id, 'CANCELLED', CANCELLED_MESSAGE);
    } else if (this.#running?.job.id === id) this.#cancelRunning(this.#running, limits.cancelMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { id } of this.#waiting.splice(0)) this.#failLater(id, 'CANCELLED', CANCELLED_MESSAGE);
    const running = this.#running;
    if (running === undefined) return;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    this.#cancelRunning(running, limits.shutdownMs);
    await idle;
  }

  state(): 'idle' | 'working' {
    return this.#running === undefined && this.#waiting.length === 0 ? 'idle' : 'working';
  }

  pid(): number | undefined {
    return this.#running?.child.pid;
  }

  #next(): void {
    const job = this.#running === undefined ? this.#waiting.shift() : undefined;
    if (job === undefined) return;
    const child = startProcess();
    const running: Running = { job, child, isCancelled: false, final: null };
    this.#running = running;
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-limits.stderrCharactersMax);
    });
    child.on('message', (event: LearnerEvent) => this.#onMessage(running, event));
    // 'close' comes after the last message and the last of stderr; a process that never started has no 'exit' before it.
    child.once('close', (code, signal) => this.#onGone(running, `${signal ?? `code ${code}`}. ${stderr.trim()}`));
    child.on('error', (error) => {
      if (child.pid === undefined) this.#onGone(running, error.message);
    });
    tell(child, { kind: 'job', job, lock: this.#options.lock ?? HOST_LOCK_PATH });
    this.#log('learner started', { job: job.id, kind: job.kind, pid: child.pid ?? 0 });
  }

  #onMessage(running: Running, event: LearnerEvent): void {
    if (event.kind === 'progress') this.#options.onEvent(event);
    else {
      // The final event waits for the process's end: the next job finds its memory and its lock free.
      running.final = event;
      killSoon(running.child, limits.shutdownMs);
    }
  }

  #onGone(running: Running, reason: string): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    const { id } = running.job;
    const lost = `The learner's process ended with ${reason} Submit the job again: a training goes on from its checkpoint.`;
    this.#log('learner ended', { job: id, reason });
    this.#options.onEvent(
      running.final ??
        (running.isCancelled
          ? { kind: 'failed', id, code: 'CANCELLED', message: CANCELLED_MESSAGE }
          : { kind: 'failed', id, code: 'TRAINING_LOST', message: lost }),
    );
    this.#onIdle?.();
    this.#next();
  }

  #cancelRunning(running: Running, graceMs: number): void {
    running.isCancelled = true;
    tell(running.child, { kind: 'cancel' });
    killSoon(running.child, graceMs);
  }

  #failLater(id: string, code: string, message: string): void {
    setImmediate(() => this.#options.onEvent({ kind: 'failed', id, code, message }));
  }

  #log(message: string, facts: Readonly<Record<string, string | number>>): void {
    this.#options.log?.(message, facts);
  }
}

const CANCELLED_MESSAGE = 'The job was cancelled by its caller.';

function startProcess(): ChildProcess {
  return fork(LEARNER_MAIN, [], {
    execPath: process.execPath,
    execArgv: [`--max-old-space-size=${limits.heapMiB}`, '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

/** Silently dropped once the process is gone: its end tells. */
function tell(child: ChildProcess, message: ToLearner): void {
  if (child.connected) child.send(message, () => {});
}

function killSoon(child: ChildProcess, afterMs: number): void {
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
  child.once('close', () => clearTimeout(timer));
}
