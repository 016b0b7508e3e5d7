/**
 * Whether a piece of an answer claims anything of its own. Owns that question alone: whether the claim is right is measured as of any answer.
 */
import type { Belief } from './belief.ts';
import { isFunctionWord, words } from './key-terms.ts';
import { isSameQuantity, type Quantity } from './quantities.ts';
import { isRefusal, readSentence, type Sentence } from './reading.ts';
import { stem } from './stated.ts';

/** Words that surround statements and are none. The commonest ones of English talk, by stem. */
const CARRIERS = new Set(
  words(
    'about according actually after again all already also although always another answer any anything ask asked be because believe besides best both brief but call called case certain ' +
      'certainly check clear clearly comes common commonly concerned consider considered could course course dear describe described detail different down each either else especially even ever every ' +
      'exactly example explain fact far feel few find fine first follow following follows friend full further general generally get give given gives go good got great guess happy hello help hence here hi hope ' +
      'how however idea if important in indeed information instance interesting just keep kind know known last least less let like likely list listed little long look looking made main mainly make many may maybe mean means meant mention might more most much ' +
      'must my name named namely need never next no none normally note nothing now object of often ok okay one only opinion other others otherwise own part perhaps please point possible probably put question quite rather ' +
      'really reason refer reference regard regarding remember right safe safely same say says see seem seems several shall should show simple simply since short so some something sometimes sort sorry sound source speaking ' +
      'spoken standard state stated still such sum sure take talk tell term terms thank thanks therefore thing think though thought thus together told too true try turn type typically understand use used useful user usual usually version very ' +
      'want way ways well while whole why word work world would write wrong yes yet you yours asking short answered question hope anyway expert knowledge information topic passage passages data record records unfortunately afraid sorry cheers hey welcome yeah excellent nice easy new end day ' +
      'overall finally first moreover furthermore besides me us mine off up out let few old big way here there her his him them',
  ).map(stem),
);

/** From so many foreign words on, a piece claims something whatever the words are. */
const FOREIGN_WORDS_MIN = 3;

/** Says nothing beside the question: greetings, fillers, the question again. To decline says something. */
export function isEmpty(belief: Belief, text: string): boolean {
  const { question, offered, best, lexicon } = belief;
  if (isSaidAgain(question, text)) return true;
  if (best.value.names.some(({ pattern }) => pattern.test(text))) return false;
  if (lexicon.hasBareName(text) || isRefusal(text) || hasForeignCode(belief, text)) return false;
  const { words: all, quantities } = readSentence(text);
  if (deniesEvidence(belief, text)) return false;
  const asked = new Set(question.words.map(stem).filter((word) => !offered.has(word)));
  return (
    quantities.length === 0 &&
    all.every((word) => isFunctionWord(word) || CARRIERS.has(stem(word)) || asked.has(stem(word)))
  );
}

/** The question word for word. */
const isSaidAgain = (question: Sentence, text: string): boolean => words(text).join(' ') === question.words.join(' ');

/**
 * Names, words of names, numbers or several words that neither question nor evidence has; and whatever the question offers for choice. Other names of
 * the evidence's subject, which the evidence does not say, are such names.
 */
export function claims(belief: Belief, text: string): boolean {
  const { question, offered, best, lexicon } = belief;
  const sentence = readSentence(withoutSecondNames(belief, text));
  if (lexicon.hasBareName(text) && !sentence.words.every((word) => words(best.passage.text).includes(word)))
    return true;
  if (sentence.words.map(stem).some((root) => offered.has(root) && !CARRIERS.has(root))) return true;
  if (deniesEvidence(belief, text)) return true;
  const known = new Set([...best.evidence.words, ...words(best.passage.subject), ...question.words].map(stem));
  const label = readSentence(best.passage.relation.replaceAll('-', ' '));
  const relation = new Set(label.words.map(stem));
  const isKnown = (word: string): boolean => {
    const root = stem(word);
    return isFunctionWord(word) || CARRIERS.has(root) || known.has(root) || relation.has(root);
  };
  const numbers = [
    ...question.quantities,
    ...label.quantities,
    ...best.evidence.quantities,
    ...best.value.quantities,
  ].map(exact);
  if (sentence.quantities.map(exact).some((one) => !numbers.some((other) => isSameQuantity(one, other)))) return true;
  const foreign = sentence.words.filter((word) => !isKnown(word));
  if (hasForeignCode(belief, text)) return true;
  // "31.2.0": digits, and no number.
  if (sentence.quantities.length === 0 && foreign.some((word) => /\d/.test(word))) return true;
  if (new Set(foreign).size >= FOREIGN_WORDS_MIN || foreign.some(lexicon.isWordOfName)) return true;
  if (sentence.written.slice(1).some((word) => /^\p{Lu}/u.test(word) && !isKnown(word.toLowerCase()))) return true;
  if (isBareCapital(sentence, isKnown)) return true;
  return lexicon.namesKnownIn(sentence).some((name) => name.split(' ').some((word) => !isKnown(word)));
}

/** "It is inherited", where the evidence says "not inherited": the same words, and a claim. */
function deniesEvidence({ best: { value } }: Belief, text: string): boolean {
  const { isNegated, words: said } = readSentence(text);
  const stems = new Set(said.map(stem));
  return value.isNegated && !isNegated && value.parts.length > 0 && value.parts.flat().every((word) => stems.has(word));
}

/** So few words of the evidence are an answer of their own; more of them are the evidence said again. */
const ANSWER_WORDS_MAX = 2;

