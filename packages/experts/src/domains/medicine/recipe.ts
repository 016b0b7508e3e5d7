/** Owns how the expert for medicine is made: its sources, the order of its passages, its questions. */

import type { Passage } from '../../passage.ts';
import { type DomainRecipe, type KnowledgeSource, type ReadSource, sourceLine } from '../../recipe.ts';
import { dictionaryAliases } from '../readers/dictionary.ts';
import { readFactTables, tableAliases, tablePassages, tableRelations, tableTemplates } from '../readers/fact-table.ts';
import { distinct, mergeAliases, untold } from '../readers/facts.ts';
import { joinPhrases } from '../readers/phrases.ts';
import { WORDNET_SOURCE } from '../shared-sources.ts';
import { readNouns } from '../wordnet.ts';
import { MEDICINE_EVERYDAY_PHRASES } from './everyday-phrases.ts';
import { commonCodes, icdAliases, icdPassages, readIcd } from './icd.ts';
import { UNANSWERABLE } from './unanswerable.ts';
import { medicalNouns, medicalWords, namedIn } from './words.ts';

const curated: KnowledgeSource = {
  id: 'curated',
  title: 'Synod contributors, curated medical facts',
  licence: 'CC0',
  version: '1',
  package: null,
};

const icd: KnowledgeSource = {
  id: 'icd-10-cm',
  title: 'ICD-10-CM 2026, US National Center for Health Statistics',
  licence: 'public domain',
  version: '1.5.0',
  package: {
    registry: 'pypi',
    name: 'simple-icd-10-cm',
    version: '1.5.0',
    fileName: 'simple_icd_10_cm-1.5.0-py3-none-any.whl',
    bytes: 1_076_390,
    sha256: '6d461d71dc26aedc530ae65f02cfb578a154e49507c32e8241e75f701d4b7e42',
    members: /^simple_icd_10_cm\/data\/icd10c-tabular-April-1-2026\.xml$/,
  },
};
const icdTabular = 'simple_icd_10_cm/data/icd10c-tabular-April-1-2026.xml';

/** Curated facts first: what people ask most stands in the fewest words. */
const sections = readFactTables(
  ['asked', 'body', 'diseases', 'conditions', 'medicines', 'drugs', 'codes'].map((name) => `medicine/${name}.txt`),
);

/** What both passages and aliases are made from. */
async function readSources(read: ReadSource) {
  const entries = readIcd((await read(icd.id)).text(icdTabular));
  const synsets = readNouns(await read(WORDNET_SOURCE.id));
  const stated = tablePassages(
    sections.filter(({ pattern }) => pattern !== null),
    sourceLine(curated),
  );
  const nouns = medicalNouns(synsets, [...entries.map(({ name }) => name), ...stated.map(({ text }) => text)]);
  const named = namedIn([...stated.map(({ text }) => text), ...nouns.flatMap(({ words, gloss }) => [...words, gloss])]);
  return { codes: commonCodes(entries, named), synsets, stated, nouns };
}

async function passages(read: ReadSource): Promise<readonly Passage[]> {
  const { codes, synsets, stated, nouns } = await readSources(read);
  return distinct([
    ...stated,
    ...untold(medicalWords(synsets, nouns, sourceLine(WORDNET_SOURCE)), stated),
    ...untold(icdPassages(codes, sourceLine(icd)), stated),
  ]);
}

export const MEDICINE: DomainRecipe = {
  domain: 'medicine',
  title: 'Medicine',
  sources: [curated, icd, WORDNET_SOURCE],
  passages,
  async aliases(read) {
    const { codes, nouns } = await readSources(read);
    return mergeAliases([tableAliases(sections), dictionaryAliases(nouns), icdAliases(codes)]);
  },
  relations: joinPhrases(tableRelations(sections), MEDICINE_EVERYDAY_PHRASES),
  questions: {
    templates: tableTemplates(sections),
    ...UNANSWERABLE,
    perTemplate: { train: 60, tune: 12, test: 12 },
  },
};
