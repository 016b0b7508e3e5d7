/**
 * What the judge itself holds for the answer, before it looks at any: its own retrieval, read as values that may have been asked for.
 * Owns which value of a passage is asked, which true values of the same entity are not, and how sure the judge is.
 */
import type { Passage } from '../knowledge/passage.ts';
import { isFunctionWord, words } from './key-terms.ts';
import { type KnownFacts, type Lexicon, lexiconOf } from './lexicon.ts';
import { limits } from './limits.ts';
import { readSentence, type Sentence } from './reading.ts';
import { stated, stem, toValue, type Value } from './stated.ts';

export type Candidate = { readonly passage: Passage; readonly probability: number };

export type Belief = {
  readonly question: Sentence;
  /** Stems of what the question offers for choice: to say one of them is to answer. */
  readonly offered: ReadonlySet<string>;
  /** The most probable answer. */
  readonly best: Expectation;
  /** The next candidates with other values, and how probable each is beside the best one: 0 … 1. */
  readonly others: readonly { readonly expectation: Expectation; readonly share: number }[];
  /** True values of the best passage's entity that were not asked for, as far as the judge can tell. */
  readonly siblings: readonly Sibling[];
  /** Calibrated probability that the best passage answers the question, 0 … 1. */
  readonly confidence: number;
  readonly lexicon: Lexicon;
};

/** `weight`: how much less probable than the best passage it is, 0 … 1. */
export type Sibling = { readonly value: Value; readonly weight: number };

export type Expectation = {
  readonly passage: Passage;
  readonly value: Value;
  /** The subject's name, where the question does not give it: it may be what is asked. */
  readonly subject: Value | null;
  /** Stems that bear the answer: of the asked value, and what the evidence says that neither question nor statements like it do. */
  readonly telling: ReadonlySet<string>;
  /** `subject` when the question states the value and asks whose it is; `text` when the passage as a whole answers. */
  readonly asked: 'value' | 'subject' | 'text';
  /** Stems of passage, names and question: an answer may use them freely. */
  readonly vocabulary: ReadonlySet<string>;
  readonly evidence: Sentence;
};

/** The judge's belief, or null when its knowledge offers nothing at all. */
export function believe(question: string, candidates: readonly Candidate[], facts: KnownFacts): Belief | null {
  const lexicon = lexiconOf(facts);
  const asked = readSentence(question);
  const considered = candidates.slice(0, limits.candidatesMax);
  const expectations = considered.map(({ passage }) => expect(asked, passage, lexicon));
  const best = expectations[0];
  const confidence = considered[0]?.probability ?? 0;
  if (best === undefined) return null;
  const others = considered.slice(1).flatMap(({ probability }, i) => {
    const expectation = expectations[i + 1]!;
    const isSame = expectation.asked !== 'text' && stated(expectation.value, best.evidence) === 1;
    const share = Math.min(1, probability / Math.max(confidence, 1e-6));
    return isSame ? [] : [{ expectation, share }];
  });
  const shares = new Map(others.map(({ expectation, share }) => [expectation.passage, share]));
  const siblings = siblingsOf(best, { question: asked, shares, lexicon });
  return { question: asked, offered: offeredBy(asked, best.passage), best, others, siblings, confidence, lexicon };
}

/** "A solid or a gas", "s, p, d or f": a word on each side of "or", and those that commas join to the first. */
function offeredBy({ text }: Sentence, { subject }: Passage): ReadonlySet<string> {
  const said = text.split(/\s+/);
  const offered = said.flatMap((word, at) => {
    if (word.toLowerCase() !== 'or') return [];
    let from = at - 1;
    while (from > 0 && said[from - 1]!.endsWith(',')) from--;
    const next = /^(?:an?|the)$/i.test(said[at + 1] ?? '') ? at + 2 : at + 1;
    return words([...said.slice(Math.max(0, from), at), said[next] ?? ''].join(' '));
  });
  const own = words(subject);
  return new Set(offered.filter((word) => !isFunctionWord(word) && !own.includes(word)).map(stem));
}

