/** Training: adapters from examples, in a process of its own. Their files are adapters', running them is the engine's. */
export type { TrainingExample } from './batch.ts';
export { type TrainAdapterOptions, trainAdapter } from './client.ts';
export { TrainingError, type TrainingErrorCode } from './errors.ts';
export type { ReaderFigures } from './held-out.ts';
export { REFUSAL, readerPrompt } from './reader-prompt.ts';
export { TRAINING_DEFAULTS, type TrainingSettings } from './settings.ts';
export { FORMAT_DOMAIN, type TrainDomainOptions, type TrainDomainResult, trainDomain } from './train-domain.ts';
export type { TrainingProgress, TrainingResult } from './trainer.ts';
export { readQuestions, type SourceQuestion } from './training-source.ts';
