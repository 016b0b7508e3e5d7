/** Superlatives over countries. Owns which rankings are told; their numbers are the Factbook's. */
import type { Passage } from '../../passage.ts';
import type { Country } from './country.ts';
import { joined } from './fact.ts';
import { firstNumber, grouped, rounded } from './factbook.ts';

type Measured = { readonly country: Country; readonly amount: number };

type Ranking = {
  readonly relation: string;
  /** "largest country {in} by area". */
  readonly words: readonly string[];
  readonly descending: boolean;
  readonly amount: (country: Country) => number | undefined;
  readonly shown: (amount: number) => string;
  readonly ranks: number;
};

const area = ({ profile }: Country): number | undefined => firstNumber(profile?.field('Geography', 'Area', 'total'));
const population = ({ profile }: Country): number | undefined =>
  firstNumber(profile?.field('People and Society', 'Population'));
const coast = ({ profile }: Country): number | undefined =>
  firstNumber(profile?.field('Geography', 'Coastline', 'total') ?? profile?.field('Geography', 'Coastline'));
const isLandlocked = (country: Country): boolean => coast(country) === 0;
const density = (country: Country): number | undefined => {
  const [people, squareKilometres] = [population(country), area(country)];
  return people === undefined || squareKilometres === undefined ? undefined : people / squareKilometres;
};
const life = ({ profile }: Country): number | undefined =>
  firstNumber(profile?.field('People and Society', 'Life expectancy at birth', 'total population'));
const gdp = ({ profile }: Country): number | undefined =>
  firstNumber(profile?.field('Economy', 'GDP (official exchange rate)')?.replace('$', ''));

const squareKilometres = (amount: number) => `${grouped(amount)} square kilometres`;
const people = (amount: number) => `about ${rounded(amount)} people`;

const RANKINGS: readonly Ranking[] = [
  {
    relation: 'largest-country',
    words: ['largest country', 'by area'],
    descending: true,
    amount: area,
    shown: squareKilometres,
    ranks: 10,
  },
  {
    relation: 'smallest-country',
    words: ['smallest country', 'by area'],
    descending: false,
    amount: area,
    shown: squareKilometres,
    ranks: 3,
  },
  {
    relation: 'most-populous-country',
    words: ['most populous country', ''],
    descending: true,
    amount: population,
    shown: people,
    ranks: 10,
  },
  {
    relation: 'least-populous-country',
    words: ['least populous country', ''],
    descending: false,
    amount: population,
    shown: people,
    ranks: 3,
  },
  {
    relation: 'densest-country',
    words: ['most densely populated country', 'by people per square kilometre'],
    descending: true,
    amount: density,
    shown: (amount) => `about ${grouped(Number(amount.toPrecision(3)))} people per square kilometre`,
    ranks: 3,
  },
  {
    relation: 'sparsest-country',
    words: ['least densely populated country', 'by people per square kilometre'],
    descending: false,
    amount: density,
    shown: (amount) => `about ${grouped(Number(amount.toPrecision(2)))} people per square kilometre`,
    ranks: 2,
  },
  {
    relation: 'longest-coastline',
    words: ['country with the longest coastline', ''],
    descending: true,
    amount: coast,
    shown: (amount) => `${grouped(amount)} kilometres`,
    ranks: 5,
  },
  {
    relation: 'highest-life-expectancy',
    words: ['country with the highest life expectancy', ''],
    descending: true,
    amount: life,
    shown: (amount) => `${amount} years`,
    ranks: 1,
  },
  {
    relation: 'lowest-life-expectancy',
    words: ['country with the lowest life expectancy', ''],
    descending: false,
    amount: life,
    shown: (amount) => `${amount} years`,
    ranks: 1,
  },
  {
    relation: 'largest-economy',
    words: ['country with the largest economy', 'by gross domestic product (GDP)'],
    descending: true,
    amount: gdp,
    shown: (amount) => `about $${rounded(amount)}`,
    ranks: 5,
  },
];

const ORDINALS = ['', 'second ', 'third ', 'fourth ', 'fifth ', 'sixth ', 'seventh ', 'eighth ', 'ninth ', 'tenth '];

