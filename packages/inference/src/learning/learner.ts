/** One job from its beginning to its final event. Owns which function does which job; the process around it is main.ts. */
import { evaluate } from './evaluate.ts';
import type { LearnerControl } from './learner-control.ts';
import type { AggregateJob, LearnerEvent, LearnerJob } from './protocol.ts';
import { candidateOf, openRound, readDeltas, writeCandidate } from './round-files.ts';
import { trainDelta } from './train-delta.ts';

/** A job's last event, of those that are no failure. */
export type LearnerOutcome = Exclude<LearnerEvent, { readonly kind: 'progress' | 'failed' }>;

/** Does the job. Errors: LearnerError, TrainingError, ModelError and others of the model's runtime. */
export async function performLearning(job: LearnerJob, control: LearnerControl): Promise<LearnerOutcome> {
  const { id } = job;
  switch (job.kind) {
    case 'train':
      return { kind: 'trained', id, path: (await trainDelta(job, control)).path };
    case 'aggregate':
      return { kind: 'aggregated', id, ...(await aggregateAnew(job, control)) };
    case 'evaluate':
      return { kind: 'evaluated', id, report: await evaluate(job, control) };
  }
}

async function aggregateAnew(
  job: AggregateJob,
  control: LearnerControl,
): Promise<{ factors: string; adapter: string }> {
  const of = job.deltas.length;
  control.onProgress({ stage: 'aggregating', done: 0, of, lossMilli: null });
  const { about, base } = await openRound(job);
  const candidate = candidateOf(base, await readDeltas(job.deltas, about), job);
  const hashes = await writeCandidate(candidate, job);
  control.onProgress({ stage: 'aggregating', done: of, of, lossMilli: null });
  return hashes;
}
