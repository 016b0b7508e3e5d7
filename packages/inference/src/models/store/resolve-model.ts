/** The one entry point to models: turns what a person wrote after --model into a checked folder. Owns that choice only. */
import { resolve } from 'node:path';
import type { ModelInfo } from '../../client/protocol.ts';
import type { ModelManifest } from '../manifest.ts';
import { type EnsureOptions, ensureModel } from './ensure-model.ts';
import { manifestHash } from './manifest-file.ts';
import { DEFAULT_MODEL, TINY_MODEL } from './pinned.ts';
import { verifyModel } from './verify.ts';

export type ResolveOptions = EnsureOptions & {
  /** `default` (downloaded once), `tiny` (random weights, made on the spot), or a model folder. */
  readonly model: string;
};

export type ResolvedModel = {
  readonly directory: string;
  readonly manifest: ModelManifest;
  readonly info: ModelInfo;
  /** SHA-256 of the manifest, the same as `info.hash`. */
  readonly hash: string;
};

/** Errors: MODEL_FETCH_FAILED, MODEL_HASH_MISMATCH, MODEL_NOT_FOUND, MODEL_FORMAT; the signal's reason when aborted. */
export async function resolveModel(options: ResolveOptions): Promise<ResolvedModel> {
  const { directory, manifest } = await locate(options);
  const hash = manifestHash(manifest);
  const { name, licence, architecture } = manifest;
  const { parameters, contextTokens } = architecture;
  return { directory, manifest, hash, info: { name, hash, parameters, contextTokens, licence } };
}

async function locate(options: ResolveOptions): Promise<{ directory: string; manifest: ModelManifest }> {
  if (options.model === 'default') return await ensureModel(DEFAULT_MODEL, options);
  if (options.model === 'tiny') return await ensureModel(TINY_MODEL, options);
  const directory = resolve(options.model);
  return { directory, manifest: await verifyModel(directory, options) };
}
