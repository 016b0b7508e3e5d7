/** Inference as other packages see it: a light client of the worker process. Model files are under `@synod/inference/models`. */
export * from './client/index.ts';
