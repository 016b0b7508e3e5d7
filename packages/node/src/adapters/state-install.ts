/**
 * Writing a whole state into the database. Owns the size of batches and that every one is durable before the next; what makes
 * the state count (its height and root) is written by the store, last.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Level } from 'level';
import { bucketRange, frameValue, textKey } from './store-format.ts';

const INSTALL_LIMITS = {
  /** Keys and values of one batch. */
  batchBytes: 2 * 1024 * 1024,
} as const;

type Database = Pick<Level<Uint8Array, Uint8Array>, 'batch' | 'clear'>;

/**
 * Puts exactly these entries into the state bucket; what an installation cut short has left there goes. Entries in order of
 * their keys are written fastest. Rejects with the database's error.
 */
export async function replaceState(
  database: Database,
  entries: Iterable<readonly [string, Uint8Array]>,
): Promise<void> {
  await database.clear(bucketRange('state'));
  let batch: { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }[] = [];
  let bytes = 0;
  for (const [name, content] of entries) {
    const key = textKey('state', name);
    const value = frameValue(key, content);
    batch.push({ type: 'put', key, value });
    bytes += key.length + value.length;
    if (bytes < INSTALL_LIMITS.batchBytes) continue;
    await database.batch(batch, { sync: true });
    await nextTurn();
    [batch, bytes] = [[], 0];
  }
  await database.batch(batch, { sync: true });
}
