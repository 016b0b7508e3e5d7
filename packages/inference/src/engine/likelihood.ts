/**
 * How probable the model finds given continuations. Owns the arithmetic of teacher forcing over the generation graph: one session
 * serves writing and judging, because a second copy of the packed weights would cost 200 MB.
 */
import type { LoadedAdapter } from './adapter-store.ts';
import { chunksOf } from './chunks.ts';
import { type JobControl, passCheckpoint } from './control.ts';
import type { LanguageModel } from './language-model.ts';
import { limits } from './limits.ts';
import { prefill } from './prefill.ts';
import { argmax, logSumExp } from './sampling.ts';
import type { Sequence } from './sequence.ts';

export type ContinuationRequest = {
  readonly adapter: LoadedAdapter;
  readonly prompt: readonly number[];
  readonly continuations: readonly (readonly number[])[];
};

/** Natural log-probabilities of each token of each continuation after `prompt`. The prompt is read once. */
export async function continuationLogProbabilities(
  model: LanguageModel,
  { adapter, prompt, continuations }: ContinuationRequest,
  control: JobControl,
): Promise<number[][]> {
  const longest = Math.max(0, ...continuations.map((tokens) => tokens.length));
  const sequence = model.open(adapter, prompt.length + longest);
  try {
    // A copy: the sequence's logits are valid until it reads on.
    const first = (await prefill(sequence, prompt, control)).slice();
    const all: number[][] = [];
    for (const continuation of continuations) {
      all.push(await oneContinuation(sequence, { first, continuation }, control));
      sequence.truncate(prompt.length);
    }
    return all;
  } finally {
    sequence.close();
  }
}

async function oneContinuation(
  sequence: Sequence,
  { first, continuation }: { first: Float32Array; continuation: readonly number[] },
  control: JobControl,
): Promise<number[]> {
  if (continuation.length === 1) return [logProbability(first, continuation[0]!)];
  const result: number[] = [];
  let before = first;
  for (const chunk of chunksOf(continuation, limits.likelihoodChunkTokens)) {
    await passCheckpoint(control);
    const logits = await sequence.read(chunk, 'all');
    for (const [i, token] of chunk.entries()) result.push(logProbability(i === 0 ? before : logits[i - 1]!, token));
    before = logits.at(-1)!;
  }
  return result;
}

function logProbability(logits: Float32Array, token: number): number {
  const peak = logits[argmax(logits)]!;
  return logits[token]! - logSumExp(logits, peak);
}