/** As `claims`, of a text that stands apart: a word or two of the evidence are a claim there too ("Water. Sodium is stored under oil because …"). */
export function claimsApart(belief: Belief, text: string): boolean {
  if (claims(belief, text)) return true;
  const { question, best } = belief;
  const evidence = new Set(best.evidence.words.map(stem));
  const asked = new Set([...question.words, ...words(best.passage.subject)].map(stem));
  const said = readSentence(text)
    .words.filter((word) => !isFunctionWord(word))
    .map(stem);
  const own = new Set(said.filter((root) => evidence.has(root) && !asked.has(root) && !CARRIERS.has(root)));
  return own.size > 0 && own.size <= ANSWER_WORDS_MAX;
}

/** "Lyon", "It is Lyon": nothing but what no text calls so in small letters. Sentences begin with a capital too, but say more; so do "Certainly" and its like. */
function isBareCapital({ written }: Sentence, isKnown: (word: string) => boolean): boolean {
  const content = written.filter(
    (word) => !isFunctionWord(word.toLowerCase()) && !CARRIERS.has(stem(word.toLowerCase())),
  );
  return (
    content.length > 0 &&
    content.every((word) => /^\p{Lu}/u.test(word) && !/(?:ly|ing)$/.test(word)) &&
    content.some((word) => !isKnown(word.toLowerCase()))
  );
}

/** Letters with digits behind them ("GPL-3.0", "Q30", "[Ne] 3s1"), or with a point before them (".css"): no amounts, but names. */
const CODE = /[\p{L}\d]*\p{L}[-–]?\d[\p{L}\d.]*(?<!\.)|(?<![\p{L}\d.])\.\p{L}[\p{L}\d]*/gu;

/** As wholes: "h2" is no code of a text that says "h2o". */
function hasForeignCode({ question, best }: Belief, text: string): boolean {
  const codes = codesIn(text);
  if (codes.length === 0) return false;
  const said = new Set(codesIn(`${question.text} ${best.passage.text}`));
  return codes.some((code) => !said.has(code));
}

const codesIn = (text: string): string[] => [...text.matchAll(CODE)].map(([code]) => code.toLowerCase());

/** As `claims`, of a text beside a refusal: one who declines and yet says a word of the evidence has not declined. */
export function claimsBesideRefusal(belief: Belief, text: string): boolean {
  if (isRefusal(text)) return false;
  const { question, best } = belief;
  const asked = new Set(question.words.map(stem));
  const content = words(text)
    .filter((word) => word.length > 1 && !isFunctionWord(word))
    .map(stem);
  return (
    claims(belief, text) || content.some((root) => best.vocabulary.has(root) && !asked.has(root) && !CARRIERS.has(root))
  );
}

/** Whoever says "about" may not mean any other number. */
const exact = (quantity: Quantity): Quantity => ({ ...quantity, isApproximate: false });

/** What is one thing in a text, whatever joints it has: the asked value as it is written, and a second name behind a name. */
export function wholesIn(belief: Belief, text: string): [number, number][] {
  const values = belief.best.value.names.flatMap(({ pattern }): [number, number][] => {
    const found = pattern.exec(text);
    return found === null ? [] : [[found.index, found.index + found[0].length]];
  });
  // The space behind it is no joint either.
  const names = secondNamesIn(belief, text).map(([from, to]): [number, number] => [
    from,
    text[to] === ' ' ? to + 1 : to,
  ]);
  return [...values, ...names];
}

/** Another name of the evidence's subject right behind one of its names: "curium (Cm)", "curium, also known as Cm,". */
function secondNamesIn({ best, lexicon }: Belief, text: string): [number, number][] {
  const { subject } = best.passage;
  const names = [subject, ...lexicon.namesOf(subject)].map((name) => words(name).join(' '));
  return [...text.matchAll(SECOND_NAME)].flatMap(({ 0: all, 1: bracketed, 2: parted, index }): [number, number][] => {
    if (!names.includes(words(bracketed ?? parted!).join(' '))) return [];
    const before = ` ${words(text.slice(0, index)).join(' ')}`;
    return names.some((name) => before.endsWith(` ${name}`)) ? [[index, index + all.length]] : [];
  });
}

const withoutSecondNames = (belief: Belief, text: string): string =>
  secondNamesIn(belief, text).reduceRight((left, [from, to]) => left.slice(0, from) + left.slice(to), text);

const SECOND_NAME = /\s*\(([^()]+)\)|,\s*(?:also\s+)?(?:known\s+as|called|or)\s+([^,()]+),/gi;

/** From this share of the evidence's words on, a text that differs from it in one place is the evidence with that place filled anew. */
const REPEATED_FROM = 0.6;

/** What stands in a text in the place of one run of the evidence's words, all else being the evidence word for word; null otherwise. */
export function replacedIn(belief: Belief, text: string): string | null {
  const said = withoutSecondNames(belief, text).match(WORD) ?? [];
  const own = (belief.best.passage.text.match(WORD) ?? []).map(withoutStop);
  const isSame = (at: number, inOwn: number) => withoutStop(said.at(at) ?? '') === own.at(inOwn);
  const shorter = Math.min(said.length, own.length);
  let start = 0;
  while (start < shorter && isSame(start, start)) start++;
  let end = 0;
  while (end < shorter - start && isSame(-1 - end, -1 - end)) end++;
  if (start + end < REPEATED_FROM * own.length || start + end === own.length) return null;
  return said.slice(start, said.length - end).join(' ');
}

const WORD = /[\p{L}\p{N}]\S*/gu;
const withoutStop = (word: string): string => word.toLowerCase().replace(/[.,;:!?"'”’»)\]]+$/, '');
