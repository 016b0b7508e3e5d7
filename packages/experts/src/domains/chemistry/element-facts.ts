/** One-fact sentences about each element. Owns their wording and rounding. */
import type { Passage } from '../../passage.ts';
import type { Element } from './elements-database.ts';

const ROOM_KELVIN = 298.15;
const ELECTRONVOLT_KJ_PER_MOL = 96.485;

type Made = readonly [relation: string, text: string, value: string | null];

/** All facts of one element, in a fixed order. */
export function elementPassages(element: Element, source: string): readonly Passage[] {
  return [
    ...identity(element),
    ...place(element),
    ...physical(element),
    ...electronic(element),
    ...isotopeFacts(element),
    ...history(element),
    ...prose(element),
  ].map(([relation, text, value]) => ({ text: upper(text), source, subject: element.name, relation, value }));
}

function identity({ name, symbol, number, weight }: Element): readonly Made[] {
  const mass = String(Number(weight.toFixed(3)));
  return [
    ['symbol', `The chemical symbol of ${name} is ${symbol}.`, symbol],
    ['atomic-number', `The atomic number of ${name} is ${number}.`, String(number)],
    ['protons', `An atom of ${name} has ${number} ${number === 1 ? 'proton' : 'protons'}.`, String(number)],
    ['atomic-mass', `The atomic mass of ${name} is ${mass} u.`, `${mass} u`],
  ];
}

function place({ name, group, period, block, series }: Element): readonly Made[] {
  const category = CATEGORIES[series];
  const groupName = group === null || name === 'hydrogen' ? undefined : GROUPS[group];
  return [
    ...(group === null
      ? []
      : [
          [
            'group',
            `${name} is in group ${group} of the periodic table${groupName === undefined ? '' : `, the ${groupName}`}.`,
            String(group),
          ] as const,
        ]),
    ['period', `${name} is in period ${period} of the periodic table.`, String(period)],
    ['block', `${name} is in the ${block}-block of the periodic table.`, `${block}-block`],
    ...(category === undefined
      ? []
      : [['category', `${name} is ${category}.`, category.replace(/^an? /, '')] as const]),
  ];
}

const CATEGORIES: Readonly<Record<string, string>> = {
  Nonmetals: 'a nonmetal',
  'Noble gases': 'a noble gas',
  'Alkali metals': 'an alkali metal',
  'Alkaline earth metals': 'an alkaline earth metal',
  Metalloids: 'a metalloid',
  Halogens: 'a halogen',
  'Poor metals': 'a post-transition metal',
  'Transition metals': 'a transition metal',
  Lanthanides: 'a lanthanide (rare earth metal)',
  Actinides: 'an actinide',
};

const GROUPS: Readonly<Record<number, string>> = {
  1: 'alkali metals',
  2: 'alkaline earth metals',
  11: 'coinage metals',
  13: 'boron group',
  14: 'carbon group',
  15: 'pnictogens',
  16: 'chalcogens',
  17: 'halogens',
  18: 'noble gases',
};

function physical(element: Element): readonly Made[] {
  const { name, number, meltingKelvin, boilingKelvin, sublimes, densityGramsPerCubicCentimetre: density } = element;
  const state = stateOf(element);
  return [
    ...(state === undefined ? [] : [['state', `At room temperature ${name} is a ${state}.`, state] as const]),
    ...(meltingKelvin === null || sublimes
      ? []
      : [temperature('melting-point', `The melting point of ${name} is`, meltingKelvin)]),
    ...(boilingKelvin === null
      ? []
      : [
          temperature(
            'boiling-point',
            sublimes ? `${name} sublimes, at normal pressure, at` : `The boiling point of ${name} is`,
            boilingKelvin,
          ),
        ]),
    ...(density === null || number > 99 ? [] : [densityFact(name, density, state)]),
  ];
}

/** Solid, liquid or gas at 25 °C; undefined where no one has measured. */
export function stateOf({ meltingKelvin, boilingKelvin, sublimes }: Element): 'solid' | 'liquid' | 'gas' | undefined {
  if (boilingKelvin !== null && boilingKelvin < ROOM_KELVIN) return 'gas';
  if (meltingKelvin !== null && meltingKelvin < ROOM_KELVIN) return boilingKelvin === null ? undefined : 'liquid';
  return meltingKelvin === null && !sublimes ? undefined : 'solid';
}

function temperature(relation: string, start: string, kelvin: number): Made {
  const celsius = celsiusText(kelvin);
  return [relation, `${start} ${celsius} (${Number(kelvin.toFixed(kelvin < 300 ? 1 : 0))} K).`, celsius];
}

