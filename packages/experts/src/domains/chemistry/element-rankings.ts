/** Superlatives and groups of elements. Owns which are told; the numbers are the database's. */
import type { Passage } from '../../passage.ts';
import { celsiusText, stateOf } from './element-facts.ts';
import type { Element } from './elements-database.ts';

type Ranking = {
  readonly relation: string;
  /** Completes "The element with the …". */
  readonly what: readonly [most: string, least: string];
  readonly of: (element: Element) => number | null;
  readonly shown: (amount: number) => string;
};

const RANKINGS: readonly Ranking[] = [
  {
    relation: 'melting-point-ranking',
    what: ['highest melting point', 'lowest melting point'],
    of: ({ meltingKelvin, sublimes }) => (sublimes ? null : meltingKelvin),
    shown: celsiusText,
  },
  {
    relation: 'boiling-point-ranking',
    what: ['highest boiling point', 'lowest boiling point'],
    of: ({ boilingKelvin, sublimes }) => (sublimes ? null : boilingKelvin),
    shown: celsiusText,
  },
  {
    relation: 'electronegativity-ranking',
    what: ['highest electronegativity', 'lowest electronegativity'],
    of: ({ electronegativity }) => electronegativity,
    shown: (amount) => `${amount} on the Pauling scale`,
  },
  {
    relation: 'ionisation-ranking',
    what: ['highest first ionisation energy', 'lowest first ionisation energy'],
    of: ({ firstIonisationElectronvolts }) => firstIonisationElectronvolts,
    shown: (amount) => `${Number(amount.toFixed(2))} eV`,
  },
  {
    relation: 'radius-ranking',
    what: ['largest atomic radius', 'smallest atomic radius'],
    of: ({ radiusPicometres }) => radiusPicometres,
    shown: (amount) => `${Math.round(amount)} pm`,
  },
];

const GROUP_NAMES: Readonly<Record<string, string>> = {
  'Noble gases': 'noble gases',
  'Alkali metals': 'alkali metals',
  'Alkaline earth metals': 'alkaline earth metals',
  Metalloids: 'metalloids',
  Halogens: 'halogens',
  Lanthanides: 'lanthanides',
  Actinides: 'actinides',
};

/** Highest and lowest of each quantity, members of each family, and what is liquid or gaseous. */
export function elementRankings(elements: readonly Element[], source: string): readonly Passage[] {
  const fact = (subject: string, relation: string, text: string, value: string): Passage => ({
    text,
    source,
    subject,
    relation,
    value,
  });
  return [
    ...RANKINGS.flatMap((ranking) =>
      extremes(ranking, elements).map(([relation, text, value]) => fact('Elements', relation, text, value)),
    ),
    ...states(elements, fact),
    ...Object.entries(GROUP_NAMES).flatMap(([series, name]) => {
      const members = listed(elements.filter((element) => element.series === series).map((element) => element.name));
      return [fact(name, 'members', `The ${name} are ${members}.`, members)];
    }),
    ...[...new Set(elements.map(({ period }) => period))].map((period) => {
      const count = elements.filter((element) => element.period === period).length;
      return fact(
        `Period ${period}`,
        'element-count',
        `Period ${period} of the periodic table has ${count} elements.`,
        String(count),
      );
    }),
  ];
}

function extremes(
  { relation, what, of, shown }: Ranking,
  elements: readonly Element[],
): readonly (readonly [string, string, string])[] {
  const measured = elements.flatMap((element) => {
    const amount = of(element);
    return amount === null || element.number > 99 ? [] : [{ element, amount }];
  });
  const sorted = measured.toSorted((a, b) => b.amount - a.amount);
  return [
    ...sorted
      .slice(0, 3)
      .map(
        ({ element, amount }, rank) =>
          [
            relation,
            `The element with the ${['', 'second ', 'third '][rank]}${what[0]} is ${element.name}, at ${shown(amount)}.`,
            element.name,
          ] as const,
      ),
    ...sorted
      .toReversed()
      .slice(0, 2)
      .map(
        ({ element, amount }, rank) =>
          [
            relation,
            `The element with the ${['', 'second '][rank]}${what[1]} is ${element.name}, at ${shown(amount)}.`,
            element.name,
          ] as const,
      ),
  ];
}

type MakeFact = (subject: string, relation: string, text: string, value: string) => Passage;

function states(elements: readonly Element[], fact: MakeFact): readonly Passage[] {
  const named = (state: string) =>
    listed(elements.filter((element) => stateOf(element) === state).map(({ name }) => name));
  return [
    fact(
      'Elements',
      'liquid-elements',
      `The elements that are liquid at room temperature (25 °C) are ${named('liquid')}.`,
      named('liquid'),
    ),
    fact(
      'Elements',
      'gaseous-elements',
      `The elements that are gases at room temperature are ${named('gas')}.`,
      named('gas'),
    ),
  ];
}

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
