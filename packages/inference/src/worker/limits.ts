/** Named maxima of the worker. Owns the numbers alone. */
import type { JobPriority } from '../client/protocol.ts';

/** Jobs that may wait, by priority: each has its own room, so that training can never push scoring out. */
export const queuedMax: Readonly<Record<JobPriority, number>> = { score: 64, answer: 32, verify: 32, train: 8 };
