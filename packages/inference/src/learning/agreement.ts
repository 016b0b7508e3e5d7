/** Whether two corrections are of one question, and whether they say the same. Owns both comparisons; they read words and numbers, no model. */
import { FUNCTION_WORDS, stem, type Word, wordsOf } from '../retrieval/words.ts';
import { readAnswer } from '../scoring/reading.ts';
import { stated, toValue } from '../scoring/stated.ts';

/** A question and what is to be answered. */
export type Claim = { readonly prompt: string; readonly answer: string };

/** Share of their words that prompts of one question have in common. */
const ALIKE_FROM = 0.75;
/** Share of a value that must be stated. */
const SAME_FROM = 0.6;

/** Prompts with the same words but for a few; names and numbers must be the same ones. */
export function isSameQuestion(a: Claim, b: Claim): boolean {
  const first = contentOf(a.prompt);
  const second = contentOf(b.prompt);
  const all = new Set([...first.keys(), ...second.keys()]);
  const different = [...all].filter((word) => !(first.has(word) && second.has(word)));
  const isDecisive = (word: string) => /\d/.test(word) || (first.get(word) ?? second.get(word)) === true;
  if (different.some(isDecisive)) return false;
  return all.size > 0 && (all.size - different.length) / all.size >= ALIKE_FROM;
}

/** Whether both answers add the same to their questions: a sentence that repeats its question says what it adds. */
export function addSame(a: Claim, b: Claim): boolean {
  return isSameQuestion({ prompt: addedBy(a), answer: '' }, { prompt: addedBy(b), answer: '' });
}

function addedBy({ prompt, answer }: Claim): string {
  const asked = new Set(wordsOf(prompt).map(({ norm }) => stem(norm)));
  const added = wordsOf(answer).filter(({ norm }) => !asked.has(stem(norm)));
  return added.map(({ raw }) => raw).join(' ');
}

/** Content stems, and whether each is written as a name. The first word is one only if it stands there otherwise, too. */
function contentOf(prompt: string): Map<string, boolean> {
  const words = wordsOf(prompt).filter(({ norm }) => !FUNCTION_WORDS.has(norm));
  const isName = ({ raw, start }: Word) => start > 0 && /^\p{Lu}/u.test(raw);
  return new Map(words.map((word) => [stem(word.norm), isName(word)]));
}

/** Each way: one states the value that the other gives. */
export function saySame(a: Claim, b: Claim): boolean {
  return states(a.answer, b.answer) || states(b.answer, a.answer);
}

/** Whether some sentence of `text`, not a denial, states `value`; `others` are further names of it. */
export function states(text: string, value: string, others: readonly string[] = []): boolean {
  const wanted = toValue(value, others);
  return readAnswer(text).sentences.some((sentence) => !sentence.isNegated && stated(wanted, sentence) >= SAME_FROM);
}
