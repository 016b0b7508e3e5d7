/** The one entry point to models: turns what a person wrote after --model into a checked folder. Owns that choice only. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ModelInfo } from '../../client/protocol.ts';
import { backendHash, type ForeignBackend, readBackend, writeBackend } from '../backends/backend-file.ts';
import { describeHttp, httpModelName, isHttpModel } from '../backends/describe-http.ts';
import { describeOnnx } from '../backends/describe-onnx.ts';
import { fetchFromHub, isHubId } from '../backends/hub-download.ts';
import type { ModelManifest } from '../manifest.ts';
import { type EnsureOptions, ensureModel } from './ensure-model.ts';
import { MANIFEST_FILE, manifestHash } from './manifest-file.ts';
import { DEFAULT_MODEL, TINY_MODEL } from './pinned.ts';
import { verifyModel } from './verify.ts';

export type ResolveOptions = EnsureOptions & {
  /**
   * `default` (downloaded once), `tiny` (random weights, made on the spot), a model folder, a folder or hub id of an ONNX causal
   * model with key-value cache, `http://HOST/v1#NAME` for one behind an OpenAI-compatible server, or what was resolved before.
   */
  readonly model: string;
  /** The model whose embedder and judge serve beside a foreign one: `default` unless said otherwise. */
  readonly helper?: string;
};

export type ResolvedModel = {
  /** What a worker is started with. */
  readonly directory: string;
  readonly info: ModelInfo;
  /** The same as `info.hash`. */
  readonly hash: string;
};

/** Errors: MODEL_FETCH_FAILED, MODEL_HASH_MISMATCH, MODEL_NOT_FOUND, MODEL_FORMAT; the signal's reason when aborted. */
export async function resolveModel(options: ResolveOptions): Promise<ResolvedModel> {
  const foreign = await foreignBackend(options);
  if (foreign !== undefined) {
    const directory = await writeBackend(join(options.cacheDir, 'backends'), foreign);
    const info = foreignInfo(foreign);
    return { directory, info, hash: info.hash };
  }
  const { directory, manifest } = await locate(options);
  const hash = manifestHash(manifest);
  const { name, licence, architecture } = manifest;
  const { parameters, contextTokens } = architecture;
  return { directory, hash, info: { name, hash, parameters, contextTokens, licence, backend: 'synod' } };
}

/** How a foreign model is described to others. */
export function foreignInfo(foreign: ForeignBackend): ModelInfo {
  const { name, parameters, contextTokens, licence, kind } = foreign;
  return { name, hash: backendHash(foreign), parameters, contextTokens, licence, backend: kind };
}

async function foreignBackend(options: ResolveOptions): Promise<ForeignBackend | undefined> {
  const { cacheDir, onProgress } = options;
  if (options.model === 'default' || options.model === 'tiny') return undefined;
  const model = await standsFor(options.model);
  const helper = async () => (await locate({ ...options, model: options.helper ?? 'default' })).directory;
  if (isHttpModel(model)) return describeHttp(model, await helper());
  if (await exists(join(model, MANIFEST_FILE))) return undefined;
  if (await exists(model)) {
    return (await exists(join(model, 'config.json'))) ? describeOnnx(resolve(model), await helper()) : undefined;
  }
  if (!isHubId(model)) return undefined;
  return await describeOnnx(await fetchFromHub(model, { cacheDir, onProgress }), await helper());
}

/** What a folder that a worker is started with was made of; anything else stands for itself. */
async function standsFor(model: string): Promise<string> {
  const known = await readBackend(model);
  if (known === undefined) return model;
  return known.kind === 'http' ? httpModelName(known) : known.folder;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function locate(options: ResolveOptions): Promise<{ directory: string; manifest: ModelManifest }> {
  if (options.model === 'default') return await ensureModel(DEFAULT_MODEL, options);
  if (options.model === 'tiny') return await ensureModel(TINY_MODEL, options);
  const directory = resolve(options.model);
  return { directory, manifest: await verifyModel(directory, options) };
}
