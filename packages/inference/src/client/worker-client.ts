/**
 * The node's handle on its inference worker. Owns the jobs in flight and the restart policy, and keeps one promise: every
 * submitted job gets exactly one final event, whatever happens to the worker. Imports nothing of the runtime: the node stays light.
 */
import { limits } from './limits.ts';
import type { FromWorker, Job, JobEvent, JobPriority, ModelInfo } from './protocol.ts';
import { Told } from './told.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

export type WorkerClientOptions = {
  readonly modelDirectory: string;
  /** Tokens and final events, never from within `submit` or `cancel`. */
  readonly onEvent: (event: JobEvent) => void;
  /** The worker has loaded its model; again after every restart. */
  readonly onReady?: (info: ModelInfo) => void;
  /** The worker is gone, and why. It comes back by itself, unless its model cannot be loaded or `close` was called. */
  readonly onDown?: (reason: string) => void;
  readonly log?: (message: string, facts: Readonly<Record<string, string | number>>) => void;
};

export type WorkerClient = {
  /** Takes a job; never throws, never blocks. An id already in flight is ignored: the first job's events serve both. */
  submit(job: Job): void;
  /**
   * The job ends at once, whatever the worker computes: text that the model has been heard to write ends with `finish: 'cancelled'`, anything
   * else fails with CANCELLED. Unknown ids are ignored.
   */
  cancel(id: string): void;
  /** Fails what is in flight with WORKER_LOST and resolves when the process is gone. */
  close(): Promise<void>;
  pid(): number | undefined;
  info(): ModelInfo | undefined;
  state(): 'starting' | 'ready' | 'down';
  /** Jobs without a final event. */
  pending(): number;
  health(): WorkerHealth;
};

export type WorkerHealth = {
  readonly state: 'starting' | 'ready' | 'down';
  /** Jobs without a final event, by priority, of at most `inFlightMax` in all. */
  readonly load: Readonly<Record<JobPriority, number>>;
  readonly inFlightMax: number;
  /** Times that a worker has died and was, or is to be, started again. */
  readonly restarts: number;
  /** Why the worker died last, or what the last failed job said, busy answers and cancelled jobs aside; null when nothing has failed. */
  readonly lastError: string | null;
};

/** Starts a worker for the model folder and keeps it running. Returns at once, in state `starting`. */
export function createWorkerClient(options: WorkerClientOptions): WorkerClient {
  const supervisor = new Supervisor(options);
  supervisor.start();
  return {
    submit: (job) => supervisor.submit(job),
    cancel: (id) => supervisor.cancel(id),
    close: () => supervisor.close(),
    pid: () => supervisor.pid(),
    info: () => supervisor.info,
    state: () => supervisor.state,
    pending: () => supervisor.pending.size,
    health: () => supervisor.health(),
  };
}

type Pending = {
  readonly job: Job;
  deaths: number;
  readonly told: Told;
};

class Supervisor {
  readonly pending = new Map<string, Pending>();
  /** Jobs that have ended for the caller while the worker still computes them: until its own last word, their ids stand for these. */
  readonly #ending = new Set<string>();
  state: 'starting' | 'ready' | 'down' = 'down';
  info: ModelInfo | undefined;

  readonly #options: WorkerClientOptions;
  #worker: WorkerProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #restartDelayMs: number = limits.restartDelayMinMs;
  #readySinceMs = 0;
  /** Why there will be no more workers: closed, or a model that cannot be loaded. */
  #ended: string | undefined;
  #restarts = 0;
  #lastError: string | null = null;
  /** Why this client has killed the present worker; null where it has not. */
  #killedFor: string | null = null;
  #closing: Promise<void> | undefined;
  #onGone: (() => void) | undefined;

  constructor(options: WorkerClientOptions) {
    this.#options = options;
  }

  pid(): number | undefined {
    return this.#worker?.pid;
  }

