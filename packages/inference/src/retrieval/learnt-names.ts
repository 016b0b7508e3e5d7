/**
 * What a correction is about, and whether a question is about the same: the guard before any likeness is measured (answering §10.2). Owns the names of
 * a prompt and how they may be said otherwise; likeness is learnt-features.ts.
 */
import type { Link } from './name-index.ts';
import { EVERYDAY_STEMS, FUNCTION_WORDS, stem, type Word } from './words.ts';

/** A text as it is compared: its words, the subjects of published knowledge that it names, and which of its words are names. */
export type NamedText = {
  readonly words: readonly Word[];
  readonly links: readonly Link[];
  /** Places of words that are names or hold digits: by their capitals, or because nobody knows them. */
  readonly names: ReadonlySet<number>;
};

/** What published knowledge says about words; nothing where there is none. */
export type Vocabulary = {
  /** The stem stands in a passage; null where there is no knowledge to tell. */
  readonly isKnown: ((term: string) => boolean) | null;
  /** The stem belongs to how people ask for a relation. */
  readonly isRelationWord: (term: string) => boolean;
};

/** Words that say what kind of thing a name is: people leave them out. */
const KIND_WORDS: ReadonlySet<string> = new Set(
  'mount mountain lake river sea city town village republic kingdom state province county district island company corporation mineral element compound dr mr mrs ms prof professor'.split(
    ' ',
  ),
);

/** From so many words on a text whose words nearly all have capitals says nothing by them. */
const TITLE_WORDS_MIN = 3;
const TITLE_SHARE = 0.8;

/** Reads the names of a text; `around` are the stems of a text beside it, which may bear out the first word and unknown ones. */
export function readNames(
  words: readonly Word[],
  links: readonly Link[],
  { vocabulary, around = null }: { vocabulary: Vocabulary; around?: ReadonlySet<string> | null },
): NamedText {
  const content = words.filter(({ norm }) => !FUNCTION_WORDS.has(norm));
  const isTitled =
    content.length >= TITLE_WORDS_MIN && content.filter(hasCapital).length >= TITLE_SHARE * content.length;
  const isName = (word: Word, i: number): boolean => {
    const term = stem(word.norm);
    if (/\d/.test(word.norm)) return true;
    if (FUNCTION_WORDS.has(word.norm)) return false;
    if (i > 0 && !isTitled && hasCapital(word)) return true;
    if (around === null || !around.has(term) || vocabulary.isRelationWord(term)) return false;
    return vocabulary.isKnown !== null && !vocabulary.isKnown(term) && !EVERYDAY_STEMS.has(term);
  };
  return { words, links, names: new Set(words.flatMap((word, i) => (isName(word, i) ? [i] : []))) };
}

const hasCapital = ({ raw }: Word): boolean => /^\p{Lu}/u.test(raw);
const placesOf = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

/** A correction's prompt and passage, read for the guard. */
export type Subject = {
  readonly prompt: NamedText;
  /** Stems of prompt and passage. */
  readonly terms: ReadonlySet<string>;
  /** Norms of the passage in order, and stems of those that stand with a capital inside its sentences. */
  readonly norms: readonly string[];
  /** Places in the prompt of the words that a question must say; what the correction is about. */
  readonly anchors: readonly number[];
};

/**
 * What the correction is about: names of the prompt, those first that the passage says too; else subjects of published knowledge; without any, all
 * words that prompt and passage share.
 */
export function subjectOf(prompt: NamedText, textWords: readonly Word[], vocabulary: Vocabulary): Subject {
  const textTerms = new Set(textWords.map(({ norm }) => stem(norm)));
  const capitals = new Set(textWords.filter((word, i) => i > 0 && hasCapital(word)).map(({ norm }) => stem(norm)));
  const terms = new Set([...prompt.words.map(({ norm }) => stem(norm)), ...textTerms]);
  const termAt = (i: number) => stem(prompt.words[i]!.norm);
  const content = [...prompt.words.keys()].filter((i) => !FUNCTION_WORDS.has(prompt.words[i]!.norm));
  const named = content.filter(
    (i) => prompt.names.has(i) || (capitals.has(termAt(i)) && !vocabulary.isRelationWord(termAt(i))),
  );
  const borne = named.filter((i) => textTerms.has(termAt(i)));
  const linkedPlaces = new Set(prompt.links.flatMap(({ firstWord, wordCount }) => placesOf(firstWord, wordCount)));
  const linked = content.filter((i) => linkedPlaces.has(i) && textTerms.has(termAt(i)));
  const things = linked.filter((i) => !vocabulary.isRelationWord(termAt(i)));
  const shared = content.filter((i) => textTerms.has(termAt(i)) && !EVERYDAY_STEMS.has(termAt(i)));
  const chosen = [borne, named, things, linked, shared, content].find((list) => list.length > 0) ?? [];
  const telling = chosen.filter((i) => !KIND_WORDS.has(prompt.words[i]!.norm));
  return {
    prompt,
    terms,
    norms: textWords.map(({ norm }) => norm),
    anchors: telling.length === 0 ? chosen : telling,
  };
}

