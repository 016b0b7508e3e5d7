/**
 * Whether a text states a value: by its name or another one, by an equal number, or in other words. Owns the comparison of one value with
 * one sentence; which value was asked for is belief.ts.
 */
import { isFunctionWord, words } from './key-terms.ts';
import { isSameQuantity, type Quantity, quantities } from './quantities.ts';
import type { Sentence } from './reading.ts';

export type Value = {
  /** Ways to write it; the first is the canonical one. */
  readonly names: readonly Name[];
  /** The numbers it consists of; empty for names and phrases. */
  readonly quantities: readonly Quantity[];
  /** Parts of a list ("French and English"), each in words; one part otherwise. Function words are left out. */
  readonly parts: readonly (readonly string[])[];
  /** "not inherited": other words for it must deny too. */
  readonly isNegated: boolean;
};

type Name = {
  readonly text: string;
  readonly words: readonly string[];
  readonly pattern: RegExp;
  /** What any text with the name in it contains, in small letters. */
  readonly start: string;
  /** Written with signs or with letters and digits in one (`O(n)`, `<title>`, `G47.0`): another sign is another thing. */
  readonly isCode: boolean;
};

/** What the stem of a single word counts. */
const ONE_WORD = 0.9;
/** Below this share of its words, a phrase of several words is not the same phrase. */
const PHRASE_FROM = 0.3;
/** Words that may stand in a value beside its numbers without making it a name. */
const UNIT_WORDS = new Set(
  words(
    'sq square cubic km m cm mm nm pm mi miles mile feet ft kilometres kilometers metres meters centimetres centimeters percent degrees degree celsius ' +
      'kelvin c k f g kg mg mcg cm3 kg m3 l ml dl mol mmol mmhg bpm beats minute minutes hours days weeks months years year times u da ' +
      'million billion trillion people inhabitants ev kj hz pa bar bits bytes iu up between and more less than about per est to microlitre litre decilitre',
  ),
);

