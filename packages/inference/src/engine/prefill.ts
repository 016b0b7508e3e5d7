/** Reads a prompt into a cache piece by piece. Owns the chunking, so that a long prompt neither blocks nor swells. */
import type { JobControl } from './control.ts';
import { passCheckpoint } from './control.ts';
import type { Cache, LanguageModel } from './language-model.ts';
import { limits } from './limits.ts';

/** Cache of all `ids` and the logits after the last one. The caller releases the cache; on a throw nothing is left over. */
export async function prefill(
  model: LanguageModel,
  ids: readonly number[],
  control: JobControl,
): Promise<{ cache: Cache; logits: Float32Array }> {
  let cache = model.emptyCache();
  let logits: Float32Array | undefined;
  try {
    for (let at = 0; at < ids.length; at += limits.prefillChunkTokens) {
      await passCheckpoint(control);
      const next = await model.forward(cache, ids.slice(at, at + limits.prefillChunkTokens), 'last');
      model.release(cache);
      cache = next.cache;
      logits = next.logits[0];
    }
  } catch (error) {
    model.release(cache);
    throw error;
  }
  if (logits === undefined) throw new RangeError('a prompt has at least one token');
  return { cache, logits };
}
