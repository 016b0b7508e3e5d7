/**
 * The inference worker as a node holds it: one that runs, or none for a node that neither answers nor scores.
 * Owns the joining of the worker's client with the host's inputs, the proofs of what experts quote, and questions of this process.
 */
import { createWorkerClient, type FromWorker, type Job, type JobEvent, type ModelInfo } from '@synod/inference';
import type { Logger } from 'pino';
import type { FaultyExperts } from './adapters/expert-faults.ts';
import { KnowledgeProver, type QuotedFiles } from './adapters/knowledge-prover.ts';
import type { HostInput, Worker } from './host/index.ts';

export type WorkerStatus = {
  readonly state: 'starting' | 'ready' | 'down' | 'off';
  readonly info: ModelInfo | undefined;
  readonly queued: number;
};

export type NodeWorker = Worker & {
  status(): WorkerStatus;
  /** Does a job for this process rather than for the host. Always resolves: with the job's final event. */
  ask(job: Job): Promise<JobEvent>;
  close(): Promise<void>;
};

type WorkerOptions = {
  /** Null starts no worker, and jobs fail at once. */
  readonly modelDirectory: string | null;
  readonly log: Logger;
  readonly deliver: (input: HostInput) => void;
  /** Experts that misbehave on a devnet; null elsewhere. */
  readonly faulty: FaultyExperts | null;
};

/** Starts the worker on the model folder. */
export function startWorker({ modelDirectory, log, deliver, faulty }: WorkerOptions): NodeWorker {
  const inbox = new WorkerInbox(deliver, log);
  if (modelDirectory === null) return absentWorker(inbox);
  const client = createWorkerClient({
    modelDirectory,
    onEvent: (event) => inbox.onEvent(event),
    onReady: (model) => deliver({ kind: 'worker', message: { kind: 'ready', model, loadMs: 0 } }),
    onDown: (reason) => deliver({ kind: 'workerDown', reason }),
    log: (message, facts) => log.info(facts, message),
  });
  return {
    submit: (job) => {
      inbox.onSubmit(job);
      const way = { submit: (one: Job) => client.submit(one), answer: (event: JobEvent) => inbox.onEvent(event) };
      if (job.kind !== 'answer' || faulty?.take(job, way) !== true) client.submit(job);
    },
    ask: (job) => inbox.ask(job, () => client.submit(job)),
    cancel: (id) => {
      if (faulty?.cancel(id) !== true) client.cancel(id);
    },
    close: () => {
      faulty?.close();
      return client.close();
    },
    status: () => ({ state: client.state(), info: client.info(), queued: client.pending() }),
  };
}

function absentWorker(inbox: WorkerInbox): NodeWorker {
  const failed = { code: 'WORKER_LOST', message: 'This node runs no inference worker.' } as const;
  const refuse = ({ id }: Job) => queueMicrotask(() => inbox.onEvent({ kind: 'failed', id, ...failed }));
  return {
    submit: refuse,
    ask: (job) => inbox.ask(job, () => refuse(job)),
    cancel: () => undefined,
    close: () => Promise.resolve(),
    status: () => ({ state: 'off', info: undefined, queued: 0 }),
  };
}

/** What comes from the worker: to the host, proved where it quotes, or to whoever of this process asked. */
class WorkerInbox {
  readonly #deliver: (input: HostInput) => void;
  readonly #log: Logger;
  readonly #prover = new KnowledgeProver();
  /** What a running answer quotes from. As many as the client has jobs in flight. */
  readonly #quoted = new Map<string, QuotedFiles>();
  readonly #asked = new Map<string, (event: JobEvent) => void>();

  constructor(deliver: (input: HostInput) => void, log: Logger) {
    this.#deliver = deliver;
    this.#log = log;
  }

  onSubmit(job: Job): void {
    if (job.kind !== 'answer') return;
    const { knowledge, learnt = null } = job.expert;
    if (knowledge !== null || learnt !== null) this.#quoted.set(job.id, { knowledge, learnt });
  }

  ask(job: Job, submit: () => void): Promise<JobEvent> {
    return new Promise((resolve) => {
      this.#asked.set(job.id, resolve);
      submit();
    });
  }

  onEvent(event: JobEvent): void {
    const resolve = this.#asked.get(event.id);
    if (resolve !== undefined) {
      if (event.kind === 'token') return;
      this.#asked.delete(event.id);
      return resolve(event);
    }
    if (event.kind === 'token') return this.#deliver({ kind: 'worker', message: event });
    const quoted = this.#quoted.get(event.id);
    this.#quoted.delete(event.id);
    if (event.kind !== 'answered') return this.#deliver({ kind: 'worker', message: event });
    void this.#deliverProven(event, quoted ?? { knowledge: null });
  }

  /** Exactly one final event a job: an answer whose quotes cannot be proved is a failed one. */
  async #deliverProven({ id, result }: Extract<FromWorker, { kind: 'answered' }>, quoted: QuotedFiles): Promise<void> {
    try {
      const segments = await this.#prover.prove(quoted, result.segments);
      this.#deliver({ kind: 'worker', message: { kind: 'answered', id, result: { ...result, segments } } });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#log.error({ error: message, ...quoted }, 'an answer quotes what cannot be proved');
      this.#deliver({ kind: 'worker', message: { kind: 'failed', id, code: 'QUOTE_UNPROVEN', message } });
    }
  }
}
