/**
 * Compounds: those written by hand in data/chemistry/compounds.txt and common organic ones of PubChem. Owns the table's
 * format, `name | formula | other names | what it is or is used for`, and the molar masses computed from formulas.
 */
import { readFileSync } from 'node:fs';
import type { Passage } from '../../passage.ts';
import type { Aliases } from '../../recipe.ts';
import type { ArchiveFiles } from '../../sources/archive.ts';
import { celsiusText } from './element-facts.ts';
import type { Element } from './elements-database.ts';

const FOLDER = 'chemicals';
const IDENTIFIERS = `${FOLDER}/Identifiers/chemical identifiers pubchem small.tsv`;
const COMMON = `${FOLDER}/Identifiers/dippr_2014.csv`;
const WIKIDATA = `${FOLDER}/Misc/wikidata_properties.tsv`;

export const CHEMICALS_MEMBERS =
  /^chemicals\/(Identifiers\/(chemical identifiers pubchem (small|large)\.tsv|dippr_2014\.csv)|Misc\/wikidata_properties\.tsv)$/;

export type Compound = {
  readonly name: string;
  readonly formula: string;
  readonly otherNames: readonly string[];
  /** Completes "… is"; only of those written by hand. */
  readonly about: string | undefined;
  readonly meltingKelvin: number | undefined;
  readonly boilingKelvin: number | undefined;
};

/** Compounds written by hand. */
export function handCompounds(): readonly Compound[] {
  const text = readFileSync(new URL('../../../data/chemistry/compounds.txt', import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name, formula, others, about] = line.split(' | ').map((cell) => cell.trim());
      if (!name || !formula) throw new RangeError(`data/chemistry/compounds.txt: ${line}`);
      const otherNames = (others ?? '-')
        .split(';')
        .map((other) => other.trim())
        .filter((other) => other !== '-' && other !== '');
      return {
        name,
        formula,
        otherNames,
        about: about || undefined,
        meltingKelvin: undefined,
        boilingKelvin: undefined,
      };
    });
}

/** Organic compounds that industry's list of common chemicals and PubChem share, with Wikidata's temperatures. */
export function commonCompounds(files: ArchiveFiles): readonly Compound[] {
  const common = new Set(files.text(COMMON).split(/\r?\n/));
  const temperatures = new Map(
    files
      .text(WIKIDATA)
      .split('\n')
      .map((line) => [line.split('\t')[0]!, line.split('\t')] as const),
  );
  return files
    .text(IDENTIFIERS)
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([, cas, formula]) => common.has(cas ?? '') && /^C\d*H/.test(formula ?? ''))
    .map(([, cas = '', formula = '', , , , , iupac = '', ...names]) => {
      const measured = temperatures.get(cas.replaceAll('-', ''));
      return {
        name: names[0] ?? iupac,
        formula,
        otherNames: [...new Set([iupac, ...names.slice(1, 6)])]
          .filter(
            (other) => other !== names[0] && /^[a-z][a-z -]+$|^[a-z0-9,-]+$/.test(other) && !/^[\d-]+$/.test(other),
          )
          .slice(0, 4),
        about: undefined,
        meltingKelvin: kelvin(measured?.[1]),
        boilingKelvin: kelvin(measured?.[2]),
      };
    })
    .filter(({ name }) => /^[a-z0-9,'()-]+( [a-z-]+){0,3}$/.test(name) && name.length <= 32);
}

function kelvin(text: string | undefined): number | undefined {
  const value = Number(text);
  return text === undefined || text === '' || !(value > 10 && value < 4000) ? undefined : value;
}

export type CompoundSources = { readonly own: string; readonly listed: string };

/** Facts of one compound, in a fixed order. */
export function compoundPassages(
  compound: Compound,
  weights: ReadonlyMap<string, number>,
  source: string,
): readonly Passage[] {
  const { name, formula, otherNames, about, meltingKelvin, boilingKelvin } = compound;
  const mass = molarMass(formula, weights);
  const derived = `derived from ${source}`;
  const [other] = otherNames;
  const known = about === undefined || other === undefined ? '' : ` (${other})`;
  const facts: readonly (readonly [string, string, string, string] | undefined)[] = [
    ['formula', `The chemical formula of ${name}${known} is ${formula}.`, formula, source],
    about === undefined ? undefined : ['definition', `${upper(name)} (${formula}) is ${about}.`, about, source],
    about === undefined || other === undefined
      ? undefined
      : [
          'common-name',
          `${upper(name)} (${formula}) is also called ${listed(otherNames)}.`,
          listed(otherNames),
          source,
        ],
    mass === undefined
      ? undefined
      : ['molar-mass', `The molar mass of ${name} is ${mass} g/mol.`, `${mass} g/mol`, derived],
    meltingKelvin === undefined
      ? undefined
      : [
          'melting-point',
          `The melting point of ${name} is ${celsiusText(meltingKelvin)}.`,
          celsiusText(meltingKelvin),
          source,
        ],
    boilingKelvin === undefined
      ? undefined
      : [
          'boiling-point',
          `The boiling point of ${name} is ${celsiusText(boilingKelvin)}.`,
          celsiusText(boilingKelvin),
          source,
        ],
  ];
  return facts.flatMap((made) =>
    made === undefined ? [] : [{ text: made[1], source: made[3], subject: name, relation: made[0], value: made[2] }],
  );
}

export function compoundAliases(compounds: readonly Compound[]): Aliases {
  return Object.fromEntries(
    compounds.map(({ name, otherNames, formula, about }) => [
      name,
      about === undefined ? otherNames : [...otherNames, formula],
    ]),
  );
}

/**
 * Grams per mole with two decimals, from a formula with brackets and water of crystallisation, such as
 * `CuSO4·5H2O` or `Ca(OH)2`. Undefined when a symbol is unknown.
 */
export function molarMass(formula: string, weights: ReadonlyMap<string, number>): string | undefined {
  let total = 0;
  for (const part of formula.split('·')) {
    const [, count, rest] = /^(\d*)(.*)$/.exec(part)!;
    const mass = massOf(rest!, weights);
    if (mass === undefined) return undefined;
    total += (count === '' ? 1 : Number(count)) * mass;
  }
  return total.toFixed(2);
}

function massOf(formula: string, weights: ReadonlyMap<string, number>): number | undefined {
  const open = [0];
  for (const [token, symbol, count, , closed] of formula.matchAll(/([A-Z][a-z]?)(\d*)|(\()|\)(\d*)|./g)) {
    if (symbol !== undefined) {
      const weight = weights.get(symbol);
      if (weight === undefined) return undefined;
      open[open.length - 1]! += weight * (count === '' ? 1 : Number(count));
    } else if (token === '(') open.push(0);
    else if (token.startsWith(')') && open.length > 1) {
      const inner = open.pop()!;
      open[open.length - 1]! += inner * (closed === '' || closed === undefined ? 1 : Number(closed));
    } else return undefined;
  }
  return open.length === 1 ? open[0] : undefined;
}

export function weightsOf(elements: readonly Element[]): ReadonlyMap<string, number> {
  return new Map(elements.map(({ symbol, weight }) => [symbol, weight]));
}

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}

function upper(text: string): string {
  return (text[0] ?? '').toUpperCase() + text.slice(1);
}
