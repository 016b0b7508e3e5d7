/** Reads a prompt into a sequence piece by piece. Owns the order: what is known already, then the rest in bounded pieces. */
import { setImmediate } from 'node:timers/promises';
import { chunksOf } from './chunks.ts';
import type { JobControl } from './control.ts';
import { passCheckpoint } from './control.ts';
import { limits } from './limits.ts';
import type { Sequence } from './sequence.ts';

/** Logits after the last of `ids`. The sequence must be empty before and holds exactly `ids` after; later prompts may take it over. */
export async function prefill(sequence: Sequence, ids: readonly number[], control: JobControl): Promise<Float32Array> {
  await passCheckpoint(control);
  const known = await sequence.adopt(ids);
  let logits: Float32Array | undefined;
  for (const chunk of chunksOf(ids.slice(known), limits.prefillChunkTokens)) {
    // The runtime computes on this thread. Messages that came meanwhile are read here, or cancelling would wait for a second piece.
    await setImmediate();
    await passCheckpoint(control);
    [logits] = await sequence.read(chunk, 'last');
  }
  if (logits === undefined) throw new RangeError('a prompt has at least one token');
  sequence.keep();
  return logits;
}
