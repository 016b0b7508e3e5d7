/** The recipe of the chemistry expert. Owns its sources and the order of its passages. */
import type { Passage } from '../../passage.ts';
import { type Aliases, type DomainRecipe, type KnowledgeSource, type ReadSource, sourceLine } from '../../recipe.ts';
import { readCurated } from '../curated.ts';
import { joinPhrases } from '../readers/phrases.ts';
import { WORDNET_SOURCE } from '../shared-sources.ts';
import { readNouns } from '../wordnet.ts';
import { findIdentifiers, identifierPassages, readRegister } from './compound-identifiers.ts';
import {
  CHEMICALS_MEMBERS,
  type Compound,
  commonCompounds,
  compoundAliases,
  compoundPassages,
  handCompounds,
  molarMass,
  weightsOf,
} from './compounds.ts';
import { elementPassages } from './element-facts.ts';
import { elementRankings } from './element-rankings.ts';
import { type Element, MENDELEEV_MEMBERS, readElements } from './elements-database.ts';
import { CHEMISTRY_EVERYDAY_PHRASES } from './everyday-phrases.ts';
import { CHEMISTRY_QUESTIONS } from './questions.ts';
import { CHEMISTRY_RELATIONS } from './relations.ts';
import { CHEMISTRY_SINGLE_RELATIONS } from './single-relations.ts';
import { termAliases, termPassages } from './terms.ts';

const MENDELEEV: KnowledgeSource = {
  id: 'mendeleev',
  title: 'mendeleev',
  licence: 'MIT',
  version: 'PyPI mendeleev 1.3.0',
  package: {
    registry: 'pypi',
    name: 'mendeleev',
    version: '1.3.0',
    fileName: 'mendeleev-1.3.0-py3-none-any.whl',
    bytes: 1380301,
    sha256: '76f415767b654634e51dead755513ef431abf200e892eab8468aa659ff218d1c',
    members: MENDELEEV_MEMBERS,
  },
};

const CHEMICALS: KnowledgeSource = {
  id: 'chemicals',
  title: 'chemicals: PubChem identifiers, Wikidata temperatures',
  licence: 'MIT; public domain; CC0',
  version: 'PyPI chemicals 1.5.2',
  package: {
    registry: 'pypi',
    name: 'chemicals',
    version: '1.5.2',
    fileName: 'chemicals-1.5.2-py3-none-any.whl',
    bytes: 22288884,
    sha256: 'f85ef7f36e77fee634686c26562929ee61026cd548d89cebd57b2251ca843d6e',
    members: CHEMICALS_MEMBERS,
  },
};

const CURATED: KnowledgeSource = {
  id: 'curated',
  title: 'Synod contributors',
  licence: 'Apache-2.0',
  version: '1',
  package: null,
};

const CURATED_FILES = ['chemistry/terms.txt', 'chemistry/facts.txt', 'chemistry/elements.txt'];

async function elements(read: ReadSource) {
  return readElements((await read('mendeleev')).bytes('mendeleev/elements.db'));
}

/** Of PubChem's common compounds those whose name is an English word, and that are not told by hand. */
async function otherCompounds(read: ReadSource) {
  const hand = new Set(handCompounds().flatMap(({ name, otherNames }) => [name, ...otherNames]));
  const words = new Set([...readNouns(await read('wordnet')).values()].flatMap((synset) => synset.words));
  return commonCompounds(await read('chemicals')).filter(
    ({ name, otherNames }) =>
      (words.has(name) || HOMOLOGUES.test(name)) && ![name, ...otherNames].some((known) => hand.has(known)),
  );
}

/** The simple members of homologous series, which few dictionaries list. */
const HOMOLOGUES =
  /^(1-)?(meth|eth|prop|but|pent|hex|hept|oct|non|dec|undec|dodec)(ane|ene|yne|anol|anal|anoic acid|anone|ylamine)$|^[12]-(prop|but|pent|hex)(anol|ene|yne|anone)$|^(methyl|ethyl|propyl|butyl|amyl|isobutyl|isoamyl) (acetate|formate|butyrate|propionate|benzoate|salicylate|alcohol|chloride|bromide|iodide|ether)$|^(di|tri)?(methyl|ethyl)amine$|^(dimethyl|diethyl|methyl ethyl) (ether|ketone|sulfide|sulfoxide)$|^(iso|cyclo|neo)(butane|pentane|hexane|propane|octane|hexanol|hexene)$|^[omp]-xylene$/;

