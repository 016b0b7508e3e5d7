/** Where the vectors of a knowledge folder are kept. Owns the path alone: one file a domain, shared by all processes of a user. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { KnowledgeCard } from './read-folder.ts';

/** `$XDG_CACHE_HOME/synod/vectors`, by default under `~/.cache`. */
export function vectorsDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'synod', 'vectors');
}

/** Vectors are found by their text, so a folder that was built anew goes on with those of its unchanged passages. */
export function vectorsFile(directory: string, card: Pick<KnowledgeCard, 'domain'>): string {
  return join(directory, `${card.domain}.vectors`);
}