/** Rankings of the world, of each continent, of landlocked and island countries; lists by continent and currency. */
export function rankingPassages(countries: readonly Country[], source: string): readonly Passage[] {
  const states = countries.filter(({ sovereign, profile }) => sovereign && profile !== undefined);
  const continents = [...new Set(states.map(({ continent }) => continent))].sort();
  return [
    ...RANKINGS.flatMap((ranking) => ranked(ranking, states, 'the world', source)),
    ...continents.flatMap((continent) =>
      RANKINGS.flatMap((ranking) =>
        ranked(
          { ...ranking, ranks: Math.min(ranking.ranks, 3) },
          states.filter((state) => state.continent === continent),
          continent,
          source,
        ),
      ),
    ),
    ...landlocked(states, source),
    ...lists(states, continents, source),
    ...mostNeighbours(states, source),
  ];
}

function ranked(ranking: Ranking, states: readonly Country[], where: string, source: string): readonly Passage[] {
  const measured: readonly Measured[] = states.flatMap((country) => {
    const amount = ranking.amount(country);
    return amount === undefined ? [] : [{ country, amount }];
  });
  if (measured.length < 4) return [];
  const sign = ranking.descending ? -1 : 1;
  const sorted = measured.toSorted((a, b) => sign * (a.amount - b.amount));
  return sorted.slice(0, ranking.ranks).map(({ country, amount }, rank) => {
    const what = ORDINALS[rank] + ranking.words[0]!;
    const how = ranking.words[1] === '' ? '' : ` ${ranking.words[1]}`;
    return {
      text: `The ${ordered(what)} in ${where}${how} is ${country.inText}, with ${ranking.shown(amount)}.`,
      source,
      subject: where === 'the world' ? 'World' : where,
      relation: ranking.relation,
      value: country.name,
    };
  });
}

/** "country with the second longest coastline", not "second country with the longest coastline". */
function ordered(what: string): string {
  return what.replace(/^(\w+ )country with the (\w+)/, 'country with the $1$2');
}

function landlocked(states: readonly Country[], source: string): readonly Passage[] {
  const all = states.filter(isLandlocked).toSorted((a, b) => (area(b) ?? 0) - (area(a) ?? 0));
  const [largest, smallest] = [all[0], all.at(-1)];
  const base = { source, subject: 'World' };
  return [
    {
      ...base,
      relation: 'largest-landlocked-country',
      text: `The largest landlocked country in the world is ${largest!.inText}.`,
      value: largest!.name,
    },
    {
      ...base,
      relation: 'smallest-landlocked-country',
      text: `The smallest landlocked country in the world is ${smallest!.inText}.`,
      value: smallest!.name,
    },
    {
      ...base,
      relation: 'landlocked-count',
      text: `There are ${all.length} landlocked countries in the world.`,
      value: String(all.length),
    },
    ...continentsOf(all).map(([continent, members]) => {
      const names = joined(members.map(({ inText }) => inText).sort());
      return {
        source,
        subject: continent,
        relation: 'landlocked-countries',
        text: `The landlocked countries of ${continent} are ${names}.`,
        value: names,
      };
    }),
  ];
}

function continentsOf(countries: readonly Country[]): readonly (readonly [string, readonly Country[]])[] {
  const names = [...new Set(countries.map(({ continent }) => continent))].sort();
  return names
    .map((name) => [name, countries.filter(({ continent }) => continent === name)] as const)
    .filter(([, members]) => members.length > 1);
}

function lists(states: readonly Country[], continents: readonly string[], source: string): readonly Passage[] {
  const members = states.filter(({ iso2 }) => iso2 !== 'TW' && iso2 !== 'XK');
  const counted = continents.map((continent) => {
    const count = members.filter((state) => state.continent === continent).length;
    return {
      source,
      subject: continent,
      relation: 'country-count',
      text: `There are ${count} sovereign countries in ${continent}.`,
      value: String(count),
    };
  });
  const euro = states
    .filter(({ currencies }) => currencies[0]?.code === 'EUR')
    .map(({ inText }) => inText)
    .sort();
  return [
    ...counted,
    {
      source,
      subject: 'Euro',
      relation: 'users',
      text: `The countries that use the euro are ${joined(euro)}.`,
      value: joined(euro),
    },
  ];
}

function mostNeighbours(states: readonly Country[], source: string): readonly Passage[] {
  const counted = states
    .map((country) => ({
      country,
      count: (country.profile?.field('Geography', 'Land boundaries', 'border countries') ?? '').split(/, (?=[A-Z])/)
        .length,
    }))
    .toSorted((a, b) => b.count - a.count);
  const [most] = counted;
  if (most === undefined) return [];
  return [
    {
      source,
      subject: 'World',
      relation: 'most-neighbours',
      text: `The country that borders the most other countries is ${most.country.inText}, with ${most.count} neighbours.`,
      value: most.country.name,
    },
  ];
}
