/**
 * The words an answer adds to its question, and how many of them another answer supports. Owns the normalisation of words.
 * English function words only: in other languages every word counts, which is harmless because both sides are treated alike.
 */

const FUNCTION_WORDS = new Set(
  (
    'a an the of is are was were be been am in on at to and or by it its for from with that this these those there has have had ' +
    'do does did which who whom whose what when where why how as not but they them their he she his her you your we our i can ' +
    'will would also so than then very into'
  ).split(' '),
);

const NUMBER_WORDS = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');

/** Whether an English word carries grammar alone. */
export const isFunctionWord = (word: string): boolean => FUNCTION_WORDS.has(word);

/** Lower-case words without accents; small numbers written out become digits, thousands separators vanish. */
export function words(text: string): string[] {
  return wordsAsWritten(text.toLowerCase()).map(numbered);
}

/** The same words in the capitals of the text, none of them turned into digits. */
export function wordsAsWritten(text: string): string[] {
  const plain = text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/(\d),(?=\d{3})/g, '$1');
  return plain.match(/\d+(?:\.\d+)?|[\p{L}\p{N}]+/gu) ?? [];
}

const numbered = (word: string): string => (NUMBER_WORDS.includes(word) ? String(NUMBER_WORDS.indexOf(word)) : word);

/** Distinct words of an answer that are neither function words nor in the question. */
export function keyTerms(answer: string, question: string): Set<string> {
  const asked = new Set(words(question));
  return new Set(words(answer).filter((word) => !FUNCTION_WORDS.has(word) && !asked.has(word)));
}

/** Share of `terms` among `reference`, 0 … 1; an answer that adds nothing to its question supports nothing. */
export function overlap(terms: ReadonlySet<string>, reference: ReadonlySet<string>): number {
  if (terms.size === 0) return 0;
  let shared = 0;
  for (const term of terms) if (reference.has(term)) shared++;
  return shared / terms.size;
}