/** One number and what it counts ("24 ribs in the human body"). */
const LED_BY_NUMBER = /^[~≈]?[-−]?[\d.,]+(?:\s[^\d]*)?$/;
/** What makes a code of a name: a sign, letters and digits in one, or points within. */
const CODE = /[\p{L}][\d]|[\d][\p{L}]|[\d]\.[\d]+\.|[()<>{}[\]=$#_*+\\|&^@:]|\p{L}[./]\p{L}|^[^\p{L}\d\s]/u;
const NEGATED = /^(?:not|no|never)\s/i;

/** A value, ready to be looked for. `others` are further names of the same thing. */
export function toValue(text: string, others: readonly string[] = []): Value {
  const core = withoutBrackets(text);
  const bare = core.replace(/^[^\p{L}\d([]+(?=[\p{L}\d])/u, '');
  const plainest = bare.replace(/^(?:an?|the)\s+/i, '');
  const alternatives = /\sor\s/.test(core) && !/\d/.test(core) ? core.split(/\s*,\s*(?:or\s+)?|\s+or\s+/) : [];
  const either = alternatives.filter((name) => name.length >= ALTERNATIVE_CHARACTERS_MIN);
  const names = [...new Set([text, core, bare, plainest, ...either, ...others])]
    .filter((name) => words(name).length > 0 || name.length > 0)
    .map(toName);
  const own = quantities(core);
  const plain = words(core.normalize('NFKC'));
  const isNumeric =
    own.length > 0 &&
    (LED_BY_NUMBER.test(core) ||
      plain.every((word) => /\d/.test(word) || UNIT_WORDS.has(word) || isFunctionWord(word)));
  return {
    names,
    quantities: isNumeric ? own : [],
    parts: isNumeric || isCode(core) ? [] : toParts(core),
    isNegated: NEGATED.test(core),
  };
}

/** "Locks or atomic operations": each of the two is right. Shorter ones are no names by themselves. */
const ALTERNATIVE_CHARACTERS_MIN = 4;

/** Brackets behind a name explain it; those within belong to it ("O(n)"). */
const withoutBrackets = (text: string): string => text.replace(/\s+\([^()]*\)/g, '').trim() || text;

/** Signs, or letters and digits in one word; a phrase of words only if it has signs that phrases do not have. */
const isCode = (text: string): boolean => {
  const core = withoutBrackets(text);
  if (!/\s/.test(core) && /\d/.test(core) && /\p{L}/u.test(core)) return true;
  return CODE.test(core) && (!/\s\p{L}{2,}/u.test(core) || /[()[\]{}<>=]/.test(core));
};

function toName(text: string): Name {
  const isWord = /^\p{Ll}{3}$/u.test(text);
  const isSymbol =
    (text.length <= 3 && !isWord) || (/[\d\p{Lu}]/u.test(text.slice(1)) && !text.includes(' ') && text.length <= 6);
  const code = isCode(text);
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, code ? '\\s*' : '\\s+');
  return {
    text,
    words: words(text),
    start: text.toLowerCase().split(/\s/)[0]!,
    isCode: code,
    pattern: new RegExp(`(?<![\\p{L}\\d]|\\d[.,])${escaped}(?![\\p{L}\\d+#]|[.,]\\d)`, isSymbol ? 'u' : 'iu'),
  };
}

function toParts(text: string): string[][] {
  const parts = text.split(/\s*[,;/]\s*|\s+(?:and|or)\s+/).map((part) =>
    words(part)
      .filter((word) => !isFunctionWord(word))
      .map(stem),
  );
  return parts.filter((part) => part.length > 0);
}

/** 0 … 1: 1 when the sentence states the value, a share when it states part of it or says it in other words. */
export function stated(value: Value, sentence: Sentence): number {
  if (value.quantities.length > 0) return statedNumbers(value.quantities, sentence.quantities);
  if (isNamedIn(value, sentence)) return 1;
  if (value.parts.length === 0 || (value.isNegated && !sentence.isNegated)) return 0;
  const found = new Set(sentence.words.map(stem));
  return statedWords(value.parts, found) * numbersKept(value.parts, found);
}

/** Whether a sentence has one of the value's names, whole. */
export const isNamedIn = (value: Value, sentence: Sentence): boolean =>
  value.names.some((name) => isNamed(name, sentence));

/** Numbers and codes in a phrase ("17 May", "two to five times") may be left out, but not replaced: the share of them that is there, if others are. */
function numbersKept(parts: readonly (readonly string[])[], found: ReadonlySet<string>): number {
  const numbers = parts.flat().filter((word) => /\d/.test(word));
  if (numbers.length === 0 || ![...found].some((word) => /\d/.test(word) && !numbers.includes(word))) return 1;
  return numbers.filter((word) => found.has(word)).length / numbers.length;
}

function statedNumbers(wanted: readonly Quantity[], found: readonly Quantity[]): number {
  const hits = wanted.filter((quantity) => found.some((other) => isSameQuantity(quantity, other))).length;
  return hits === wanted.length ? 1 : (0.5 * hits) / wanted.length;
}

function isNamed({ text, words: name, pattern, start, isCode: code }: Name, sentence: Sentence): boolean {
  if (sentence.text.toLowerCase().includes(start) && pattern.test(sentence.text)) return true;
  // A code without its signs is itself only where nothing else is said.
  if (code && sentence.words.length !== name.length) return false;
  // Accents, hyphens and case aside; symbols and short names are only themselves.
  if (name.length === 0 || text.length <= 3) return false;
  return (
    sentence.words.some((_, at) => name.every((word, i) => sentence.words[at + i] === word)) ||
    isRunTogether(name.join(''), sentence.words)
  );
}

/** Shorter names may come about by chance. */
const RUN_TOGETHER_CHARACTERS_MIN = 6;

/** "Knee cap" is the kneecap. */
function isRunTogether(name: string, found: readonly string[]): boolean {
  if (name.length < RUN_TOGETHER_CHARACTERS_MIN || /\d/.test(name)) return false;
  return found.some((_, at) => {
    let end = at;
    let length = 0;
    while (length < name.length && end < found.length && name.startsWith(found[end]!, length))
      length += found[end++]!.length;
    return length === name.length;
  });
}

function statedWords(parts: readonly (readonly string[])[], found: ReadonlySet<string>): number {
  const all = parts.flat();
  if (all.length === 0) return 0;
  // One word in another form ("manual", "manually"): nearly itself, if it is no symbol.
  if (all.length === 1) return found.has(all[0]!) && /^\p{L}{3,}$/u.test(all[0]!) ? ONE_WORD : 0;
  const whole = parts.filter((part) => part.every((word) => found.has(word))).length / parts.length;
  const share = all.filter((word) => found.has(word)).length / all.length;
  // A list counts by its items; a phrase by its words, the more the longer it is.
  if (parts.length > 1 && all.length <= 3 * parts.length) return whole;
  if (all.length === 2) return share === 1 ? 1 : 0.25 * share;
  return share < PHRASE_FROM ? 0 : Math.min(1, (share - PHRASE_FROM) / (0.8 - PHRASE_FROM));
}

/** Cuts the commonest endings: plural and verb forms of one word compare equal. */
export function stem(word: string): string {
  if (word.length < 5 || /\d/.test(word))
    return word.length > 3 && /[^s]s$/.test(word) && !/\d/.test(word) ? word.slice(0, -1) : word;
  return word
    .replace(/(?:ies|ied)$/, 'y')
    .replace(/(?:ing|edly|ed|es|s|ly)$/, '')
    .replace(/([^aeiou])\1$/, '$1')
    .replace(/e$/, '');
}
