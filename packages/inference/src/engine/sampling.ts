/**
 * Chooses the next token from logits. Owns greedy, temperature and nucleus sampling and the seeded generator;
 * the same logits, profile and seed always give the same token.
 */
import type { GenerationProfile } from '../client/protocol.ts';
import { EngineError } from './errors.ts';
import { limits } from './limits.ts';

export type Sampling = Pick<GenerationProfile, 'temperature' | 'topP'>;

/** Uniform 32-bit integers from a 32-bit seed: a Weyl sequence through a multiply-xorshift mixer (period 2³²). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

/** Index of the largest value, the lowest index on ties. Throws MODEL_ERROR when no value is finite. */
export function argmax(logits: Float32Array): number {
  let best = -1;
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) {
    if (logits[i]! > largest) {
      largest = logits[i]!;
      best = i;
    }
  }
  if (best < 0) throw unusable();
  return best;
}

const unusable = (): EngineError =>
  new EngineError(
    'MODEL_ERROR',
    'The model returned logits that are no finite numbers. Use its full precision, or let the model folder be made again.',
  );

/** ln Σ exp(logits), from the row's largest value `peak`. Throws MODEL_ERROR where a value is no number or without bound: then nothing has a probability. */
export function logSumExp(logits: Float32Array, peak: number): number {
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - peak);
  if (!Number.isFinite(sum)) throw unusable();
  return peak + Math.log(sum);
}

/** −1000 · ln p, rounded and clipped to what a record holds. */
export function toMilliNats(logProbability: number): number {
  return Math.min(limits.milliNatsMax, Math.max(0, Math.round(-1000 * logProbability)));
}

/** The next token, with the milli-nats the *unmodified* distribution gives it (temperature and top-p do not enter). */
export function chooseToken(
  logits: Float32Array,
  sampling: Sampling,
  random: () => number,
): { token: number; milliNats: number } {
  const best = argmax(logits);
  const peak = logits[best]!;
  const sum = logSumExp(logits, peak);
  const token = sampling.temperature > 0 ? sampleNucleus(logits, peak, sampling, random) : best;
  return { token, milliNats: toMilliNats(logits[token]! - sum) };
}

/** Below this many nats under the peak a token cannot be drawn in practice; leaving it out keeps the sort short. */
const TAIL_NATS = 16;

function sampleNucleus(
  logits: Float32Array,
  peak: number,
  { temperature, topP }: Sampling,
  random: () => number,
): number {
  const candidates: { index: number; weight: number }[] = [];
  let total = 0;
  for (let index = 0; index < logits.length; index++) {
    const nats = (logits[index]! - peak) / temperature;
    if (nats < -TAIL_NATS) continue;
    const weight = Math.exp(nats);
    total += weight;
    candidates.push({ index, weight });
  }
  candidates.sort((a, b) => b.weight - a.weight || a.index - b.index);
  let kept = 0;
  let mass = 0;
  while (kept < candidates.length && mass < topP * total) mass += candidates[kept++]!.weight;
  let left = (random() / 2 ** 32) * mass;
  for (let i = 0; i < kept; i++) {
    left -= candidates[i]!.weight;
    if (left < 0) return candidates[i]!.index;
  }
  return candidates[Math.max(0, kept - 1)]!.index;
}
