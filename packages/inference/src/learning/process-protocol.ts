/** What the learner's process and its client say to each other over Node's IPC channel; the process answers with `LearnerEvent`s. */
import type { LearnerJob } from './protocol.ts';

export type ToLearner =
  /** The one job of this process. `lock`: the file that keeps a second training off this machine. */
  { readonly kind: 'job'; readonly job: LearnerJob; readonly lock: string } | { readonly kind: 'cancel' };
