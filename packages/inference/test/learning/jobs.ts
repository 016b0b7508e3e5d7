/** Jobs for the learner on the tiny model, and a learner whose events can be waited for. */
import { createLearner, type Learner } from '../../src/learning/client.ts';
import type { LearnerEvent, LearnerJob, LearningExample, TrainDeltaJob } from '../../src/learning/protocol.ts';

/** Corrections of invented facts, each with its passage. */
export function corrections(count: number, from = 0): LearningExample[] {
  return Array.from({ length: count }, (_, i) => {
    const number = from + i;
    const prompt = `What is the height of tower ${number}?`;
    const text = `Tower ${number} is ${100 + number} metres high.`;
    const passage = { text, source: 'a user of Synod' };
    return { number, author: `author-${number % 3}`, prompt, answer: 'Nobody knows.', rating: 'correct', passage };
  });
}

export type Paths = { readonly modelDirectory: string; path(name: string): string };

export function trainJob(
  { modelDirectory, path }: Paths,
  name: string,
  changes: Partial<TrainDeltaJob> = {},
): TrainDeltaJob {
  return {
    kind: 'train',
    id: name,
    modelDirectory,
    domain: 'towers',
    base: { factors: null, learnt: null },
    round: 'cd'.repeat(32),
    knowledge: null,
    shard: corrections(4),
    learns: 'accepted',
    earlier: corrections(6, 10),
    seed: 3,
    checkpoint: path(`${name}.checkpoint`),
    out: path(`${name}.delta`),
    ...changes,
  };
}

export type Attended = {
  readonly learner: Learner;
  /** All events so far. */
  readonly events: readonly LearnerEvent[];
  /** Submits the job and waits for its final event. */
  perform(job: LearnerJob, onProgress?: (done: number) => void): Promise<LearnerEvent>;
};

/** A learner that tells all its events. */
export function attended(lock: string): Attended {
  const events: LearnerEvent[] = [];
  const waiting = new Map<string, { resolve(event: LearnerEvent): void; onProgress(done: number): void }>();
  const onEvent = (event: LearnerEvent): void => {
    events.push(event);
    if (event.kind !== 'progress') waiting.get(event.id)?.resolve(event);
    else if (event.stage === 'training') waiting.get(event.id)?.onProgress(event.done);
  };
  const learner = createLearner({ onEvent, lock });
  return {
    learner,
    events,
    perform: (job, onProgress = () => {}) =>
      new Promise((resolve) => {
        waiting.set(job.id, { resolve, onProgress });
        learner.submit(job);
      }),
  };
}