async function passages(read: ReadSource): Promise<readonly Passage[]> {
  const all = await elements(read);
  const weights = weightsOf(all);
  const [own, listed] = [sourceLine(CURATED), sourceLine(CHEMICALS)];
  const curated = readCurated(CURATED_FILES, own).passages;
  const told = new Set(curated.map(({ subject, relation }) => `${subject.toLowerCase()}/${relation}`));
  const isNew = ({ subject, relation }: Passage) => !told.has(`${subject.toLowerCase()}/${relation}`);
  return distinct([
    ...curated,
    ...all.flatMap((element) => elementPassages(element, sourceLine(MENDELEEV))).filter(isNew),
    ...elementRankings(all, `derived from ${sourceLine(MENDELEEV)}`),
    ...handCompounds()
      .flatMap((compound) => compoundPassages(compound, weights, own))
      .filter(isNew),
    ...(await otherCompounds(read)).flatMap((compound) => compoundPassages(compound, weights, listed)).filter(isNew),
    ...(await identifiers(read, weights)),
    ...casNumbers(all),
    ...termPassages(readNouns(await read('wordnet')), sourceLine(WORDNET_SOURCE)).filter(isNew),
  ]);
}

/** Numbers and notations of every compound that the registers list. */
async function identifiers(read: ReadSource, weights: ReadonlyMap<string, number>): Promise<readonly Passage[]> {
  const compounds = [...handCompounds(), ...(await otherCompounds(read))];
  const namesOf = ({ name, otherNames }: Compound) => [name, ...otherNames];
  const wanted = new Set(compounds.flatMap(namesOf).map((name) => name.toLowerCase()));
  const register = readRegister(await read('chemicals'), wanted);
  return compounds.flatMap((compound) => {
    const mass = Number(molarMass(compound.formula, weights));
    const found = findIdentifiers(register, { names: namesOf(compound), mass });
    return found === undefined ? [] : identifierPassages(compound.name, found, sourceLine(CHEMICALS));
  });
}

function casNumbers(all: readonly Element[]): readonly Passage[] {
  return all.flatMap(({ name, cas }) =>
    cas === null
      ? []
      : [
          {
            text: `The CAS registry number of ${name} is ${cas}.`,
            source: sourceLine(MENDELEEV),
            subject: name,
            relation: 'cas-number',
            value: cas,
          },
        ],
  );
}

function distinct(all: readonly Passage[]): readonly Passage[] {
  const seen = new Set<string>();
  return all.filter(({ text }) => !seen.has(text) && seen.add(text));
}

async function aliases(read: ReadSource): Promise<Aliases> {
  const nouns = readNouns(await read('wordnet'));
  const terms = termPassages(nouns, '');
  const symbols = (await elements(read)).map(
    ({ name, symbol }) => [name, [...(SPELLINGS[name] ?? []), symbol]] as const,
  );
  return {
    ...termAliases(terms, nouns),
    ...compoundAliases(await otherCompounds(read)),
    ...compoundAliases(handCompounds()),
    ...readCurated(CURATED_FILES, '').aliases,
    ...Object.fromEntries(symbols),
    Elements: ['chemical elements', 'periodic table'],
  };
}

const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  aluminium: ['aluminum'],
  caesium: ['cesium'],
  sulfur: ['sulphur'],
  mercury: ['quicksilver', 'hydrargyrum'],
  tungsten: ['wolfram'],
  sodium: ['natrium'],
  potassium: ['kalium'],
  iron: ['ferrum'],
  gold: ['aurum'],
  silver: ['argentum'],
  lead: ['plumbum'],
  tin: ['stannum'],
  copper: ['cuprum'],
  antimony: ['stibium'],
  niobium: ['columbium'],
};

export const CHEMISTRY: DomainRecipe = {
  domain: 'chemistry',
  title: 'Chemistry: elements, compounds, terms, laws, laboratory',
  sources: [MENDELEEV, CHEMICALS, WORDNET_SOURCE, CURATED],
  passages,
  aliases,
  relations: { ...joinPhrases(CHEMISTRY_RELATIONS, CHEMISTRY_EVERYDAY_PHRASES), ...CHEMISTRY_SINGLE_RELATIONS },
  questions: CHEMISTRY_QUESTIONS,
};
