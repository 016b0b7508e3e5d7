/**
 * Whether a phrasing says no more than its quote. Owns the check (answering §4): a phrasing that passes may be clumsy, but every word of
 * substance in it stands in the quote, in the quote's order, and it holds the value.
 */
import { FUNCTION_WORDS, normsOf, stem } from '../retrieval/words.ts';
import { limits } from './limits.ts';
import { hasRun } from './peers.ts';

const NEGATIONS = new Set('not no never none neither nor without cannot nothing except unlike lacks lack'.split(' '));
const COMPARATIVES = new Set(
  'more less most least fewer fewest higher highest lower lowest larger largest smaller smallest bigger biggest longer longest shorter shortest older oldest newer newest over under above below about approximately nearly almost at before after only'.split(
    ' ',
  ),
);

/** The phrasing's verdict on itself: null when faithful, else why not. */
export function unfaithful(phrasing: string, quote: { text: string; value: string }): string | null {
  const words = normsOf(phrasing);
  const quoted = normsOf(quote.text);
  if (words.length === 0 || words.length > limits.phrasingWordsMax) return 'length';
  if (!hasRun(words, normsOf(quote.value))) return 'value';
  if (!sameSigns(phrasing, quote.text)) return 'sign';
  if (negates(phrasing) !== negates(quote.text)) return 'negation';
  if (words.some((word) => COMPARATIVES.has(word) && !quoted.includes(word))) return 'comparison';
  return inOrder(words.filter(isSubstance), quoted) ? null : 'words';
}

const isSubstance = (word: string): boolean => /\d/.test(word) || !FUNCTION_WORDS.has(word);

function negates(text: string): boolean {
  return /n['’]t\b/i.test(text) || normsOf(text).some((word) => NEGATIONS.has(word));
}

/** Signs and units that are not words: every one of the phrasing stands in the quote. */
function sameSigns(phrasing: string, quote: string): boolean {
  const signs = phrasing.match(/[%°$€£¥µ×±<>≤≥~]|(?<=^|\s)[-−](?=\d)/gu) ?? [];
  return signs.every((sign) => quote.includes(sign));
}

/** Every word stands in the quote, in the same order: turning subject and value around would keep all words. */
function inOrder(words: readonly string[], quoted: readonly string[]): boolean {
  const stems = quoted.map(stem);
  let at = 0;
  for (const word of words) {
    const found = stems.indexOf(stem(word), at);
    if (found < 0) return false;
    at = found + 1;
  }
  return true;
}
