/**
 * How probable the model finds given continuations. Owns the arithmetic of teacher forcing over the generation graph: one session
 * serves writing, judging and verifying, because a second copy of the packed weights would cost 200 MB.
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
  const result = continuation.length === 0 ? [] : [logProbability(first, continuation[0]!)];
  if (continuation.length <= 1) return result;
  const visit = (logits: Float32Array, at: number): void => {
    if (at < continuation.length) result.push(logProbability(logits, continuation[at]!));
  };
  await readAfter(sequence, { tokens: continuation, visit }, control);
  return result;
}

/** Reads `tokens`, at least one, and shows the logits after each: `visit` gets those after the first `count` of them. */
export async function readAfter(
  sequence: Sequence,
  { tokens, visit }: { tokens: readonly number[]; visit: (logits: Float32Array, count: number) => void },
  control: JobControl,
): Promise<void> {
  let count = 0;
  for (const chunk of chunksOf(tokens, limits.likelihoodChunkTokens)) {
    await passCheckpoint(control);
    for (const logits of await sequence.read(chunk, 'all')) visit(logits, ++count);
  }
}

/** ln p of a token. */
export function logProbability(logits: Float32Array, token: number): number {
  const peak = logits[argmax(logits)]!;
  return logits[token]! - logSumExp(logits, peak);
}
