/**
 * Examples of the readers' format without a fact of any domain: invented things with invented properties. Owns the control that
 * tells learning the form from learning a domain (docs/spec/training.md, clause T16).
 */
import { createPrng, type Prng } from '../models/tiny/prng.ts';
import type { TrainingExample } from './batch.ts';
import { limits } from './limits.ts';
import { REFUSAL, readerPrompt } from './reader-prompt.ts';

const ONSETS = [
  'b',
  'd',
  'f',
  'g',
  'k',
  'l',
  'm',
  'n',
  'p',
  'r',
  's',
  't',
  'v',
  'z',
  'br',
  'dr',
  'kl',
  'tr',
  'st',
] as const;
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'ai', 'ou'] as const;
const ENDS = ['', 'n', 'r', 's', 'l', 'm', 'th', 'k'] as const;

const REFUSAL_PERCENT = 20;

/** `count` examples that follow from the seed alone. */
export function formatExamples({ count, seed }: { readonly count: number; readonly seed: number }): TrainingExample[] {
  const prng = createPrng(seed);
  return Array.from({ length: Math.min(count, limits.examplesMax) }, () => formatExample(prng));
}

function formatExample(prng: Prng): TrainingExample {
  const [thing, property, other] = [capital(word(prng)), word(prng), word(prng)];
  const value = inventedValue(prng);
  const isRefusal = prng.uint32() % 100 < REFUSAL_PERCENT;
  const passage = pick([`The ${property} of ${thing} is ${value}.`, `${thing} has the ${property} ${value}.`], prng);
  const asked = isRefusal ? other : property;
  const question = pick(
    [
      `What is the ${asked} of ${thing}?`,
      `Which ${asked} does ${thing} have?`,
      `${thing} ${asked}`,
      `${asked} of ${thing}?`,
    ],
    prng,
  );
  return { prompt: readerPrompt(question, [passage]), answer: isRefusal ? REFUSAL : value };
}

function inventedValue(prng: Prng): string {
  const number = prng.uint32() % 10_000;
  return pick(
    [capital(word(prng)), `${capital(word(prng))} ${capital(word(prng))}`, `${number}`, `${number} ${word(prng)}s`],
    prng,
  );
}

function word(prng: Prng): string {
  const syllables = 2 + (prng.uint32() % 2);
  return Array.from({ length: syllables }, () => pick(ONSETS, prng) + pick(VOWELS, prng)).join('') + pick(ENDS, prng);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function pick<T>(items: readonly T[], prng: Prng): T {
  return items[prng.uint32() % items.length]!;
}
