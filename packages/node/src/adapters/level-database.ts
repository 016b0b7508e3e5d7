/**
 * Opening LevelDB. Owns its settings, and what tells a new directory, a half-made one, one in use and a damaged one apart.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Level } from 'level';
import { databaseFailed } from './store-errors.ts';

export const DATABASE_LIMITS = {
  cacheBytes: 16 * 1024 * 1024,
  writeBufferBytes: 8 * 1024 * 1024,
} as const;

export type LevelDatabase = Level<Uint8Array, Uint8Array>;

/** Opens the database or creates it. Throws `DATA_DIR_IN_USE`, `STORE_WRITE_FAILED` or `DATABASE_DAMAGED`. */
export async function openDatabase(directory: string): Promise<LevelDatabase> {
  const { Level: Opened } = await import('level');
  const database: LevelDatabase = new Opened(directory, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    createIfMissing: !holdsData(directory),
    compression: true,
    cacheSize: DATABASE_LIMITS.cacheBytes,
    writeBufferSize: DATABASE_LIMITS.writeBufferBytes,
  });
  try {
    await database.open();
    return database;
  } catch (error) {
    throw databaseFailed(directory, error);
  }
}

/**
 * A directory with data but without LevelDB's own root file is a damaged one, not a new one. One without either is what a crash
 * left of a creation.
 */
export function holdsData(directory: string): boolean {
  if (!existsSync(directory)) return false;
  return readdirSync(directory).some((name) => {
    if (/\.(ldb|sst)$/.test(name)) return true;
    return name.endsWith('.log') && statSync(join(directory, name)).size > 0;
  });
}
