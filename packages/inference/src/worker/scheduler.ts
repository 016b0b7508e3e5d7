/**
 * Runs jobs on an engine, one forward pass at a time. Owns queueing, pre-emption between tokens and cancellation, and that
 * every job ends with exactly one final event. Knows nothing of processes.
 */
import { answer } from '../answering/answer.ts';
import type { AnswerScore, Job, JobEvent, JobPriority, ScoreJob } from '../client/protocol.ts';
import type { JobControl } from '../engine/control.ts';
import type { Engine } from '../engine/engine.ts';
import { EngineError } from '../engine/errors.ts';
import { KnowledgeError } from '../knowledge/errors.ts';
import { createLibrary, type Library } from '../knowledge/library.ts';
import { route } from '../routing/router.ts';
import { judge } from '../scoring/judge.ts';
import { createJobQueue } from './job-queue.ts';

export type Scheduler = {
  /** Queues a job, or answers it with `failed BUSY` at once. */
  submit(job: Job): void;
  /**
   * A waiting job fails with CANCELLED. A running generation ends at its next token with `finish: 'cancelled'`; any other running job
   * fails with CANCELLED. An unknown id is ignored: the job has just ended.
   */
  cancel(id: string): void;
};

export type SchedulerOptions = {
  readonly engine: Engine;
  /** Where vectors of knowledge folders are kept between runs; without it they live as long as the worker. */
  readonly vectorsDirectory?: string;
  readonly queuedMax: Readonly<Record<JobPriority, number>>;
  readonly emit: (event: JobEvent) => void;
};

type Entry = {
  readonly id: string;
  readonly priority: JobPriority;
  readonly job: Job;
  readonly abort: AbortController;
};

export function createScheduler({ engine, vectorsDirectory, queuedMax, emit }: SchedulerOptions): Scheduler {
  const library = createLibrary({
    embed: engine.embed,
    ...(vectorsDirectory === undefined ? {} : { vectorsDirectory }),
  });
  const queue = createJobQueue<Entry>(queuedMax);
  const running = new Map<string, Entry>();
  let isPumping = false;

  const perform = async (entry: Entry): Promise<void> => {
    running.set(entry.id, entry);
    const control: JobControl = { signal: entry.abort.signal, checkpoint: () => runMoreUrgent(entry.priority) };
    emit(await outcome({ engine, library }, entry.job, control, emit));
    running.delete(entry.id);
  };
  /** Nests at most as deep as there are priorities: each level is strictly more urgent than the one it interrupts. */
  const runMoreUrgent = async (than: JobPriority): Promise<void> => {
    for (let next = queue.take(than); next !== undefined; next = queue.take(than)) await perform(next);
  };
  const pump = async (): Promise<void> => {
    isPumping = true;
    for (let next = queue.take(); next !== undefined; next = queue.take()) await perform(next);
    isPumping = false;
  };
  return {
    submit(job) {
      const entry = { id: job.id, priority: job.priority, job, abort: new AbortController() };
      if (!queue.add(entry)) {
        const message = `The worker already has ${queuedMax[job.priority]} ${job.priority} jobs waiting. Try again later.`;
        emit({ kind: 'failed', id: job.id, code: 'BUSY', message });
      } else if (!isPumping) {
        // `perform` turns every failure into an event, so this promise cannot reject.
        void pump();
      }
    },
    cancel(id) {
      running.get(id)?.abort.abort();
      if (queue.remove(id) !== undefined) emit(cancelled(id));
    },
  };
}

const cancelled = (id: string): JobEvent => ({
  kind: 'failed',
  id,
  code: 'CANCELLED',
  message: 'The job was cancelled by its caller.',
});

type Tools = { readonly engine: Engine; readonly library: Library };

/** Does the job; every failure becomes a final event. */
async function outcome(
  tools: Tools,
  job: Job,
  control: JobControl,
  emit: (event: JobEvent) => void,
): Promise<JobEvent> {
  try {
    return await finalEvent(tools, job, control, emit);
  } catch (error) {
    const code = error instanceof EngineError || error instanceof KnowledgeError ? error.code : 'MODEL_ERROR';
    return { kind: 'failed', id: job.id, code, message: error instanceof Error ? error.message : String(error) };
  }
}

async function score({ engine, library }: Tools, job: ScoreJob, control: JobControl): Promise<AnswerScore[]> {
  const knowledge = job.knowledge === null ? null : await library.open(job.knowledge);
  return await judge({ engine, knowledge }, job, control);
}

async function finalEvent(
  tools: Tools,
  job: Job,
  control: JobControl,
  emit: (event: JobEvent) => void,
): Promise<JobEvent> {
  const { id } = job;
  const { engine, library } = tools;
  const onText = (text: string) => emit({ kind: 'token', id, text });
  switch (job.kind) {
    case 'generate':
      return { kind: 'generated', id, result: await engine.generate(job, { ...control, onText }) };
    case 'route':
      return { kind: 'routed', id, domain: null, probabilities: [], difficultyPpm: 0 };
    case 'answer':
      return { kind: 'answered', id, result: await answer({ engine, library }, job, { ...control, onText }) };
    case 'score':
      return { kind: 'scored', id, scores: await score(tools, job, control) };
    case 'route':
      return { kind: 'routed', id, ...(await route(engine.embed, job.prompt, control)) };
    case 'embed':
      return { kind: 'embedded', id, vectors: await engine.embed(job.texts, control) };
  }
}
