/**
 * How probable the model finds given continuations. Owns the arithmetic of teacher forcing over the generation graph: one session
 * serves writing and judging, because a second copy of the packed weights would cost 200 MB.
 */
import { type JobControl, passCheckpoint } from './control.ts';
import type { Cache, LanguageModel } from './language-model.ts';
import { limits } from './limits.ts';
import { prefill } from './prefill.ts';
import { argmax, logSumExp } from './sampling.ts';

/** Natural log-probabilities of each token of each continuation after `prompt`. The prompt is read once. */
export async function continuationLogProbabilities(
  model: LanguageModel,
  { prompt, continuations }: { prompt: readonly number[]; continuations: readonly (readonly number[])[] },
  control: JobControl,
): Promise<number[][]> {
  const start = await prefill(model, prompt, control);
  try {
    const all: number[][] = [];
    for (const continuation of continuations) {
      all.push(await oneContinuation(model, { start: start.cache, first: start.logits, continuation }, control));
    }
    return all;
  } finally {
    model.release(start.cache);
  }
}

async function oneContinuation(
  model: LanguageModel,
  { start, first, continuation }: { start: Cache; first: Float32Array; continuation: readonly number[] },
  control: JobControl,
): Promise<number[]> {
  const result: number[] = [];
  let cache = start;
  let before = first;
  try {
    for (let at = 0; at < continuation.length; at += limits.likelihoodChunkTokens) {
      const chunk = continuation.slice(at, at + limits.likelihoodChunkTokens);
      await passCheckpoint(control);
      const next = await model.forward(cache, chunk, 'all');
      if (cache !== start) model.release(cache);
      cache = next.cache;
      for (const [i, token] of chunk.entries())
        result.push(logProbability(i === 0 ? before : next.logits[i - 1]!, token));
      before = next.logits.at(-1)!;
    }
  } finally {
    if (cache !== start) model.release(cache);
  }
  return result;
}

function logProbability(logits: Float32Array, token: number): number {
  const peak = logits[argmax(logits)]!;
  return logits[token]! - logSumExp(logits, peak);
}
