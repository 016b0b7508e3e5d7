/** An experiment's worker and learner as promises. Owns waiting for final events; the processes are inference's. */
import { randomUUID } from 'node:crypto';
import { SynodError } from '@synod/chain';
import { createWorkerClient, type Job, type JobEvent, type WorkerClient } from '@synod/inference';
import { createLearner, type LearnerEvent, type LearnerJob } from '@synod/inference/learning';

export type Machines = {
  /** The greedy answer to one user turn, and how long it took. */
  ask(prompt: string, adapter: string | null): Promise<{ readonly text: string; readonly ms: number }>;
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>;
  learn(job: LearnerJob): Promise<LearnerEvent>;
  close(): Promise<void>;
};

const ANSWER_TOKENS_MAX = 24;
const PROFILE = { instruction: '', temperature: 0, topP: 1, maxTokens: ANSWER_TOKENS_MAX } as const;

/** Starts a worker for the model folder; a learner's process starts with its first job. `lock`: see `LearnerOptions`. */
export function openMachines(modelDirectory: string, lock?: string): Machines {
  const worker = openWorker(modelDirectory);
  const learning = new Map<string, (event: LearnerEvent) => void>();
  const learner = createLearner({
    onEvent: (event) => {
      if (event.kind !== 'progress') settle(learning, event.id, event);
    },
    ...(lock === undefined ? {} : { lock }),
  });
  return {
    ask: worker.ask,
    embed: worker.embed,
    learn: async (job) => {
      const event = await new Promise<LearnerEvent>((resolve) => {
        learning.set(job.id, resolve);
        learner.submit(job);
      });
      if (event.kind === 'failed') throw failed(event.message);
      return event;
    },
    close: async () => {
      await worker.close();
      await learner.close();
    },
  };
}

export type AskingWorker = Pick<Machines, 'ask' | 'embed' | 'close'>;

/** One worker process. */
export function openWorker(modelDirectory: string): AskingWorker {
  const waiting = new Map<string, (event: JobEvent) => void>();
  const worker = createWorkerClient({
    modelDirectory,
    onEvent: (event) => {
      if (event.kind !== 'token') settle(waiting, event.id, event);
    },
  });
  return {
    ask: async (prompt, adapter) => {
      const startedMs = performance.now();
      const event = await submit(worker, waiting, {
        kind: 'generate',
        id: randomUUID(),
        priority: 'answer',
        messages: [{ role: 'user', content: prompt }],
        profile: PROFILE,
        seed: 0,
        stop: ['\n'],
        adapter,
      });
      if (event.kind !== 'generated') throw failed(`the worker said ${event.kind}`);
      return { text: event.result.text.trim(), ms: performance.now() - startedMs };
    },
    embed: async (texts) => {
      const event = await submit(worker, waiting, { kind: 'embed', id: randomUUID(), priority: 'answer', texts });
      if (event.kind !== 'embedded') throw failed(`the worker said ${event.kind}`);
      return event.vectors;
    },
    close: () => worker.close(),
  };
}

function submit(worker: WorkerClient, waiting: Map<string, (event: JobEvent) => void>, job: Job): Promise<JobEvent> {
  return new Promise((resolve, reject) => {
    waiting.set(job.id, (event) => (event.kind === 'failed' ? reject(failed(event.message)) : resolve(event)));
    worker.submit(job);
  });
}

function settle<T>(waiting: Map<string, (event: T) => void>, id: string, event: T): void {
  waiting.get(id)?.(event);
  waiting.delete(id);
}

function failed(why: string): SynodError {
  return new SynodError(
    'EXPERIMENT_FAILED',
    `The experiment's model failed: ${why}. Run it again, or with another --model.`,
  );
}
