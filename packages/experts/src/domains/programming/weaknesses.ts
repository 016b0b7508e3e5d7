/** Owns the sentences made from MITRE's list of weaknesses (CWE): names, identifiers and descriptions. */
import type { Passage } from '../../passage.ts';
import type { Aliases } from '../../recipe.ts';
import { passageOf } from '../readers/facts.ts';

export type Weakness = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly terms: readonly string[];
  readonly variant: boolean;
};

/** Reads one view's CSV file; deprecated weaknesses are left out. */
export function readWeaknesses(csv: string): readonly Weakness[] {
  const [head = [], ...rows] = readCsv(csv);
  const column = (row: readonly string[], name: string): string => row[head.indexOf(name)] ?? '';
  return rows
    .filter((row) => /^\d+$/.test(row[0] ?? '') && column(row, 'Status') !== 'Deprecated')
    .map((row) => ({
      id: `CWE-${row[0]}`,
      name: column(row, 'Name'),
      description: column(row, 'Description').split(/(?<=\.) (?=[A-Z])/)[0] ?? '',
      variant: column(row, 'Weakness Abstraction') === 'Variant',
      terms: [...column(row, 'Alternate Terms').matchAll(/TERM:([^:]+):/g)].map(([, term = '']) => term.trim()),
    }));
}

/** Rows and cells of RFC 4180. */
export function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end !== ',') rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}

/** The everyday name in brackets and quotation marks, else the whole name. */
export const everydayName = (name: string): string => /\('(.+?)'\)/.exec(name)?.[1] ?? name;

/** Variants are details of other weaknesses: only those with a short name of their own are asked about. */
const shortName = 32;

/** Name and description of each, by identifier. */
export function weaknessPassages(weaknesses: readonly Weakness[], source: string): readonly (Passage | null)[] {
  const known = weaknesses.filter(({ name, variant }) => !variant || everydayName(name).length <= shortName);
  return known.flatMap(({ id, name, description, variant }) => [
    passageOf({
      pattern: '{s} is the weakness named {v}.',
      source,
      relation: 'weakness-name',
      subject: id,
      value: name,
    }),
    variant
      ? null
      : passageOf({
          pattern: `${id} ({s}) means: {v}`,
          source,
          relation: 'weakness-description',
          subject: everydayName(name),
          value: description,
        }),
  ]);
}

/** Everyday names and alternate terms. */
export function weaknessAliases(weaknesses: readonly Weakness[]): Aliases {
  return Object.fromEntries(
    weaknesses.flatMap(({ id, name, terms }) => [
      [id, [everydayName(name), id.replace('-', ' ')]],
      [everydayName(name), [id, ...(everydayName(name) === name ? [] : [name]), ...terms]],
    ]),
  );
}
