/**
 * A verifier's question to its worker about one group's answer, and what the worker's findings come to (spec: verification, "On
 * chain"). Owns the translation; the check itself is the worker's, what it costs the chain's.
 */
import type { Answer, GroupCheck } from '@synod/chain';
import type { AnswerSegment, Effort, ExpertSetup, Job } from '@synod/inference';
import type { WorkerJobEvent } from './answer-desk.ts';

/** Rides in the votes like a score, so it has a score's deadline and urgency. */
export function verifyJob(
  id: string,
  {
    prompt,
    answer,
    setup,
    effort,
  }: { readonly prompt: string; readonly answer: Answer; readonly setup: ExpertSetup; readonly effort: Effort },
): Job {
  const segments = answer.segments.flatMap((segment): AnswerSegment[] => (segment.kind === 'sealed' ? [] : [segment]));
  const messages = [{ role: 'user' as const, content: prompt }];
  return { kind: 'verify', id, priority: 'score', messages, expert: setup, segments, effort };
}

/** A failure of this machine and not of the answer: it is tried again, and never held against anybody. */
export function isPassing(code: string): boolean {
  return code === 'BUSY' || code === 'CANCELLED' || code === 'WORKER_LOST' || code === 'ADAPTER_NOT_FOUND';
}

/** One mismatch among the segments is one of the answer; an error when it is run again is a failure of the answer. */
export function checkOf(group: number, event: WorkerJobEvent): GroupCheck {
  if (event.kind !== 'verified') return { group, verdict: 'error', distanceMilli: 0 };
  const { checks } = event;
  const verdict = checks.every((check) => check.verdict === 'match') ? 'match' : 'mismatch';
  return { group, verdict, distanceMilli: Math.max(0, ...checks.map(({ distanceMilli }) => distanceMilli)) };
}
