/** Owns which nouns of WordNet belong to medicine and which of them nobody asks about. */
import type { Passage } from '../../passage.ts';
import { dictionaryPassages, inField, kindPassage } from '../readers/dictionary.ts';
import { below, findSynset, type Synset } from '../wordnet.ts';

/** Word and part of the gloss of the nouns whose hyponyms are taken. */
const roots: readonly (readonly [string, string])[] = [
  ['disease', 'an impairment of health'],
  ['ill health', 'a state in which you are unable'],
  ['mental disorder', 'a psychological disorder'],
  ['symptom', 'any sensation or change in bodily function'],
  ['disorder', 'a physical condition in which there is a disturbance'],
  ['medical procedure', 'a procedure employed by medical'],
  ['therapy', 'the act of caring for someone'],
  ['medicine', 'the branches of medical science'],
  ['vitamin', 'any of a group of organic substances'],
  ['hormone', 'the secretion of an endocrine gland'],
  ['vaccine', 'immunogen consisting of'],
  ['blood cell', 'either of two types of cells'],
  ['antibody', 'any of a large variety'],
  ['health professional', 'a person who helps'],
  ['medical instrument', 'instrument used in the practice'],
];
const medicineRoots: readonly (readonly [string, string])[] = [['medicine', 'something that treats or prevents']];
const bodyRoots: readonly (readonly [string, string])[] = [['body part', 'any part of an organism']];
const fields: readonly (readonly [string, string])[] = [
  ['medicine', 'the branches of medical science'],
  ['pathology', 'the branch of medical science'],
];

/** Diseases of plants and beasts, words of the street, and what only a specialist would ask. */
const barred =
  /\b(?:plants?|cattle|horses?|sheep|fish|fishes|insects?|birds?|hogs?|pigs?|swine|poultry|fungus|fowls?|dogs?|animals|livestock|ruminants?|arthropods?|arachnid|leaf|leaves|seedlings?|potato|crops?|tree|invertebrates?|reptiles?|snake|wings?|ungulate|hoof|mollus[ck]s?|crustaceans?|echinoderm|polychete|protozoa|vulgar|slang|informal|obscene|euphemism|obsolete term|archaic|trade name of|ethnic|beer|whiskey|brandy|physician who|surgeon who|who (?:discovered|described|introduced|invented|was|first)|\(\d{4}-\d{4}\))\b/i;
const obscureName = /^(?:musculus|vena|arteria|nervus|os|ramus|plexus|craniometric)\b/i;
const obscurePart =
  /\b(?:craniometric|branch of the|tributar|vein that|veins? (?:draining|that)|artery that|arteries that|one of the arteries|arises from|any of several|one of several)\b/i;

const take = (synsets: ReadonlyMap<string, Synset>, list: readonly (readonly [string, string])[]): readonly Synset[] =>
  list.flatMap(([word, gloss]) => below(synsets, findSynset(synsets, word, gloss)));

/** The lexicographer's files of acts, artefacts, the body, knowledge, persons, states and substances. */
const files = new Set([4, 6, 8, 9, 18, 26, 27]);
const bodyFile = 8;

const wanted = (synset: Synset): boolean =>
  files.has(synset.lexicographer) &&
  !barred.test(synset.gloss) &&
  !obscureName.test(synset.words[0] ?? '') &&
  synset.gloss.length <= 220 &&
  synset.pointers.every(({ kind }) => kind !== '@i');

/** Every run of one to three words of the texts, lower case: what is named there is what people speak about. */
export function namedIn(texts: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const words = text.toLowerCase().match(/[\p{L}\d'-]+/gu) ?? [];
    for (let start = 0; start < words.length; start += 1) {
      for (let length = 1; length <= 3 && start + length <= words.length; length += 1) {
        const run = words.slice(start, start + length).join(' ');
        counts.set(run, (counts.get(run) ?? 0) + 1);
      }
    }
  }
  return counts;
}

/** The nouns in file order, each once: all medicines, and of the rest those that some other text names. */
export function medicalNouns(synsets: ReadonlyMap<string, Synset>, otherTexts: readonly string[]): readonly Synset[] {
  const named = namedIn([...[...synsets.values()].map(({ gloss }) => gloss), ...otherTexts]);
  const known = ({ words, gloss }: Synset): boolean => {
    const own = namedIn([gloss]);
    return words.some((word) => (named.get(word.toLowerCase()) ?? 0) > (own.get(word.toLowerCase()) ?? 0));
  };
  const medicines = take(synsets, medicineRoots);
  const general = [
    ...take(synsets, roots),
    ...fields.flatMap(([word, gloss]) => inField(synsets, findSynset(synsets, word, gloss))),
  ];
  const parts = take(synsets, bodyRoots).filter(
    ({ gloss, lexicographer }) => lexicographer === bodyFile && !obscurePart.test(gloss),
  );
  const chosen = [...medicines, ...[...general, ...parts].filter(known)].filter(wanted);
  return [...new Map(chosen.map((synset) => [synset.offset, synset])).values()].sort((a, b) =>
    a.offset < b.offset ? -1 : 1,
  );
}

const tooGeneral = new Set([
  'disease',
  'illness',
  'ill health',
  'disorder',
  'symptom',
  'medicine',
  'drug',
  'body part',
  'organ',
  'injury',
  'pathology',
  'medical procedure',
  'operation',
  'condition',
  'structure',
  'process',
  'part',
  'area',
  'external body part',
  'internal organ',
  'cell',
  'tissue',
  'bodily process',
  'physical condition',
  'specialist',
  'medical practitioner',
  'health professional',
]);

/** Definitions and other names of all, kinds of medicines and states. */
export function medicalWords(
  synsets: ReadonlyMap<string, Synset>,
  nouns: readonly Synset[],
  source: string,
): readonly (Passage | null)[] {
  const sorted = new Set([...take(synsets, medicineRoots), ...take(synsets, roots.slice(0, 3))]);
  return nouns.flatMap((noun) => [
    ...dictionaryPassages(noun, source),
    sorted.has(noun) ? kindPassage(synsets, noun, tooGeneral, source) : null,
  ]);
}
