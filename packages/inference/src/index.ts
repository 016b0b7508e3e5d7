/** Inference as other packages see it: a light client of the worker process, and what a learner says. Model files are under `@synod/inference/models`. */
export * from './client/index.ts';
export type * from './learning/protocol.ts';
