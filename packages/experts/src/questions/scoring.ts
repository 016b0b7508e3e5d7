/**
 * Whether an answer is right. Owns normal forms of text and the three measures of the benchmark: contains, strict and
 * F1 (spec: knowledge §7). Judging between answers without knowing the truth is the worker's.
 */
import type { Question } from './question.ts';

export type Golden = Pick<Question, 'question' | 'subject' | 'gold' | 'caseSensitive'>;

/** Words that may surround a short answer at no cost. */
const FILLERS: ReadonlySet<string> = new Set(
  'the a an of is are was were in at on and to by its it for from with that this has have had which answer m km sq k years square kilometres kelvin'.split(
    ' ',
  ),
);

const STRICT_EXTRA_WORDS = 2;
const STRICT_WORDS = 25;

/** Lower-case words without accents, thousands separators and punctuation; `-5.2` stays one word. */
export function normalWords(text: string): readonly string[] {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/(\d),(?=\d)/g, '$1')
    .replace(/[^\p{L}\d.-]+/gu, ' ')
    .replace(/\.(?!\d)/g, ' ')
    .replace(/(^|\s)-(?!\d)/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
}

/** Whether one of the golds stands in the answer as whole words. */
export function contains(answer: string, question: Golden): boolean {
  if (question.caseSensitive) return question.gold.some((gold) => standsAlone(answer, gold));
  const words = normalWords(answer);
  return question.gold.some((gold) => hasRun(words, normalWords(gold)));
}

/** Whether the answer contains a gold and says little else: at most two words that neither question nor gold hold. */
export function strict(answer: string, question: Golden): boolean {
  if (!contains(answer, question)) return false;
  const words = normalWords(answer);
  const known = new Set([question.question, question.subject, ...question.gold].flatMap(normalWords));
  const extra = new Set(words.filter((word) => !FILLERS.has(word) && !known.has(word)));
  return extra.size <= STRICT_EXTRA_WORDS && words.length <= STRICT_WORDS;
}

/** The best F1 of the answer's words against a gold's, 0 to 1. */
export function f1(answer: string, question: Pick<Golden, 'gold'>): number {
  const words = normalWords(answer);
  return Math.max(0, ...question.gold.map((gold) => f1Of(words, normalWords(gold))));
}

function f1Of(answer: readonly string[], gold: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of gold) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of answer) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    shared += 1;
  }
  return shared === 0 ? 0 : (2 * shared) / (answer.length + gold.length);
}

function standsAlone(answer: string, gold: string): boolean {
  const isLetter = (character: string | undefined) => character !== undefined && /[A-Za-z]/.test(character);
  for (let at = answer.indexOf(gold); at >= 0 && gold !== ''; at = answer.indexOf(gold, at + 1)) {
    if (!isLetter(answer[at - 1]) && !isLetter(answer[at + gold.length])) return true;
  }
  return false;
}

function hasRun(words: readonly string[], run: readonly string[]): boolean {
  if (run.length === 0) return false;
  return words.some((_, start) => run.every((word, offset) => words[start + offset] === word));
}
