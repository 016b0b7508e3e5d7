/** Named maxima of the worker. Owns the numbers alone. */
import type { JobPriority } from '../client/protocol.ts';

/** Jobs that may wait, by priority: each has its own room, so that training can never push scoring out. */
export const queuedMax: Readonly<Record<JobPriority, number>> = { score: 64, answer: 32, verify: 32, train: 8 };

/** Jobs of one class that run at the same time, their forward passes merged. Scores have deadlines, so that few share the time. */
export const runningMax: Readonly<Record<JobPriority, number>> = { score: 2, answer: 4, verify: 4, train: 1 };