/** Whole degrees from 300 on, tenths below. */
export function celsiusText(kelvin: number): string {
  const celsius = kelvin - 273.15;
  return `${Number(celsius.toFixed(Math.abs(celsius) >= 300 ? 0 : 1))} °C`;
}

function densityFact(name: string, density: number, state: string | undefined): Made {
  const value =
    state === 'gas' ? `${Number((density * 1000).toPrecision(3))} g/L` : `${Number(density.toPrecision(4))} g/cm³`;
  return ['density', `The density of ${name} is ${value}.`, value];
}

function electronic(element: Element): readonly Made[] {
  const {
    name,
    configuration,
    electronegativity,
    firstIonisationElectronvolts: ionisation,
    oxidationStates,
    radiusPicometres,
  } = element;
  const valence = valenceElectrons(element);
  const shells = configuration.replace(/(\d[spdf])(?= |$)/g, '$11');
  const states = oxidationStates
    .filter((state) => state !== 0)
    .map((state) => (state > 0 ? `+${state}` : String(state)));
  return [
    ['electron-configuration', `The electron configuration of ${name} is ${shells}.`, shells],
    ...(electronegativity === null
      ? []
      : [
          [
            'electronegativity',
            `The electronegativity of ${name} on the Pauling scale is ${electronegativity}.`,
            String(electronegativity),
          ] as const,
        ]),
    ...(ionisation === null ? [] : [ionisationFact(name, ionisation)]),
    ...(states.length === 0 ? [] : [statesFact(name, states)]),
    ...(valence === undefined
      ? []
      : [
          [
            'valence-electrons',
            `An atom of ${name} has ${valence} valence ${valence === 1 ? 'electron' : 'electrons'}.`,
            String(valence),
          ] as const,
        ]),
    ...(radiusPicometres === null
      ? []
      : [
          [
            'atomic-radius',
            `The atomic radius of ${name} is ${Math.round(radiusPicometres)} pm (picometres).`,
            `${Math.round(radiusPicometres)} pm`,
          ] as const,
        ]),
  ];
}

function ionisationFact(name: string, electronvolts: number): Made {
  const value = `${Math.round(electronvolts * ELECTRONVOLT_KJ_PER_MOL)} kJ/mol`;
  return [
    'ionisation-energy',
    `The first ionisation energy of ${name} is ${value} (${Number(electronvolts.toFixed(2))} eV).`,
    value,
  ];
}

function statesFact(name: string, states: readonly string[]): Made {
  const value = listed(states);
  if (states.length === 1) return ['oxidation-states', `The common oxidation state of ${name} is ${value}.`, value];
  return ['oxidation-states', `The common oxidation states of ${name} are ${value}.`, value];
}

function valenceElectrons({ group, name }: Element): number | undefined {
  if (name === 'helium') return 2;
  if (group === 1 || group === 2) return group;
  return group !== null && group >= 13 ? group - 10 : undefined;
}

function isotopeFacts({ name, isotopes, isRadioactive }: Element): readonly Made[] {
  const stable = isotopes.filter((isotope) => !isotope.isRadioactive && (isotope.abundance ?? 0) > 0);
  const natural = isotopes
    .filter(({ abundance }) => (abundance ?? 0) > 0)
    .sort((a, b) => (b.abundance ?? 0) - (a.abundance ?? 0));
  const [main] = natural;
  const names = listed(stable.map(({ massNumber }) => `${name}-${massNumber}`));
  const radioactive: Made = ['radioactivity', `${name} is radioactive: it has no stable isotope.`, 'radioactive'];
  return [
    ...(isRadioactive ? [radioactive] : []),
    ...(stable.length === 0
      ? []
      : [
          [
            'isotopes',
            `${name} has ${stable.length} stable ${stable.length === 1 ? 'isotope' : 'isotopes'}: ${names}.`,
            names,
          ] as const,
        ]),
    ...(main === undefined || natural.length < 2 ? [] : [abundanceFact(name, main)]),
  ];
}

function abundanceFact(
  name: string,
  { massNumber, abundance }: { readonly massNumber: number; readonly abundance: number | null },
): Made {
  const value = `${name}-${massNumber}`;
  return [
    'main-isotope',
    `The most abundant natural isotope of ${name} is ${value}, with ${Number((abundance ?? 0).toPrecision(4))} % of its atoms.`,
    value,
  ];
}

