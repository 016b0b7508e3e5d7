/**
 * The node's handle on its inference worker. Owns the jobs in flight and the restart policy, and keeps one promise: every
 * submitted job gets exactly one final event, whatever happens to the worker. Imports nothing of the runtime: the node stays light.
 */
import { limits } from './limits.ts';
import type { FromWorker, Job, JobEvent, ModelInfo } from './protocol.ts';
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
  /** A waiting job fails with CANCELLED; a running generation ends with `finish: 'cancelled'`. Unknown ids are ignored. */
  cancel(id: string): void;
  /** Fails what is in flight with WORKER_LOST and resolves when the process is gone. */
  close(): Promise<void>;
  pid(): number | undefined;
  info(): ModelInfo | undefined;
  state(): 'starting' | 'ready' | 'down';
  /** Jobs without a final event. */
  pending(): number;
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
  };
}

const CANCELLED_MESSAGE = 'The job was cancelled by its caller.';

type Pending = { readonly job: Job; deaths: number; hasStreamed: boolean; isCancelled: boolean };

class Supervisor {
  readonly pending = new Map<string, Pending>();
  state: 'starting' | 'ready' | 'down' = 'down';
  info: ModelInfo | undefined;

  readonly #options: WorkerClientOptions;
  #worker: WorkerProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #restartDelayMs: number = limits.restartDelayMinMs;
  #readySinceMs = 0;
  /** Why there will be no more workers: closed, or a model that cannot be loaded. */
  #ended: string | undefined;
  #closing: Promise<void> | undefined;
  #onGone: (() => void) | undefined;

  constructor(options: WorkerClientOptions) {
    this.#options = options;
  }

  pid(): number | undefined {
    return this.#worker?.pid;
  }

  start(): void {
    this.state = 'starting';
    this.#worker = startWorkerProcess({
      modelDirectory: this.#options.modelDirectory,
      onMessage: (message) => this.#onMessage(message),
      onExit: (reason) => this.#onExit(reason),
    });
    this.#timer = setTimeout(() => this.#worker?.kill(), limits.startMs);
  }

  submit(job: Job): void {
    if (this.pending.has(job.id)) return;
    if (this.#ended !== undefined) {
      this.#failLater(job.id, 'WORKER_LOST', this.#ended);
    } else if (this.pending.size >= limits.inFlightMax) {
      this.#failLater(job.id, 'BUSY', `${limits.inFlightMax} jobs are already in flight. Try again later.`);
    } else {
      this.pending.set(job.id, { job, deaths: 0, hasStreamed: false, isCancelled: false });
      if (this.state === 'ready') this.#worker?.send(job);
    }
  }

  cancel(id: string): void {
    const pending = this.pending.get(id);
    if (pending === undefined) return;
    pending.isCancelled = true;
    if (this.state === 'ready') this.#worker?.send({ kind: 'cancel', id });
    else this.#drop(id, 'CANCELLED', CANCELLED_MESSAGE);
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

  #onMessage(message: FromWorker): void {
    switch (message.kind) {
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
        if (this.pending.delete(message.id)) this.#options.onEvent(message);
    }
  }

  #onReady(model: ModelInfo, loadMs: number): void {
    if (this.#ended !== undefined) return;
    clearTimeout(this.#timer);
    this.state = 'ready';
    this.info = model;
    this.#readySinceMs = performance.now();
    this.#options.log?.('inference worker ready', { model: model.name, loadMs, pid: this.pid() ?? 0 });
    for (const { job } of this.pending.values()) this.#worker?.send(job);
    this.#options.onReady?.(model);
  }

  #onToken(event: Extract<JobEvent, { kind: 'token' }>): void {
    const pending = this.pending.get(event.id);
    if (pending === undefined) return;
    pending.hasStreamed = true;
    this.#options.onEvent(event);
  }

  #onExit(reason: string): void {
    clearTimeout(this.#timer);
    const wasHealthy = this.state === 'ready' && performance.now() - this.#readySinceMs >= limits.healthyAfterMs;
    this.#worker = undefined;
    this.state = 'down';
    this.#onGone?.();
    if (this.#ended === undefined) this.#restartLater(reason, wasHealthy);
    this.#options.log?.('inference worker down', { reason: this.#ended ?? reason });
    this.#options.onDown?.(this.#ended ?? reason);
  }

  #restartLater(reason: string, wasHealthy: boolean): void {
    if (wasHealthy) this.#restartDelayMs = limits.restartDelayMinMs;
    this.#timer = setTimeout(() => this.start(), this.#restartDelayMs);
    this.#restartDelayMs = Math.min(2 * this.#restartDelayMs, limits.restartDelayMaxMs);
    for (const [id, pending] of this.pending) {
      pending.deaths++;
      if (pending.isCancelled) this.#drop(id, 'CANCELLED', CANCELLED_MESSAGE);
      else if (pending.hasStreamed || pending.deaths > limits.deathsPerJobMax) {
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

  /** Deferred, so that a caller never hears of a job before `submit` has returned. */
  #failLater(id: string, code: string, message: string): void {
    queueMicrotask(() => this.#options.onEvent({ kind: 'failed', id, code, message }));
  }
}
