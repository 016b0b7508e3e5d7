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
  ['medicine', 'something that treats or prevents'],
  ['medicine', 'the branches of medical science'],
  ['vitamin', 'any of a group of organic substances'],
  ['hormone', 'the secretion of an endocrine gland'],
  ['vaccine', 'immunogen consisting of'],
  ['blood cell', 'either of two types of cells'],
  ['antibody', 'any of a large variety'],
  ['health professional', 'a person who helps'],
  ['medical instrument', 'instrument used in the practice'],
];
const bodyRoots: readonly (readonly [string, string])[] = [
  ['body part', 'any part of an organism'],
];
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

/** Common nouns only: persons' names are capitalised in WordNet and hold no medical fact. */
const wanted = (synset: Synset): boolean =>
  !barred.test(synset.gloss) && !obscureName.test(synset.words[0] ?? '') && synset.gloss.length <= 220;

/** The nouns in file order, each once. */
export function medicalNouns(synsets: ReadonlyMap<string, Synset>): readonly Synset[] {
  const general = [
    ...take(synsets, roots),
    ...fields.flatMap(([word, gloss]) => inField(synsets, findSynset(synsets, word, gloss))),
  ];
  const parts = take(synsets, bodyRoots).filter(({ gloss }) => !obscurePart.test(gloss));
  const chosen = new Map([...general, ...parts].filter(wanted).map((synset) => [synset.offset, synset]));
  return [...chosen.values()].sort((a, b) => (a.offset < b.offset ? -1 : 1));
}

const tooGeneral = new Set([
  'disease', 'illness', 'ill health', 'disorder', 'symptom', 'medicine', 'drug', 'body part', 'organ', 'injury', 'pathology',
  'medical procedure', 'operation', 'condition', 'structure', 'process', 'part', 'area', 'external body part', 'internal organ',
  'cell', 'tissue', 'bodily process', 'physical condition', 'specialist', 'medical practitioner', 'health professional',
]);

/** Definitions, other names and kinds. */
export function medicalWords(synsets: ReadonlyMap<string, Synset>, nouns: readonly Synset[], source: string): readonly (Passage | null)[] {
  return nouns.flatMap((noun) => [...dictionaryPassages(noun, source), kindPassage(synsets, noun, tooGeneral, source)]);
}
