/** WordNet's chemical terms and substances as definitions. Owns which branches are chemistry. */
import type { Passage } from '../../passage.ts';
import { below, findSynset, type Synset } from '../wordnet.ts';

const TOPS: readonly (readonly [word: string, gloss: string])[] = [
  ['chemical compound', '(chemistry) a substance formed'],
  ['chemical process', '(chemistry) any process'],
  ['chemical phenomenon', 'any natural phenomenon involving chemistry'],
  ['chemical bond', 'an electrical force linking atoms'],
  ['group', '(chemistry) two or more atoms'],
  ['mineral', 'solid homogeneous'],
  ['atom', '(physics and chemistry) the smallest'],
  ['ion', 'a particle that is electrically charged'],
  ['chemical analysis', 'the act of decomposing'],
  ['base', 'any of various water-soluble compounds'],
  ['polymer', 'a naturally occurring or synthetic compound'],
  ['chemistry', 'the science of matter'],
  ['solution', 'a homogeneous mixture'],
];

/** Kinds of substances that are other domains' or nobody's question. */
const OTHER =
  /trade name|trademark|\bdrugs?\b|medic|antibiotic|antidepress|sedative|narcotic|used (to|in) treat|treatment|analgesic|antibod|hormone|vaccin|steroid|street name|brand name|capsid|vitamin [A-Z]|anesthe|barbiturate|diuretic|gemstone|enzyme that|immun|neurotrans|\bfood\b|urine|\bmeat\b|beef|blood (cell|clot|plasma|pressure)|muscle|tissue|tumor|cell wall|nerve|prostate|menstrual|\bhog\b|perfume|cosmetic|cooking|beverage|soup|\btea\b|salad|shortening|butter|flavor|intestin|pancrea|secret(ed|ion)|cattle|hair|mixture of (sugar|honey)|an acidic dye|lipoprotein|\bbody\b|cholesterol|infection|allerg|oil from|fat from|extract of|water-based paint|cloud|enzyme found|nucleotide|globulin|albumin|globin/i;

/** One definition a term, in WordNet's order. */
export function termPassages(nouns: ReadonlyMap<string, Synset>, source: string): readonly Passage[] {
  const tagged = [...nouns.values()].filter(({ gloss }) =>
    /^\((physical )?chemistry\)|^\(physics and chemistry\)/.test(gloss),
  );
  const branches = TOPS.flatMap(([word, gloss]) => {
    const top = findSynset(nouns, word, gloss);
    return [top, ...below(nouns, top, ['~'])];
  });
  const all = new Map([...tagged, ...branches].map((synset) => [synset.offset, synset]));
  return [...all.keys()].sort().flatMap((offset) => term(all.get(offset)!, source));
}

/** Words whose other names find them. */
export function termAliases(
  passages: readonly Passage[],
  nouns: ReadonlyMap<string, Synset>,
): Readonly<Record<string, readonly string[]>> {
  const wanted = new Set(passages.map(({ subject }) => subject));
  const aliases: Record<string, readonly string[]> = {};
  for (const { words, lexicographer } of nouns.values()) {
    const [name, ...others] = words;
    if (name === undefined || !wanted.has(name) || others.length === 0 || aliases[name] || lexicographer === 18)
      continue;
    aliases[name] = others.filter((other) => other.length > 2).slice(0, 4);
  }
  return aliases;
}

function term({ words, gloss }: Synset, source: string): readonly Passage[] {
  const [subject] = words;
  const value = gloss
    .replace(/^\([^)]*\) ?/, '')
    .replace(/`/g, "'")
    .split('; ')
    .slice(0, 2)
    .join('; ');
  if (
    subject === undefined ||
    value.length < 15 ||
    value.length > 220 ||
    OTHER.test(gloss) ||
    /^[A-Z]{2}/.test(subject)
  )
    return [];
  const isCountable =
    /^an? (chemical |laborator|reaction|process|bond|ion|atom|molecule|group|salt of|mixture|compound|reagent|indicator)/.test(
      value,
    );
  const start =
    isCountable && /^[a-z]/.test(subject) ? `${/^[aeiou]/.test(subject) ? 'An' : 'A'} ${subject}` : upper(subject);
  return [{ text: `${start} is ${value}.`, source, subject, relation: 'definition', value }];
}

function upper(text: string): string {
  return (text[0] ?? '').toUpperCase() + text.slice(1);
}
