/**
 * Runs jobs on an engine: several of the most urgent class at the same time, everything less urgent paused between two forward
 * passes. Owns queueing, pre-emption and cancellation, and that every job ends with exactly one final event. Knows nothing of processes;
 * what a job does is perform-job.ts.
 */
import type { AnswerTools } from '../answering/answer.ts';
import { createIntentReader } from '../answering/intent.ts';
import type { Job, JobEvent, JobPriority } from '../client/protocol.ts';
import type { Engine } from '../engine/engine.ts';
import { createLibrary } from '../knowledge/library.ts';
import { createJobQueue, PRIORITIES } from './job-queue.ts';
import { runningMax } from './limits.ts';
import { performJob } from './perform-job.ts';

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
  const tools: AnswerTools = { engine, library, intent: createIntentReader(engine.embed) };
  const queue = createJobQueue<Entry>(queuedMax);
  const running = new Map<string, Entry>();
  /** Running jobs that wait for more urgent ones, and how each goes on. */
  const paused = new Map<Entry, () => void>();

  const runningOf = (priority: JobPriority) => [...running.values()].filter((entry) => entry.priority === priority);
  const mostUrgent = () => PRIORITIES.find((priority) => queue.size(priority) > 0 || runningOf(priority).length > 0);

  const perform = async (entry: Entry): Promise<void> => {
    const checkpoint = () => (entry.priority === mostUrgent() ? Promise.resolve() : pause(entry));
    emit(await performJob(tools, entry.job, { signal: entry.abort.signal, checkpoint }, emit));
    running.delete(entry.id);
    proceed();
  };
  const pause = (entry: Entry) => new Promise<void>((resolve) => paused.set(entry, resolve));
  const resume = (entry: Entry): void => {
    const goOn = paused.get(entry);
    paused.delete(entry);
    goOn?.();
  };
  /** Starts and resumes jobs of the most urgent class that has any. */
  const proceed = (): void => {
    const priority = mostUrgent();
    if (priority === undefined) return;
    while (runningOf(priority).length < runningMax[priority]) {
      const entry = queue.take(priority);
      if (entry === undefined) break;
      running.set(entry.id, entry);
      // Every failure becomes an event, so this promise cannot reject.
      void perform(entry);
    }
    for (const entry of [...paused.keys()]) if (entry.priority === priority) resume(entry);
  };
  return {
    submit(job) {
      const entry = { id: job.id, priority: job.priority, job, abort: new AbortController() };
      if (queue.add(entry)) return proceed();
      const message = `The worker already has ${queuedMax[job.priority]} ${job.priority} jobs waiting. Try again later.`;
      emit({ kind: 'failed', id: job.id, code: 'BUSY', message });
    },
    cancel(id) {
      const entry = running.get(id);
      entry?.abort.abort();
      // It only goes on to its end.
      if (entry !== undefined) resume(entry);
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