  health(): WorkerHealth {
    const load = { score: 0, answer: 0, verify: 0, train: 0 };
    for (const { job } of this.pending.values()) load[job.priority]++;
    const { inFlightMax } = limits;
    return { state: this.state, load, inFlightMax, restarts: this.#restarts, lastError: this.#lastError };
  }

  start(): void {
    this.state = 'starting';
    this.#worker = startWorkerProcess({
      modelDirectory: this.#options.modelDirectory,
      onMessage: (message) => this.#onMessage(message),
      onExit: (reason) => this.#onExit(reason),
    });
    this.#killedFor = null;
    this.#timer = setTimeout(() => this.#kill('it did not load its model in time'), limits.startMs);
  }

  submit(job: Job): void {
    if (this.pending.has(job.id)) return;
    if (this.#ended !== undefined) {
      this.#failLater(job.id, 'WORKER_LOST', this.#ended);
    } else if (this.pending.size + this.#ending.size >= limits.inFlightMax) {
      this.#failLater(job.id, 'BUSY', `${limits.inFlightMax} jobs are already in flight. Try again later.`);
    } else {
      this.pending.set(job.id, { job, deaths: 0, told: new Told() });
      if (this.state === 'ready' && !this.#ending.has(job.id)) this.#worker?.send(job);
    }
  }

  cancel(id: string): void {
    const pending = this.pending.get(id);
    if (pending === undefined) return;
    this.#abandon(id);
    this.#endLater(pending.told.cancelled(pending.job));
  }

  /** The caller hears no more of a job; the worker ends it as soon as it reads its messages, after the pass that it computes. */
  #abandon(id: string): void {
    this.pending.delete(id);
    if (this.state !== 'ready' || this.#ending.has(id)) return;
    this.#ending.add(id);
    this.#worker?.send({ kind: 'cancel', id });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#end('The inference worker was closed.');
    clearTimeout(this.#timer);
    const worker = this.#worker;
    this.state = 'down';
    if (worker === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => worker.kill(), limits.closeMs);
      this.#onGone = () => {
        clearTimeout(timer);
        resolve();
      };
      worker.send({ kind: 'shutdown' });
    });
  }

  #kill(why: string): void {
    this.#killedFor = why;
    this.#worker?.kill();
  }

  /** Waits for the worker's next sign of life: one that hangs would keep its jobs without an end. */
  #watch(): void {
    clearTimeout(this.#timer);
    const giveUp = () => this.#kill('it gave no sign of life');
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(giveUp, limits.silenceAgainMs);
    }, limits.silenceMs);
  }

  #onMessage(message: FromWorker): void {
    if (this.state === 'ready') this.#watch();
    switch (message.kind) {
      case 'alive':
        break;
      case 'ready':
        this.#onReady(message.model, message.loadMs);
        break;
      case 'fatal':
        this.#end(`The model could not be loaded (${message.code}): ${message.message}`);
        break;
      case 'token':
        this.#onToken(message);
        break;
      default:
        this.#onFinal(message);
    }
  }

  #onReady(model: ModelInfo, loadMs: number): void {
    if (this.#ended !== undefined) return;
    this.state = 'ready';
    this.info = model;
    this.#watch();
    this.#readySinceMs = performance.now();
    this.#options.log?.('inference worker ready', { model: model.name, loadMs, pid: this.pid() ?? 0 });
    for (const { job } of this.pending.values()) this.#worker?.send(job);
    this.#options.onReady?.(model);
  }

  #onToken({ id, text, written }: Extract<JobEvent, { kind: 'token' }>): void {
    const pending = this.pending.get(id);
    if (pending === undefined || this.#ending.has(id)) return;
    const fresh = pending.told.hear(text, written);
    if (fresh === null) return this.#contradicted(id);
    if (fresh !== '') this.#options.onEvent({ kind: 'token', id, text: fresh });
  }

  #onFinal(event: Exclude<JobEvent, { kind: 'token' }>): void {
    const pending = this.pending.get(event.id);
    if (this.#ending.delete(event.id)) {
      // The id was taken again meanwhile.
      if (pending !== undefined) this.#worker?.send(pending.job);
      return;
    }
    if (pending === undefined) return;
    if (pending.told.isBehind && event.kind !== 'failed') return this.#contradicted(event.id);
    this.#noteFailure(event);
    this.pending.delete(event.id);
    this.#options.onEvent(event);
  }

  #noteFailure(event: JobEvent): void {
    if (event.kind !== 'failed' || event.code === 'BUSY' || event.code === 'CANCELLED') return;
    this.#lastError = event.message;
  }

  /** A worker that does a job again writes the same text but for rounding; where it does not, the shown text cannot go on. */
  #contradicted(id: string): void {
    this.#abandon(id);
    this.#failLater(
      id,
      'WORKER_LOST',
      'The inference worker died on this answer and wrote another one afterwards. Send it again.',
    );
  }

  #onExit(cause: string): void {
    clearTimeout(this.#timer);
    const reason = this.#killedFor === null ? cause : `${cause}, because ${this.#killedFor}`;
    const wasHealthy = this.state === 'ready' && performance.now() - this.#readySinceMs >= limits.healthyAfterMs;
    this.#worker = undefined;
    this.#ending.clear();
    this.state = 'down';
    this.#onGone?.();
    this.#lastError = this.#ended ?? reason;
    if (this.#ended === undefined) this.#restartLater(reason, wasHealthy);
    this.#options.log?.('inference worker down', { reason: this.#ended ?? reason });
    this.#options.onDown?.(this.#ended ?? reason);
  }

  #restartLater(reason: string, wasHealthy: boolean): void {
    if (wasHealthy) this.#restartDelayMs = limits.restartDelayMinMs;
    this.#restarts++;
    this.#timer = setTimeout(() => this.start(), this.#restartDelayMs);
    this.#restartDelayMs = Math.min(2 * this.#restartDelayMs, limits.restartDelayMaxMs);
    for (const [id, pending] of this.pending) {
      pending.deaths++;
      pending.told.restart();
      if (pending.deaths > limits.deathsPerJobMax) {
        this.#drop(id, 'WORKER_LOST', `The inference worker died on this job (${reason}). Send it again.`);
      }
    }
  }

  /** No worker will come any more: everything in flight fails. */
  #end(reason: string): void {
    this.#ended ??= reason;
    for (const id of this.pending.keys()) this.#drop(id, 'WORKER_LOST', reason);
  }

  #drop(id: string, code: string, message: string): void {
    this.pending.delete(id);
    this.#failLater(id, code, message);
  }

  #failLater(id: string, code: string, message: string): void {
    this.#endLater({ kind: 'failed', id, code, message });
  }

  /** Deferred, so that a caller never hears of a job before `submit` or `cancel` has returned. */
  #endLater(event: JobEvent): void {
    queueMicrotask(() => this.#options.onEvent(event));
  }
}
