/**
 * A snapshot as one portable file: a line that says what it is, a line of JSON that says what is in it, the files' bytes in one gzip
 * stream, and the SHA-256 of all that. Owns the format (spec: devnet §6) and its limits. Nothing is believed before the hash was checked.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { SynodError } from '@synod/chain';
import { makeDirectory } from '@synod/node/make-directory';
import { syncFolder, syncTree } from '../files/sync-tree.ts';
import { displayPath } from '../settings/paths.ts';
import { type DevnetSnapshot, readFacts, requireFit } from './snapshots.ts';

const MAGIC = 'synod devnet state 1\n';
const MAGIC_WORDS = 'synod devnet state ';
const HASH_BYTES = 32;
const GZIP_LEVEL = 3;
/** Bits that a file may keep; others never write. */
const MODE_MASK = 0o755;

export const STATE_FILE_LIMITS = {
  manifestBytesMax: 32 * 2 ** 20,
  filesMax: 200_000,
  contentBytesMax: 64 * 2 ** 30,
} as const;

type Entry = { readonly path: string; readonly bytes: number; readonly mode: number };

type Manifest = { readonly snapshot: DevnetSnapshot; readonly files: readonly Entry[] };

export type PackedState = { readonly file: string; readonly bytes: number; readonly sha256: string };

/** Writes the snapshot in `folder` to `file`, which appears whole or not at all. Throws the system's error where that cannot be. */
export async function packState(folder: string, file: string): Promise<PackedState> {
  const manifest: Manifest = { snapshot: readFacts(folder), files: await entriesOf(folder, '') };
  const temporary = `${file}.part`;
  makeDirectory(dirname(file));
  const hash = createHash('sha256');
  const output = createWriteStream(temporary, { mode: 0o600, flush: true });
  const write = async (bytes: Uint8Array | string) => {
    hash.update(bytes);
    if (!output.write(bytes)) await new Promise<void>((resolve) => output.once('drain', resolve));
  };
  try {
    await write(MAGIC);
    await write(`${JSON.stringify(manifest)}\n`);
    const content = Readable.from(contentOf(folder, manifest.files)).pipe(createGzip({ level: GZIP_LEVEL }));
    for await (const chunk of content) await write(chunk as Buffer);
    const digest = hash.digest();
    output.end(digest);
    await finished(output);
    renameSync(temporary, file);
    syncFolder(dirname(file));
    return { file, bytes: statSync(file).size, sha256: digest.toString('hex') };
  } catch (error) {
    output.destroy();
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Unpacks into `folder`, which must not exist, and gives what the state says of itself. Throws `NOT_FOUND`, `FILE_DAMAGED`, or what
 * `requireFit` throws for another version or, where `genesisHash` is given, another chain.
 */
export async function unpackState(file: string, folder: string, genesisHash: string | null): Promise<DevnetSnapshot> {
  const { manifest, contentAt, contentEnd } = await readHeader(file);
  requireFit(manifest.snapshot, genesisHash);
  await requireHash(file, contentEnd);
  makeDirectory(folder, 0o700);
  const source = createReadStream(file, { start: contentAt, end: contentEnd - 1 });
  const content = source.pipe(createGunzip());
  source.on('error', (error) => content.destroy(error));
  await writeFiles(folder, manifest.files, content[Symbol.asyncIterator]());
  await syncTree(folder);
  return readFacts(folder);
}

/** Reads the two lines at the beginning alone. */
async function readHeader(file: string) {
  const size = await sizeOf(file);
  const handle = await open(file, 'r');
  try {
    const most = Math.min(size, MAGIC.length + STATE_FILE_LIMITS.manifestBytesMax);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(most), 0, most, 0);
    const begun = buffer.subarray(0, bytesRead);
    const magic = begun.subarray(0, MAGIC.length).toString('utf8');
    if (!magic.startsWith(MAGIC_WORDS)) throw damaged(file, 'it is no state of a devnet');
    if (magic !== MAGIC)
      throw new SynodError(
        'STATE_FORMAT',
        `${displayPath(file)} is a state of another version of Synod. Nothing was changed. Load it with that version.`,
        { facts: { file } },
      );
    const end = begun.indexOf(0x0a, MAGIC.length);
    if (end === -1) throw damaged(file, 'its list of files does not end');
    const manifest = parseManifest(file, begun.subarray(MAGIC.length, end).toString('utf8'));
    const contentEnd = size - HASH_BYTES;
    if (contentEnd <= end + 1) throw damaged(file, 'it is cut off');
    return { manifest, contentAt: end + 1, contentEnd };
  } finally {
    await handle.close();
  }
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile() === true) return found.size;
  throw new SynodError('NOT_FOUND', `${displayPath(file)} is no file. Name one that "synod devnet dump" wrote.`, {
    facts: { file },
  });
}