function expect(question: Sentence, passage: Passage, lexicon: Lexicon): Expectation {
  const subjectNames = [passage.subject, ...lexicon.namesOf(passage.subject)];
  const asked = whatIsAsked(question, passage, subjectNames);
  const text = asked === 'subject' ? passage.subject : asked === 'value' ? passage.value! : passage.text;
  const others = asked === 'text' ? [] : otherNames(asked, text, subjectNames, lexicon);
  // "Is it a solid or a gas?" says the value and asks for it.
  const names = asked === 'value' ? [text, ...unsaid(others, question)] : unsaid([text, ...others], question);
  const free = [passage.text, question.text, ...subjectNames, ...names].flatMap(words).map(stem);
  const value = without(asked === 'text' ? toValue(text) : toValue(names[0]!, names.slice(1)), question);
  const isSubjectGiven = subjectNames.some((name) => stated(toValue(name), question) === 1);
  const isPlausible = asked === 'value' && !isSubjectGiven && isDescribed(value, question);
  const subject = isPlausible ? toValue(passage.subject, subjectNames.slice(1)) : null;
  const evidence = readSentence(passage.text);
  const telling = tellingStems(
    question,
    { value, evidence },
    { given: isSubjectGiven ? subjectNames : [], usual: lexicon.usualIn(passage.relation) },
  );
  return { passage, value, subject, asked, telling, vocabulary: new Set(free), evidence };
}

/** From so many words on, a value describes its subject rather than being asked for. */
const DESCRIPTION_WORDS_MIN = 4;

/** Whether a question that does not name the subject may be asking for it: it says part of the value, or the value is a description. */
function isDescribed(value: Value, question: Sentence): boolean {
  const stems = value.parts.flat();
  const asked = new Set(question.words.map(stem));
  return stems.length >= DESCRIPTION_WORDS_MIN || stems.some((word) => asked.has(word));
}

function tellingStems(
  question: Sentence,
  { value, evidence }: { readonly value: Value; readonly evidence: Sentence },
  { given, usual }: { readonly given: readonly string[]; readonly usual: ReadonlySet<string> },
): ReadonlySet<string> {
  const known = new Set([...question.words, ...given.flatMap(words)].map(stem));
  const own = new Set([...value.parts.flat(), ...value.names.flatMap((name) => name.words.map(stem))]);
  const said = evidence.words.map(stem).filter((word) => !usual.has(word));
  return new Set([...own, ...said].filter((word) => !known.has(word) && !isFunctionWord(word) && !/^\d+$/.test(word)));
}

/** Names that the question has not said already; all of them where it has said each. */
function unsaid(names: readonly string[], question: Sentence): readonly string[] {
  const left = names.filter((name) => stated(toValue(name), question) < 1);
  return left.length === 0 ? names : left;
}

/** Where a value is a name of the subject itself (a symbol, a formula), its other names are other facts. */
function otherNames(
  asked: Expectation['asked'],
  text: string,
  subjectNames: readonly string[],
  lexicon: Lexicon,
): readonly string[] {
  const names = lexicon.namesOf(text);
  return asked === 'value' && names.some((name) => name === subjectNames[0]) ? [] : names;
}

/** What is not said by its name is said by what it adds to the question, if that is more than a word. Numbers stay. */
function without(value: Value, question: Sentence): Value {
  const given = new Set(question.words.map(stem).filter((word) => !/\d/.test(word)));
  const parts = value.parts.map((part) => part.filter((word) => !given.has(word))).filter((part) => part.length > 0);
  return parts.flat().length < 2 ? value : { ...value, parts };
}

function whatIsAsked(question: Sentence, passage: Passage, subjectNames: readonly string[]): Expectation['asked'] {
  if (passage.value === null) return 'text';
  const value = asWritten(toValue(passage.value));
  // A nickname may be both the value and another name of the subject, and a name may be a word of the value.
  const valueWords = new Set(words(passage.value));
  const ownNames = subjectNames.filter(
    (name) => stated(value, readSentence(name)) < 1 && !words(name).every((word) => valueWords.has(word)),
  );
  const givesSubject = ownNames.some((name) => stated(toValue(name), question) === 1);
  return !givesSubject && stated(value, question) === 1 ? 'subject' : 'value';
}

/** A question that says "Groovy" does not say ".groovy". */
function asWritten(value: Value): Value {
  const codes = value.names.filter(({ isCode }) => isCode);
  return codes.length === 0 ? value : { ...value, names: codes };
}

/** Values of the entity's other relations, unless evidence or question state them too. */
function siblingsOf({ passage, asked, evidence }: Expectation, { question, shares, lexicon }: Asked): Sibling[] {
  if (asked !== 'value') return [];
  const facts = lexicon.factsOf(passage.subject).slice(0, limits.siblingsMax);
  const others = facts.flatMap((fact) =>
    fact.relation === passage.relation || fact.value === null
      ? []
      : [{ value: toValue(fact.value), weight: 1 - (shares.get(fact) ?? 0) }],
  );
  return others.filter(({ value }) => stated(value, evidence) < ALIKE && stated(value, question) < ALIKE);
}

type Asked = {
  readonly question: Sentence;
  readonly shares: ReadonlyMap<Passage, number>;
  readonly lexicon: Lexicon;
};

/** From here on a text states a value, in its own or nearly its own words. */
const ALIKE = 0.9;
