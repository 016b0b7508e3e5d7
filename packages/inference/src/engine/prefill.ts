/** Reads a prompt into a sequence piece by piece. Owns the order: what is known already, then the rest in bounded pieces. */
import { setImmediate } from 'node:timers/promises';
import { chunkLength } from './chunks.ts';
import type { JobControl } from './control.ts';
import { passCheckpoint } from './control.ts';
import type { Sequence } from './sequence.ts';

/** Logits after the last of `ids`. The sequence must be empty before and holds exactly `ids` after; later prompts may take it over. */
export async function prefill(sequence: Sequence, ids: readonly number[], control: JobControl): Promise<Float32Array> {
  await passCheckpoint(control);
  let at = await sequence.adopt(ids);
  let logits: Float32Array | undefined;
  while (at < ids.length) {
    // The runtime computes on this thread. Messages that came meanwhile are read here, or cancelling would wait for a second piece.
    await setImmediate();
    await passCheckpoint(control);
    const end = at + chunkLength(ids.length - at, sequence.chunkTokens());
    [logits] = await sequence.read(ids.slice(at, end), 'last');
    at = end;
  }
  if (logits === undefined) throw new RangeError('a prompt has at least one token');
  sequence.keep();
  return logits;
}
