/**
 * Words of questions and passages in the form in which they are compared. Owns normalisation, a light English stemmer and the function
 * words; nothing here knows of passages.
 */

/** A word where it stands: `start` and `end` are offsets in the text it came from. */
export type Word = { readonly norm: string; readonly raw: string; readonly start: number; readonly end: number };

const WORD = /\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[\p{L}\p{N}\p{M}]+(?:\+\+|#)?/gu;

/** Words of a text in order; lower case, without accents, digits without thousands separators, possessive endings dropped. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const match of text.replace(/(?<=\p{L})['’](?=s\b)/gu, ' ').matchAll(WORD)) {
    const raw = match[0];
    const isPossessive = raw === 's' && match.index > 0 && /['’]/.test(text[match.index - 1]!);
    if (!isPossessive) words.push({ norm: normalise(raw), raw, start: match.index, end: match.index + raw.length });
  }
  return words;
}

/** The words' normal forms alone. */
export const normsOf = (text: string): string[] => wordsOf(text).map((word) => word.norm);

function normalise(raw: string): string {
  if (/^\d/.test(raw)) return raw.replace(/[,\u00a0\u202f]/g, '').toLowerCase();
  return raw.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** English plural and verb endings taken off, so that `melts` meets `melt` and `melting`; other words stay. */
export function stem(norm: string): string {
  if (norm.length < 4 || !/^[a-z]+$/.test(norm)) return norm;
  const bare = norm
    .replace(/(?:ies)$/, 'y')
    .replace(/(?<=ss|x|ch|sh)es$/, '')
    .replace(/(?<=[^su])s$/, '');
  const verb = bare.replace(/(?<=[a-z]{3})(?:ing|ed|e)$/, '');
  return verb.replace(/([bdgmnprt])\1$/, '$1');
}

/** Words that ask or join and say nothing of what is asked for. */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  (
    'a an the of is are was were be been being am in on at to and or by it its for from with that this these those there has have had ' +
    'do does did which who whom whose what when where why how as not but they them their he she his her you your we our i me my can could ' +
    'will would should shall may might must also so than then very into about if any some such please tell give name say know want need let us ' +
    'through across over under between near around along during within per each every both either off out up down only still ' +
    'one ones much many exactly actually really called just hey hi hello thanks thank ok okay s t re ll ve d m whats'
  ).split(' '),
);

/**
 * Stems that people use about anything. A passage that lacks one is hardly less likely to answer, however rare the word
 * is among the passages: "the currency used in Thailand" is its currency.
 */
export const EVERYDAY_STEMS: ReadonlySet<string> = new Set(
  (
    'use used using flow run pass lie locate situate find found take get got give make made keep hold go come happen work call know known ' +
    'refer mean stand look see show people person folk man woman thing stuff kind type sort form part place area spot way side end top bottom ' +
    'big small large little great high low long short good bad main major common famous popular usual normal typical general special ' +
    'modern current today now nowadays present time day ever world earth word term official correct exact specific certain ' +
    'first last next new old other another same different belong own live exist consist contain include add put set turn become start begin ' +
    'stop help allow let try ask answer think guess remember forget tell explain describe define list identify stay'
  )
    .split(' ')
    .map(stem),
);

/** Content words of a question or passage, stemmed, each once. */
export function termsOf(norms: readonly string[]): Set<string> {
  return new Set(norms.filter((norm) => !FUNCTION_WORDS.has(norm)).map(stem));
}
