/** Numbers and line notations under which registers list compounds: CAS, PubChem, SMILES, InChIKey, IUPAC's name. Owns finding a compound's row in the registers of `chemicals`. */
import type { Passage } from '../../passage.ts';
import type { ArchiveFiles } from '../../sources/archive.ts';

const FOLDER = 'chemicals/Identifiers';
const FILES = ['pubchem small', 'pubchem large'].map((name) => `${FOLDER}/chemical identifiers ${name}.tsv`);

export type Identifiers = {
  readonly pubchem: string;
  readonly cas: string;
  /** Grams per mole. */
  readonly mass: number;
  readonly smiles: string;
  readonly inchiKey: string;
  readonly iupac: string;
};

/** Rows by every name that they have, in lower case; a name of several rows means the first. */
export type Register = ReadonlyMap<string, readonly Identifiers[]>;

/** Reads the rows that one of these names stands in; the small list goes first. */
export function readRegister(files: ArchiveFiles, wanted: ReadonlySet<string>): Register {
  const register = new Map<string, Identifiers[]>();
  for (const line of FILES.flatMap((file) => files.text(file).split('\n'))) {
    const [pubchem = '', cas = '', , mass = '', smiles = '', , inchiKey = '', iupac = '', ...names] = line.split('\t');
    const row = { pubchem, cas, mass: Number(mass), smiles, inchiKey, iupac };
    for (const name of new Set([iupac, ...names])) {
      if (!wanted.has(name)) continue;
      const before = register.get(name);
      if (before === undefined) register.set(name, [row]);
      else before.push(row);
    }
  }
  return register;
}

/** Rows of a name may be a salt or hydrate of what is meant: masses differ by less than this only where both are one compound. */
const MASS_DIFFERENCE_MAX = 0.1;

/** The compound's row: the first with one of its names and its mass. */
export function findIdentifiers(
  register: Register,
  { names, mass }: { readonly names: readonly string[]; readonly mass: number },
): Identifiers | undefined {
  return names
    .flatMap((name) => register.get(name.toLowerCase()) ?? [])
    .find((row) => Math.abs(row.mass - mass) < MASS_DIFFERENCE_MAX);
}

/** Longer notations are nothing that anybody asks for. */
const NOTATION_CHARACTERS_MAX = 80;

/** Names as the register's program builds them, which IUPAC does not use: "1-azanylpropan-2-ol". */
const UNUSUAL = /azan|oxidan|sulfan|phosphan|chloran|broman|iodan|fluoran|silan|;|[[\]{}]/;

/** Mixtures of isomers, which registers list under one of them. */
const MIXTURES: ReadonlySet<string> = new Set(['xylene']);

/** IUPAC's capitals, which the registers lack: N-methyl, 1H-indene, (2R,3S). */
export function withCapitals(iupac: string): string {
  return iupac
    .replace(/(?<![a-z])n(?=[,-])/g, 'N')
    .replace(/(?<=\d)h(?=-)/g, 'H')
    .replace(/\((?:\d*[rsze],?)+\)/g, (descriptors) => descriptors.toUpperCase());
}

/** Facts of one compound in a fixed order. */
export function identifierPassages(
  name: string,
  { cas, pubchem, smiles, inchiKey, iupac }: Identifiers,
  source: string,
): readonly Passage[] {
  if (MIXTURES.has(name)) return [];
  const facts: readonly (readonly [relation: string, what: string, value: string])[] = [
    ['cas-number', 'CAS registry number', cas],
    ['pubchem-cid', 'PubChem compound number (CID)', pubchem],
    ['smiles', 'SMILES notation', smiles],
    ['inchi-key', 'InChIKey', inchiKey],
    ['iupac-name', 'IUPAC name', UNUSUAL.test(iupac) || iupac === name ? '' : withCapitals(iupac)],
  ];
  return facts
    .filter(([, , value]) => value !== '' && value !== '-1' && value.length <= NOTATION_CHARACTERS_MAX)
    .map(([relation, what, value]) => ({
      text: `The ${what} of ${name} is ${value}.`,
      source,
      subject: name,
      relation,
      value,
    }));
}
