/**
 * Keeps downloaded packages. Owns the rule that nothing is kept or read whose SHA-256 is not the pinned one, so that an
 * interrupted run is taken up by skipping what is whole.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SynodError } from '@synod/chain';
import { withWorkFolder } from '../work-folder.ts';
import { type FetchPackage, fetchPackage } from './fetch-package.ts';
import type { OnProgress, PinnedPackage } from './pinned-package.ts';

export type CacheOptions = {
  /** Folder of kept packages; made if missing. */
  readonly downloads: string;
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How packages are fetched; the registries' clients unless said otherwise. */
  readonly fetch?: FetchPackage | undefined;
};

/**
 * The path of a package with the pinned bytes: a kept one, else a fresh download. A kept file with other bytes is
 * removed and fetched again. Errors: KNOWLEDGE_FETCH_FAILED, DISK_FULL; KNOWLEDGE_HASH_MISMATCH when the fresh download differs.
 */
export async function ensurePackage(source: PinnedPackage, options: CacheOptions): Promise<string> {
  options.signal?.throwIfAborted();
  const kept = join(options.downloads, source.fileName);
  if (await hasPinnedBytes(kept, source)) return kept;
  await rm(kept, { force: true });
  return await withWorkFolder(options.downloads, async (folder) => {
    const report = progressOf(source, options.onProgress);
    report(0);
    const fetch = options.fetch ?? fetchPackage;
    const fetched = await fetch(source, { folder, onBytes: report, signal: options.signal });
    if (!(await hasPinnedBytes(fetched, source))) throw wrongBytes(source);
    report(source.bytes);
    await rename(fetched, kept);
    return kept;
  });
}

function progressOf(source: PinnedPackage, onProgress: OnProgress | undefined): (doneBytes: number) => void {
  const item = `${source.name} ${source.version}`;
  return (doneBytes) =>
    onProgress?.({
      phase: 'download',
      item,
      doneBytes: Math.min(doneBytes, source.bytes),
      totalBytes: source.bytes,
      message: `Downloading ${item}`,
    });
}

async function hasPinnedBytes(path: string, { bytes, sha256 }: PinnedPackage): Promise<boolean> {
  const size = await stat(path).then(
    (found) => found.size,
    () => -1,
  );
  return size === bytes && (await sha256OfFile(path)) === sha256;
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function wrongBytes({ fileName, sha256, name, version }: PinnedPackage): SynodError {
  return new SynodError(
    'KNOWLEDGE_HASH_MISMATCH',
    `The downloaded ${fileName} is not the file that ${name} ${version} was when this recipe was made, so it was thrown away. Try again; if it stays so, the package source in use serves other content: copy the file from another machine.`,
    { facts: { file: fileName, expected: sha256 } },
  );
}
