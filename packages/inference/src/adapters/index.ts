/** Adapters: LoRA factors, where they come from and how they are stored. Running them is the engine's, training them training's. */
export {
  type Adapter,
  type AdapterModel,
  encodeAdapter,
  parseAdapter,
  readAdapter,
  readAdapterAbout,
  writeAdapter,
} from './adapter-file.ts';
export type { AdapterAbout } from './adapter-header.ts';
export { baseModelHash } from './base-model.ts';
export { AdapterError, type AdapterErrorCode } from './errors.ts';
export { factorDims, genesisFactors, type LoraFactors } from './lora-factors.ts';
