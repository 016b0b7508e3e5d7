/** Which entities may be fitted on. Owns the split of subjects into train, tune and test (spec: knowledge §6). */
import { createHash } from 'node:crypto';

/** Train: adapters and rerankers. Tune: thresholds and constants. Test: figures only. */
export type Split = 'train' | 'tune' | 'test';

/** The split of a subject by the SHA-256 of its name, 6 : 2 : 2. */
export function splitOf(subject: string): Split {
  const tenth = createHash('sha256').update(subject, 'utf8').digest().readUInt32BE(0) % 10;
  if (tenth < 6) return 'train';
  return tenth < 8 ? 'tune' : 'test';
}
