/** What an adapter says it was trained on. Owns the identity of weights; a model folder's own hash is manifest-file.ts. */
import { createHash } from 'node:crypto';
import type { ModelManifest } from '../models/manifest.ts';

/**
 * SHA-256 (64 hex digits) of a model's name, source and dimensions. Unlike the model's hash it does not change when the
 * same weights are laid out in other graphs, so adapters outlive a faster graph.
 */
export function baseModelHash({ name, source, architecture }: ModelManifest): string {
  const shape = Object.entries(architecture).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([name, source, shape]))
    .digest('hex');
}
