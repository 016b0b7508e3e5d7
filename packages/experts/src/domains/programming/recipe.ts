/** Owns how the expert for programming and security is made: its sources, the order of its passages, its questions. */

import type { Passage } from '../../passage.ts';
import { type DomainRecipe, type ReadSource, sourceLine } from '../../recipe.ts';
import { dictionaryAliases, dictionaryPassages, inField } from '../readers/dictionary.ts';
import { readFactTables, tableAliases, tablePassages, tableRelations, tableTemplates } from '../readers/fact-table.ts';
import { distinct, mergeAliases, untold } from '../readers/facts.ts';
import { joinPhrases } from '../readers/phrases.ts';
import { below, findSynset, readNouns, type Synset } from '../wordnet.ts';
import { PROGRAMMING_EVERYDAY_PHRASES } from './everyday-phrases.ts';
import { languagePassages, licencePassages, mimePassages, readLanguage, statusPassages } from './files.ts';
import { source } from './sources.ts';
import { UNANSWERABLE } from './unanswerable.ts';
import { readWeaknesses, weaknessAliases, weaknessPassages } from './weaknesses.ts';
import { type CompatNode, cssPassages, featurePassages, webFeatures } from './web.ts';

const sections = readFactTables(
  ['asked', 'languages', 'projects', 'commands', 'networks', 'security', 'concepts', 'words'].map(
    (name) => `programming/${name}.txt`,
  ),
);

/** Nouns of computing: those that WordNet files under computer science, and the kinds of software. */
function computingNouns(synsets: ReadonlyMap<string, Synset>): readonly Synset[] {
  const chosen = [
    ...inField(synsets, findSynset(synsets, 'computer science', 'the branch of engineering science')),
    ...below(synsets, findSynset(synsets, 'software', 'written programs or procedures')),
    ...below(synsets, findSynset(synsets, 'computer', 'a machine for performing calculations')),
    ...below(synsets, findSynset(synsets, 'programming language', 'a language designed for programming')),
  ].filter(({ gloss, pointers }) => gloss.length <= 220 && pointers.every(({ kind }) => kind !== '@i'));
  return [...new Map(chosen.map((synset) => [synset.offset, synset])).values()];
}

const weaknessesOf = async (read: ReadSource) =>
  readWeaknesses((await read('cwe')).text('cwe2/database_v49/navigate_cwe/1000.csv'));

async function passages(read: ReadSource): Promise<readonly Passage[]> {
  const line = (id: string): string => sourceLine(source(id));
  const languages = await read('linguist');
  const compat = (await read('browser-compat-data')).json('package/data.json') as CompatNode;
  const stated = tablePassages(
    sections.filter(({ pattern }) => pattern !== null),
    line('curated'),
  );
  const words = computingNouns(readNouns(await read('wordnet'))).flatMap((noun) =>
    dictionaryPassages(noun, line('wordnet')),
  );
  return distinct([
    ...stated,
    ...statusPassages((await read('statuses')).json('package/codes.json') as never, line('statuses')),
    ...languagePassages(
      languages.paths.map((path) => readLanguage(languages.text(path))),
      line('linguist'),
    ),
    ...mimePassages((await read('mime-db')).json('package/db.json') as never, line('mime-db')),
    ...licencePassages((await read('spdx')).json('package/spdx.json') as never, line('spdx')),
    ...weaknessPassages(await weaknessesOf(read), line('cwe')),
    ...untold(words, stated),
    ...cssPassages((await read('mdn-data')).json('package/css/properties.json') as never, line('mdn-data')),
    ...webFeatures(compat).flatMap((feature) => featurePassages(feature, line('browser-compat-data'))),
  ]);
}

export const PROGRAMMING: DomainRecipe = {
  domain: 'programming',
  title: 'Programming and security',
  sources: source.all,
  passages,
  async aliases(read) {
    const nouns = computingNouns(readNouns(await read('wordnet')));
    return mergeAliases([tableAliases(sections), dictionaryAliases(nouns), weaknessAliases(await weaknessesOf(read))]);
  },
  relations: joinPhrases(tableRelations(sections), PROGRAMMING_EVERYDAY_PHRASES),
  questions: {
    templates: tableTemplates(sections),
    ...UNANSWERABLE,
    perTemplate: { train: 60, tune: 12, test: 12 },
  },
};