async function requireHash(file: string, contentEnd: number): Promise<void> {
  const hash = createHash('sha256');
  const parts: Buffer[] = [];
  let at = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const covered = Math.max(0, Math.min(chunk.length, contentEnd - at));
    hash.update(chunk.subarray(0, covered));
    parts.push(chunk.subarray(covered));
    at += chunk.length;
  }
  if (!hash.digest().equals(Buffer.concat(parts))) throw damaged(file, 'its hash does not fit its contents');
}

function parseManifest(file: string, text: string): Manifest {
  let value: Partial<Manifest>;
  try {
    value = JSON.parse(text) as Partial<Manifest>;
  } catch {
    throw damaged(file, 'its list of files is no JSON');
  }
  const { snapshot, files } = value;
  if (typeof snapshot !== 'object' || !Array.isArray(files)) throw damaged(file, 'its list of files lacks parts');
  if (files.length > STATE_FILE_LIMITS.filesMax || !files.every(isEntry))
    throw damaged(file, 'its list names no files');
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > STATE_FILE_LIMITS.contentBytesMax) throw damaged(file, `it claims ${total} bytes`);
  return { snapshot, files };
}

/** Only what a snapshot has, so that no path leads out of the folder. */
function isEntry(entry: unknown): entry is Entry {
  const { path, bytes, mode } = (entry ?? {}) as Partial<Entry>;
  if (typeof path !== 'string' || !Number.isSafeInteger(bytes) || !Number.isSafeInteger(mode) || bytes! < 0)
    return false;
  const parts = path.split('/');
  const isPlain = parts.every((part) => /^[\w@.=+-]+$/.test(part) && !/^\.+$/.test(part));
  return isPlain && (/^val-\d+$/.test(parts[0]!) ? parts.length > 1 : /^(snapshot|chain)\.json$/.test(path));
}

async function entriesOf(folder: string, below: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  const found = await readdir(join(folder, below), { withFileTypes: true });
  for (const entry of found.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) entries.push(...(await entriesOf(folder, path)));
    else {
      const { size, mode } = await stat(join(folder, path));
      entries.push({ path, bytes: size, mode: mode & MODE_MASK });
    }
  }
  return entries;
}

async function* contentOf(folder: string, files: readonly Entry[]): AsyncGenerator<Buffer> {
  for (const { path, bytes } of files) {
    let read = 0;
    for await (const chunk of createReadStream(join(folder, path)) as AsyncIterable<Buffer>) {
      read += chunk.length;
      yield chunk;
    }
    if (read !== bytes) throw damaged(join(folder, path), 'it changed while it was packed');
  }
}

async function writeFiles(folder: string, files: readonly Entry[], content: AsyncIterator<Buffer>): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for (const { path, bytes, mode } of files) {
    const file = join(folder, path);
    makeDirectory(dirname(file), 0o700);
    const handle = await open(file, 'wx', mode & MODE_MASK);
    try {
      for (let left = bytes; left > 0; ) {
        if (rest.length === 0) rest = await nextChunk(content, file);
        const part = rest.subarray(0, left);
        await handle.writeFile(part);
        rest = rest.subarray(part.length);
        left -= part.length;
      }
    } finally {
      await handle.close();
    }
  }
}

async function nextChunk(content: AsyncIterator<Buffer>, file: string): Promise<Buffer> {
  const { done, value } = await content.next();
  if (done === true) throw damaged(file, 'there are fewer bytes than the list says');
  return value;
}

function damaged(file: string, why: string): SynodError {
  return new SynodError('FILE_DAMAGED', `${displayPath(file)} cannot be used: ${why}. Nothing was changed.`, {
    facts: { file },
  });
}
