/**
 * Reads chosen files of a package into memory. Owns the bounds on what an archive may unpack to and the errors of a
 * damaged one; nothing is ever written to disk, so names in an archive can do no harm.
 */
import type { Readable } from 'node:stream';
import { SynodError } from '@synod/chain';
import * as tar from 'tar';
import { limits } from '../limits.ts';
import { forEachZipEntry } from './zip-entries.ts';

/** Files by their path inside the archive. */
export type ArchiveFiles = {
  /** Paths in code-unit order. */
  readonly paths: readonly string[];
  /** Errors: KNOWLEDGE_FORMAT when the file is not there. */
  bytes(path: string): Uint8Array;
  /** UTF-8 text; a byte order mark is dropped. Errors: KNOWLEDGE_FORMAT. */
  text(path: string): string;
  /** Parsed JSON. Errors: KNOWLEDGE_FORMAT. */
  json(path: string): unknown;
};

/** Files of a gzipped tar (`.tgz`, `.tar.gz`) or zip (`.whl`, `.zip`) whose paths match. Errors: KNOWLEDGE_FORMAT. */
export async function readArchive(path: string, members: RegExp): Promise<ArchiveFiles> {
  const files = new Map<string, Uint8Array>();
  const keep = budgetOf(path);
  try {
    if (/\.(tgz|tar\.gz)$/.test(path)) await readTar(path, members, (name, content) => files.set(name, content), keep);
    else await readZip(path, members, (name, content) => files.set(name, content), keep);
  } catch (cause) {
    if (cause instanceof SynodError) throw cause;
    throw formatError(path, `it cannot be unpacked: ${(cause as Error).message}`, cause);
  }
  return archiveFiles(path, files);
}

/** Files under their paths, for tests and for recipes that read several archives as one. */
export function archiveFiles(archive: string, files: ReadonlyMap<string, Uint8Array>): ArchiveFiles {
  const bytes = (path: string): Uint8Array => {
    const content = files.get(path);
    if (content === undefined) throw formatError(archive, `it lacks ${path}`);
    return content;
  };
  const text = (path: string): string => new TextDecoder().decode(bytes(path));
  return {
    paths: [...files.keys()].sort(),
    bytes,
    text,
    json: (path) => {
      try {
        return JSON.parse(text(path)) as unknown;
      } catch (cause) {
        if (cause instanceof SynodError) throw cause;
        throw formatError(archive, `${path} is not JSON`, cause);
      }
    },
  };
}

type Keep = (name: string, bytes: number) => void;
type Take = (name: string, content: Uint8Array) => void;

/** Counts what is about to be unpacked and stops a bomb. */
function budgetOf(path: string): Keep {
  let total = 0;
  return (name, bytes) => {
    total += bytes;
    if (bytes > limits.memberBytes || total > limits.archiveBytes) {
      throw formatError(path, `${name} makes it unpack to more than allowed`);
    }
  };
}

async function readTar(path: string, members: RegExp, take: Take, keep: Keep): Promise<void> {
  const pending: Promise<void>[] = [];
  await tar.list({
    file: path,
    strict: true,
    filter: (name) => members.test(name),
    onReadEntry: (entry) => {
      if (entry.type !== 'File') return void entry.resume();
      keep(entry.path, entry.size);
      pending.push(
        entry.concat().then((content) => {
          take(entry.path, content as Uint8Array);
        }),
      );
    },
  });
  await Promise.all(pending);
}

async function readZip(path: string, members: RegExp, take: Take, keep: Keep): Promise<void> {
  await forEachZipEntry(path, async ({ fileName, uncompressedSize }, read) => {
    if (!members.test(fileName) || fileName.endsWith('/')) return;
    keep(fileName, uncompressedSize);
    take(fileName, await bytesOf(await read()));
  });
}

async function bytesOf(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function formatError(path: string, why: string, cause?: unknown): SynodError {
  return new SynodError(
    'KNOWLEDGE_FORMAT',
    `${path} is not the source it should be: ${why}. Remove the file and run again.`,
    { facts: { path }, cause },
  );
}
