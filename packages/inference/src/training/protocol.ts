/** What the training process and its client say to each other. Owns the messages; they travel over Node's IPC channel. */
import type { TrainingJob, TrainingProgress, TrainingResult } from './trainer.ts';

export type ToTrainer =
  | { readonly kind: 'train'; readonly job: TrainingJob; readonly lock: string }
  | { readonly kind: 'cancel' };

export type FromTrainer =
  | { readonly kind: 'progress'; readonly progress: TrainingProgress }
  | { readonly kind: 'done'; readonly result: TrainingResult }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly facts: Readonly<Record<string, string | number | boolean | null>>;
    };