/** How a question is about what a correction is about; the places of the words that say so. */
export type Guard = {
  /** `named`: it says what the correction is about. `reversed`: it says what the passage says of it. */
  readonly way: 'named' | 'reversed';
  readonly questionPlaces: ReadonlySet<number>;
};

/** Null where the question names something else, or not what the correction is about. */
export function guard(question: NamedText, subject: Subject): Guard | null {
  const places = anchorPlaces(question, subject);
  const spoken = [...question.names].filter((i) => !isSpoken(question, i, subject, places));
  if (spoken.length > 0) return null;
  if (places !== null) return { way: 'named', questionPlaces: places };
  const terms = new Set(subject.norms.map(stem));
  const told = [...question.names].filter((i) => terms.has(stem(question.words[i]!.norm)));
  const isAbout = told.length > 0 && told.length === question.names.size;
  return isAbout ? { way: 'reversed', questionPlaces: new Set(told) } : null;
}

/** Places of the question's words that say all anchors; null where one is missing. */
function anchorPlaces(question: NamedText, { prompt, anchors }: Subject): Set<number> | null {
  const places = new Set<number>();
  const aliased = aliasedPlaces(question, prompt);
  const missing = anchors.filter((i) => {
    const found = question.words.flatMap(({ norm }, at) => (isSame(norm, prompt.words[i]!.norm) ? [at] : []));
    for (const at of found) places.add(at);
    return found.length === 0 && !aliased.prompt.has(i);
  });
  if (missing.length === 0) return new Set([...places, ...aliased.question]);
  const short = abbreviated(question, prompt, missing) ?? abbreviated(prompt, question, null, missing);
  return short === null ? null : new Set([...places, ...aliased.question, ...short]);
}

/** Words by which both name one subject of published knowledge, under whatever names. */
function aliasedPlaces(question: NamedText, prompt: NamedText): { question: Set<number>; prompt: Set<number> } {
  const own = { question: new Set<number>(), prompt: new Set<number>() };
  for (const link of question.links) {
    const same = prompt.links.find(({ subject }) => subject === link.subject);
    if (same === undefined || link.certainty < 1 || same.certainty < 1) continue;
    for (const at of placesOf(link.firstWord, link.wordCount)) own.question.add(at);
    for (const at of placesOf(same.firstWord, same.wordCount)) own.prompt.add(at);
  }
  return own;
}

/**
 * Places in the question where letters stand for a run of names, or the run for letters: `short` holds the letters, `long` the run. `wanted`: places of `long` that
 * the letters must cover, or `letters`: places of `short` that must be such letters.
 */
function abbreviated(
  short: NamedText,
  long: NamedText,
  wanted: readonly number[] | null,
  letters: readonly number[] | null = null,
): Set<number> | null {
  const runs = runsOf(long);
  for (const [at, { raw, norm }] of short.words.entries()) {
    if (!/^\p{Lu}{2,6}$/u.test(raw) || (letters !== null && !letters.includes(at))) continue;
    const run = runs.find(({ initials, places }) => initials === norm && (wanted?.every((i) => places.has(i)) ?? true));
    if (run === undefined) continue;
    if (wanted !== null) return new Set([at]);
    if (letters?.length === 1) return run.places;
  }
  return null;
}

/** Runs of names with function words between them, and their initials. */
function runsOf({ words, names }: NamedText): { initials: string; places: Set<number> }[] {
  const runs: { initials: string; places: Set<number> }[] = [];
  let current: number[] = [];
  const close = () => {
    if (current.length > 1)
      runs.push({ initials: current.map((i) => words[i]!.norm[0]!).join(''), places: new Set(current) });
    current = [];
  };
  for (const [i, { norm }] of words.entries()) {
    if (names.has(i)) current.push(i);
    else if (current.length === 0 || !FUNCTION_WORDS.has(norm)) close();
  }
  close();
  return runs;
}

/** A name of the question is no news: prompt or passage has it, or it says an anchor otherwise. */
function isSpoken(question: NamedText, at: number, { terms, prompt }: Subject, places: ReadonlySet<number> | null) {
  const { norm } = question.words[at]!;
  return (
    terms.has(stem(norm)) || places?.has(at) === true || prompt.words.some(({ norm: other }) => isSame(norm, other))
  );
}

/** Endings by which the people of a place, or what belongs to it, are called. */
const BELONGING = /^(?:n|an|ian|ans|ians|ish|ese|i|is|ic)$/;
const BELONGING_LENGTH_MIN = 5;

/** Two spellings of one name: the same stem, or a place and its people. Misspelt names are others: a letter parts many. */
function isSame(norm: string, name: string): boolean {
  if (stem(norm) === stem(name)) return true;
  if (name.length < BELONGING_LENGTH_MIN) return false;
  const ending = norm.startsWith(name) ? norm.slice(name.length) : null;
  const rooted = name.endsWith('a') && norm.startsWith(name.slice(0, -1)) ? norm.slice(name.length - 1) : null;
  return [ending, rooted].some((rest) => rest !== null && BELONGING.test(rest));
}
