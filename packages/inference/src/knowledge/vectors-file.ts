/**
 * Where the vectors of a knowledge folder are kept: one file a domain, shared by all processes of a user. Owns the paths, and how much is kept in all:
 * a judge meets strangers' domains without end.
 */
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { limits } from './limits.ts';
import type { KnowledgeCard } from './read-folder.ts';

/** `$XDG_CACHE_HOME/synod/vectors`, by default under `~/.cache`. */
export function vectorsDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'synod', 'vectors');
}

/** Vectors are found by their text, so a folder that was built anew goes on with those of its unchanged passages. */
export function vectorsFile(directory: string, card: Pick<KnowledgeCard, 'domain'>): string {
  return join(directory, `${card.domain}.vectors`);
}

/** Domains have no dots, so that what belongs to one begins with its name and a dot. */
const NAME = /^([a-z0-9_-]{1,64})\.vectors$/;

export type VectorBounds = { readonly vectorFilesMax: number; readonly vectorBytesMax: number };

/** Marks `file` as used now, and removes those used longest ago while there are too many beside it, with what was noted about them. */
export async function makeRoomFor(
  file: string,
  { vectorFilesMax: filesMax, vectorBytesMax: bytesMax }: VectorBounds = limits,
): Promise<void> {
  const now = new Date();
  await utimes(file, now, now);
  const directory = dirname(file);
  const names = await readdir(directory);
  const kept: { readonly name: string; readonly size: number; readonly mtimeMs: number }[] = [];
  for (const name of names) {
    // Another process may be removing the same ones.
    const found = NAME.test(name) ? await stat(join(directory, name)).catch(() => null) : null;
    if (found !== null) kept.push({ name, size: found.size, mtimeMs: found.mtimeMs });
  }
  kept.sort((a, b) => a.mtimeMs - b.mtimeMs);
  let bytes = kept.reduce((sum, { size }) => sum + size, 0);
  let files = kept.length;
  for (const { name, size } of kept) {
    if (files <= filesMax && bytes <= bytesMax) return;
    if (name === basename(file)) continue;
    const domain = NAME.exec(name)![1]!;
    const own = names.filter((one) => one.startsWith(`${domain}.`));
    for (const one of own) await rm(join(directory, one), { force: true });
    files--;
    bytes -= size;
  }
}