function history({ name, discoverers, discoveryYear, discoveryPlace, nameOrigin }: Element): readonly Made[] {
  const ancient = /ancient/i.test(discoverers ?? '');
  const who = (discoverers ?? '')
    .replace(/\.$/, '')
    .replace(/^Sir /, '')
    .replace('Humphrey', 'Humphry')
    .replace('Priestly', 'Priestley')
    .replace('Ramsey', 'Ramsay')
    .replace('Aver von', 'Auer von')
    .replace(/\.(?=[A-Z][a-z])/g, '. ');
  return [
    ...(ancient
      ? [
          [
            'discovery',
            `${name} has been known since ancient times; its discoverer is unknown.`,
            'known since ancient times',
          ] as const,
        ]
      : []),
    ...(ancient || who === '' ? [] : [['discoverer', `${name} was discovered by ${who}.`, who] as const]),
    ...(discoveryYear === null
      ? []
      : [['discovery-year', `${name} was discovered in the year ${discoveryYear}.`, String(discoveryYear)] as const]),
    ...(discoveryPlace === null
      ? []
      : [
          [
            'discovery-place',
            `The place of discovery of ${name} is ${discoveryPlace.replace('/', ' and ')}.`,
            discoveryPlace.replace('/', ' and '),
          ] as const,
        ]),
    ...(nameOrigin === null ? [] : [originFact(name, nameOrigin.replace(/\.$/, ''))]),
  ];
}

function originFact(name: string, origin: string): Made {
  if (/^Named /.test(origin)) return ['name-origin', `${name} was n${origin.slice(1)}.`, `n${origin.slice(1)}`];
  const value = origin
    .replace(/^From /, '')
    .replace(/^(\w+): /, '$1 ')
    .replace(/^Symbol from/, 'its symbol from');
  return ['name-origin', `The name of ${name} comes from ${value}.`, value];
}

/** The first sentences about uses, occurrence and looks. */
function prose({ name, uses, obtained, description, crustMilligramsPerKilogram: crust }: Element): readonly Made[] {
  return [
    ...sentences(uses, 2).map((text): Made => ['uses', about(name, 'Uses', text), null]),
    ...sentences(obtained, 1).map(
      (text): Made => ['obtained-from', about(name, 'Occurrence and production', text), null],
    ),
    ...sentences(description, 3).map((text): Made => ['description', about(name, 'Properties', text), null]),
    ...(crust === null || crust < 1
      ? []
      : [
          [
            'crust-abundance',
            `${name} makes up about ${shareText(crust)} of the Earth's crust by mass.`,
            shareText(crust),
          ] as const,
        ]),
  ];
}

function sentences(text: string | null, most: number): readonly string[] {
  if (text === null) return [];
  return text
    .split(/(?<=[a-z)0-9]\.)\s+(?=[A-Z])/)
    .filter(
      (sentence) =>
        sentence.length > 15 &&
        sentence.length < 350 &&
        !/^(It|Its|They|Their|This|These|Both) |less reactive than silver|Discovered by/i.test(sentence),
    )
    .slice(0, most);
}

/** "Used in steel." becomes "Iron is used in steel."; a sentence that names the element stays; others get a heading. */
function about(name: string, heading: string, sentence: string): string {
  const ended = sentence
    .replace(/\.?$/, '.')
    .replace(/liquified/g, 'liquefied')
    .replace(/insoluable/g, 'insoluble')
    .replace(/occuring/g, 'occurring');
  const verb =
    /^(Also used|Most often used|Often used|Mainly used|Primarily used|Used|Found|Obtained|Made|Produced|Prepared|Known|Usually found|Occurs|Belongs|Reacts|Makes up|Forms)\b/.exec(
      ended,
    )?.[1];
  if (verb === undefined && new RegExp(`\\b${name}\\b`, 'i').test(ended)) return ended;
  if (verb === undefined) return `${heading} of ${name}: ${lowerFirst(ended)}`;
  const isActive = /^(Occurs|Belongs|Reacts|Makes up|Forms)/.test(verb);
  return `${name} ${isActive ? '' : 'is '}${lowerFirst(ended)}`;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}

function shareText(milligramsPerKilogram: number): string {
  if (milligramsPerKilogram >= 1000) return `${Number((milligramsPerKilogram / 10_000).toPrecision(2))} %`;
  return `${milligramsPerKilogram} milligrams per kilogram`;
}

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

function upper(text: string): string {
  return (text[0] ?? '').toUpperCase() + text.slice(1);
}
