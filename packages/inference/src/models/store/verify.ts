/**
 * Checks a model folder against its manifest. Owns the decision when hashing can be left out: sizes are compared every
 * time, bytes once and again whenever a file has changed since.
 */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError } from '../errors.ts';
import type { ModelManifest } from '../manifest.ts';
import { manifestHash, readManifest, sha256OfFile } from './manifest-file.ts';
import type { OnProgress } from './progress.ts';

/** Remembers which state of the files has been hashed; not part of the model. */
const STAMP_FILE = '.verified.json';

export type VerifyOptions = {
  /** `true` hashes every file; `false` hashes unless the files are as they were when last hashed. */
  readonly hashes?: boolean;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
};

/**
 * Returns the manifest when every listed file has the promised size and bytes.
 * Errors: MODEL_NOT_FOUND, MODEL_FORMAT, MODEL_HASH_MISMATCH (naming the file).
 */
export async function verifyModel(directory: string, options: VerifyOptions = {}): Promise<ModelManifest> {
  const manifest = await readManifest(directory);
  const state = await checkSizes(directory, manifest);
  if (options.hashes !== true && (await readStamp(directory)) === state) return manifest;
  await checkHashes(directory, manifest, options);
  await writeStamp(directory, state);
  return manifest;
}

/** Compares sizes and returns a text that changes when a file is written to. */
async function checkSizes(directory: string, manifest: ModelManifest): Promise<string> {
  const state: unknown[] = [manifestHash(manifest)];
  for (const file of manifest.files) {
    const found = await stat(join(directory, file.path)).catch((cause: unknown) => {
      throw new ModelError('MODEL_NOT_FOUND', `${file.path} is missing from the model in ${directory}. ${REPAIR}`, {
        facts: { directory, file: file.path },
        cause,
      });
    });
    if (found.size !== file.bytes) throw damaged(directory, file.path, { expected: file.bytes, actual: found.size });
    state.push([file.path, found.size, found.mtimeMs, found.ino]);
  }
  return JSON.stringify(state);
}

async function checkHashes(directory: string, manifest: ModelManifest, options: VerifyOptions): Promise<void> {
  const totalBytes = manifest.files.reduce((total, file) => total + file.bytes, 0);
  let doneBytes = 0;
  for (const file of manifest.files) {
    const message = `Checking ${file.path}`;
    options.onProgress?.({ phase: 'verify', item: file.path, doneBytes, totalBytes, message });
    const actual = await sha256OfFile(join(directory, file.path), options.signal);
    if (actual !== file.sha256) throw damaged(directory, file.path, { expected: file.sha256, actual });
    doneBytes += file.bytes;
  }
}

async function readStamp(directory: string): Promise<string | undefined> {
  // No readable stamp means no more than that the files get hashed.
  return await readFile(join(directory, STAMP_FILE), 'utf8').catch(() => undefined);
}

async function writeStamp(directory: string, state: string): Promise<void> {
  // A folder that cannot be written to is fine: its files are hashed again next time.
  await writeFile(join(directory, STAMP_FILE), state).catch(() => undefined);
}

const REPAIR = 'Remove the folder so that it is made again, or name another with --model.';

function damaged(
  directory: string,
  file: string,
  difference: { readonly expected: string | number; readonly actual: string | number },
): ModelError {
  return new ModelError(
    'MODEL_HASH_MISMATCH',
    `${file} in ${directory} is not what the model's manifest lists. ${REPAIR}`,
    {
      facts: { directory, file, ...difference },
    },
  );
}
