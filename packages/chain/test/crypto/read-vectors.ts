/** Outside test data. Owns where it lies and what is printed when it is absent. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../../../..');

/** The parsed vectors, or null after one line that says they were skipped. */
export function readVectors<T>(name: string): T | null {
  const path = resolve(repository, process.env['SYNOD_VECTORS'] ?? '../shared/vectors', name);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as T;
  console.log(`vectors ${name} skipped: no such file under SYNOD_VECTORS (default ../shared/vectors)`);
  return null;
}
