/** Reads the elements out of mendeleev's SQLite file. Owns its tables' names; sentences are element-facts.ts's. */
import { DatabaseSync } from 'node:sqlite';

export const MENDELEEV_MEMBERS = /^mendeleev\/elements\.db$/;

export type Isotope = {
  readonly massNumber: number;
  /** Percent of natural occurrence; null where none is found. */
  readonly abundance: number | null;
  readonly isRadioactive: boolean;
};

export type Element = {
  readonly number: number;
  readonly symbol: string;
  /** Lower case, IUPAC's spelling. */
  readonly name: string;
  readonly weight: number;
  readonly group: number | null;
  readonly period: number;
  readonly block: string;
  readonly series: string;
  readonly configuration: string;
  readonly electronegativity: number | null;
  readonly densityGramsPerCubicCentimetre: number | null;
  /** Of the commonest form; null where unknown. */
  readonly meltingKelvin: number | null;
  readonly boilingKelvin: number | null;
  readonly sublimes: boolean;
  readonly radiusPicometres: number | null;
  readonly firstIonisationElectronvolts: number | null;
  readonly oxidationStates: readonly number[];
  readonly isRadioactive: boolean;
  readonly discoverers: string | null;
  readonly discoveryYear: number | null;
  readonly discoveryPlace: string | null;
  readonly nameOrigin: string | null;
  readonly uses: string | null;
  readonly obtained: string | null;
  readonly description: string | null;
  readonly crustMilligramsPerKilogram: number | null;
  readonly cas: string | null;
  readonly isotopes: readonly Isotope[];
};

type Row = Readonly<Record<string, string | number | null>>;

/** IUPAC's spelling where the database has the American one. */
const SPELLING: Readonly<Record<string, string>> = { Aluminum: 'aluminium', Cesium: 'caesium' };

/** The form at room temperature of elements with several. */
const ALLOTROPES = new Set(['gray', 'graphite', 'white', 'rhombic', 'orthorhombic', 'dioxygen', 'alpha']);

/** The 118 elements by atomic number. */
export function readElements(bytes: Uint8Array): readonly Element[] {
  const database = new DatabaseSync(':memory:');
  try {
    database.deserialize(bytes);
    const rows = (sql: string) => database.prepare(sql).all() as unknown as readonly Row[];
    const transitions = rows('select * from phasetransitions where is_transition is null or is_transition = 0');
    const tables: Tables = {
      series: rows('select id, name from series'),
      transitions,
      oxidation: rows("select * from oxidationstates where category = 'main' order by oxidation_state"),
      ionisation: rows('select atomic_number, ionization_energy from ionizationenergies where ion_charge = 0'),
      isotopes: rows('select * from isotopes order by atomic_number, mass_number'),
    };
    return rows('select * from elements order by atomic_number').map((row) => elementOf(row, tables));
  } finally {
    database.close();
  }
}

type Tables = Readonly<Record<'series' | 'transitions' | 'oxidation' | 'ionisation' | 'isotopes', readonly Row[]>>;

function elementOf(row: Row, tables: Tables): Element {
  const number = Number(row['atomic_number']);
  const own = (rows: readonly Row[]) => rows.filter((other) => other['atomic_number'] === number);
  const transition = formOf(own(tables.transitions));
  const name = String(row['name']);
  return {
    number,
    symbol: String(row['symbol']),
    name: SPELLING[name] ?? name.toLowerCase(),
    weight: Number(row['atomic_weight']),
    group: numberOf(row['group_id']),
    period: Number(row['period']),
    block: String(row['block']),
    series: String(tables.series.find(({ id }) => id === row['series_id'])?.['name'] ?? ''),
    configuration: String(row['electronic_configuration']),
    electronegativity: numberOf(row['en_pauling']),
    densityGramsPerCubicCentimetre: numberOf(row['density']),
    meltingKelvin: numberOf(transition?.['melting_point']),
    boilingKelvin: numberOf(transition?.['boiling_point']),
    sublimes: Number(transition?.['is_sublimation_point'] ?? 0) === 1,
    radiusPicometres: numberOf(row['atomic_radius']),
    firstIonisationElectronvolts: numberOf(own(tables.ionisation)[0]?.['ionization_energy']),
    oxidationStates: own(tables.oxidation).map((state) => Number(state['oxidation_state'])),
    isRadioactive: Number(row['is_radioactive']) === 1,
    ...historyOf(row),
    crustMilligramsPerKilogram: numberOf(row['abundance_crust']),
    cas: textOf(row['cas']),
    isotopes: own(tables.isotopes).map((isotope) => ({
      massNumber: Number(isotope['mass_number']),
      abundance: numberOf(isotope['abundance']),
      isRadioactive: Number(isotope['is_radioactive']) === 1,
    })),
  };
}

function historyOf(row: Row) {
  return {
    discoverers: textOf(row['discoverers']),
    discoveryYear: numberOf(row['discovery_year']),
    discoveryPlace: textOf(row['discovery_location']),
    nameOrigin: textOf(row['name_origin']),
    uses: textOf(row['uses']),
    obtained: textOf(row['sources']),
    description: textOf(row['description']),
  };
}

function formOf(rows: readonly Row[]): Row | undefined {
  return rows.find(({ allotrope }) => allotrope === null || ALLOTROPES.has(String(allotrope))) ?? rows[0];
}

function numberOf(value: string | number | null | undefined): number | null {
  return typeof value === 'number' ? value : null;
}

function textOf(value: string | number | null | undefined): string | null {
  const text =
    typeof value === 'string'
      ? value
          .replace(/\s+/g, ' ')
          .replace(/\s+([.,;])/g, '$1')
          .trim()
      : '';
  return text === '' ? null : text;
}
