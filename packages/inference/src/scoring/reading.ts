/**
 * What a judge sees of an answer: sentences with their words and numbers, and whether it declines to answer. Owns splitting and the signs of
 * refusal. Nothing read here is ever an instruction: it is only compared.
 */
import { isFunctionWord, words, wordsAsWritten } from './key-terms.ts';
import { limits } from './limits.ts';
import { type Quantity, quantities } from './quantities.ts';

export type Sentence = {
  readonly text: string;
  readonly words: readonly string[];
  /** The same words with their capitals: "As" may be arsenic, "as" is not. */
  readonly written: readonly string[];
  readonly quantities: readonly Quantity[];
  /** Says that something is not so. */
  readonly isNegated: boolean;
};

export type Reading = { readonly text: string; readonly sentences: readonly Sentence[]; readonly isRefusal: boolean };

const REFUSAL =
  /\b(?:do(?:es)? ?n[o']t (?:really |actually )?(?:know|have (?:that|this|any|enough|the)|say|mention|state)|don['’]t (?:really |actually )?(?:know|have (?:that|this|any|enough|the))|not (?:sure|known to me|in my (?:knowledge|sources|passages))|no idea|unable to (?:answer|say|find|tell)|can(?:not|['’]t| not) (?:answer|say|find|tell|help)|couldn['’]t find|could not find|no (?:information|passage|source|record|data)|(?:is|are) unknown|nothing (?:is )?known|insufficient information)\b/i;
const NEGATION =
  /\b(?:not|never|isn['’]t|aren['’]t|wasn['’]t|weren['’]t|doesn['’]t|don['’]t|didn['’]t|cannot|neither|nor|rather than|instead of)\b/i;
/** A refusal that goes on to state something is judged by what it states. */
const REFUSAL_WORDS_MAX = 40;

/** Reads a normalised answer (judge.ts). Sentences beyond the maximum are read as part of the last one. */
export function readAnswer(text: string): Reading {
  const sentences = splitSentences(text).map(readSentence);
  return { text, sentences, isRefusal: isRefusal(text) };
}

/** Whether a text declines to answer. */
export const isRefusal = (text: string): boolean => REFUSAL.test(text) && words(text).length <= REFUSAL_WORDS_MAX;

/** Where a text's words of refusal begin and end, in characters; null where it declines nothing. */
export function refusalIn(text: string): readonly [from: number, to: number] | null {
  const match = REFUSAL.exec(text);
  if (match === null) return null;
  const who = WHO_DECLINES.exec(text.slice(0, match.index))?.[0].length ?? 0;
  return [match.index - who, match.index + match[0].length];
}

/** Belongs to the refusal behind it. */
const WHO_DECLINES = /(?:\b(?:sorry,?|i|we|it|this)\s+)+$/i;

/** "One would say": nobody counts here. */
const PRONOUN_ONE = /\bone (?=(?:would|could|should|might|must|may|can|says?|has to|of)\b)/gi;

export function readSentence(text: string): Sentence {
  const counted = text.replace(PRONOUN_ONE, '');
  return {
    text,
    words: words(counted),
    written: wordsAsWritten(counted),
    quantities: quantities(counted),
    isNegated: NEGATION.test(text),
  };
}

/** Cuts after `.`, `!`, `?` or a line break; not within numbers or after initials. */
const SENTENCE_END = /(?<=(?:[^\s.]{2}|\d|\s\p{Ll})[.!?]["”')\]]?)\s+(?=[-−+]?[\p{Lu}\d"“'([{<#*])|\s*\n+\s*/u;
/** "208.98 u. The …", "Lyon The capital of …": a small word begins with a capital only where a sentence begins, whatever stands before it. */
const SENTENCE_STARTS = /(?<=(?<before>[\p{L}\d]+)[^\p{L}\d\s,;:]*)\s+(?=(?<start>\p{Lu}\p{Ll}+)\s\p{Ll})/gu;

/** All sentences, however many. */
export const sentencesOf = (text: string): string[] =>
  text
    .split(SENTENCE_END)
    .flatMap(splitAtStarts)
    .filter((part) => part.trim() !== '');

function splitSentences(text: string): string[] {
  const parts = sentencesOf(text);
  if (parts.length <= limits.sentencesMax) return parts;
  const kept = parts.slice(0, limits.sentencesMax - 1);
  return [...kept, parts.slice(limits.sentencesMax - 1).join(' ')];
}

/** Cuts before capitalised grammar words; not behind another one ("is The Hague"), nor in titles, where the next word has a capital too. */
function splitAtStarts(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const { index, groups, 0: space } of text.matchAll(SENTENCE_STARTS)) {
    if (isFunctionWord(groups!['before']!.toLowerCase()) || !isFunctionWord(groups!['start']!.toLowerCase())) continue;
    parts.push(text.slice(from, index));
    from = index + space.length;
  }
  return [...parts, text.slice(from)];
}
