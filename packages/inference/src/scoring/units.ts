/**
 * Units that people write after numbers, and what one of each is in the base unit of its dimension. Owns the table and its
 * lookup; numbers are read in quantities.ts.
 */

export type Unit = {
  /** Quantities of different dimensions are never equal. */
  readonly dimension: string;
  /** base = number × scale + offset. */
  readonly scale: number;
  readonly offset: number;
};

/** dimension → scale → spellings, separated by `|`; lower case unless case tells units apart. */
const TABLE: Readonly<Record<string, readonly (readonly [scale: number, spellings: string])[]>> = {
  length: [
    [1, 'm|metre|metres|meter|meters'],
    [1_000, 'km|kms|kilometre|kilometres|kilometer|kilometers'],
    [1e-2, 'cm|centimetre|centimetres|centimeter|centimeters'],
    [1e-3, 'mm|millimetre|millimetres|millimeter|millimeters'],
    [1e-9, 'nm|nanometre|nanometres|nanometer|nanometers'],
    [1e-10, 'Å|angstrom|angstroms'],
    [1e-12, 'pm|picometre|picometres|picometer|picometers'],
    [1_609.344, 'mi|mile|miles'],
    [1_852, 'nmi|nautical mile|nautical miles'],
    [0.3048, 'ft|foot|feet'],
    [0.0254, 'inch|inches'],
  ],
  area: [
    [1, 'm2|sq m|square metre|square metres|square meter|square meters'],
    [1e6, 'km2|sq km|square km|square kilometre|square kilometres|square kilometer|square kilometers'],
    [1e4, 'ha|hectare|hectares'],
    [2_589_988.11, 'mi2|sq mi|square mi|square mile|square miles'],
    [4_046.86, 'acre|acres'],
  ],
  mass: [
    [1, 'g|gram|grams'],
    [1_000, 'kg|kilogram|kilograms|kilo|kilos'],
    [1e-3, 'mg|milligram|milligrams'],
    [1e-6, 'µg|μg|mcg|microgram|micrograms'],
    [1e6, 't|tonne|tonnes'],
    [453.592, 'lb|lbs|pound|pounds'],
  ],
  'molar mass': [
    [1, 'u|Da|amu|dalton|daltons|g/mol|grams per mole|atomic mass units|unified atomic mass units|atomic mass unit'],
  ],
  density: [
    [1, 'g/cm3|g/cc|g/ml|kg/l|grams per cubic centimetre|grams per cubic centimeter'],
    [1e-3, 'kg/m3|g/l|kilograms per cubic metre|kilograms per cubic meter|grams per litre|grams per liter'],
  ],
  'molar energy': [
    [1, 'kj/mol|kilojoules per mole'],
    [96.485, 'eV|electronvolt|electronvolts|electron volt|electron volts'],
  ],
  percent: [[1, '%|percent|per cent']],
  time: [
    [1, 's|sec|second|seconds'],
    [1e-3, 'ms|millisecond|milliseconds'],
    [60, 'min|minute|minutes'],
    [3_600, 'h|hour|hours'],
    [86_400, 'd|day|days'],
    [604_800, 'week|weeks'],
    [31_557_600, 'year|years|yr|yrs|a'],
  ],
  volume: [
    [1, 'l|litre|litres|liter|liters'],
    [1e-3, 'ml|millilitre|millilitres|milliliter|milliliters'],
  ],
  data: [
    [1, 'bit|bits'],
    [8, 'B|byte|bytes'],
    [8e3, 'kB|kilobyte|kilobytes'],
    [8e6, 'MB|megabyte|megabytes'],
    [8e9, 'GB|gigabyte|gigabytes'],
    [8_192, 'KiB|kibibyte|kibibytes'],
  ],
};

const TEMPERATURES: readonly (readonly [scale: number, offset: number, spellings: string])[] = [
  [1, 0, 'K|kelvin|kelvins|degrees kelvin|°K'],
  [1, 273.15, 'C|°C|celsius|degrees celsius|degree celsius|degrees c|centigrade|degrees centigrade'],
  [5 / 9, 459.67 * (5 / 9), '°F|F|fahrenheit|degrees fahrenheit|degree fahrenheit|degrees f'],
];

const UNITS: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  ...Object.entries(TABLE).flatMap(([dimension, rows]) =>
    rows.flatMap(([scale, spellings]) =>
      spellings.split('|').map((name) => [name, { dimension, scale, offset: 0 }] as const),
    ),
  ),
  ...TEMPERATURES.flatMap(([scale, offset, spellings]) =>
    spellings.split('|').map((name) => [name, { dimension: 'temperature', scale, offset }] as const),
  ),
]);

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const LONGEST_FIRST = [...UNITS.keys()].toSorted((a, b) => b.length - a.length);
const AT_START = new RegExp(`^[ \\u00a0-]?(?:${LONGEST_FIRST.map(literally).join('|')})(?![\\p{L}\\d])`, 'u');
const AT_START_ANY_CASE = new RegExp(AT_START.source, 'iu');

/** The unit that `text` (what follows a number) begins with, or null. Case matters for one-letter units only. */
export function unitAtStart(text: string): Unit | null {
  const near = text.slice(0, 40).replace(/\^/g, '').replace(/²/g, '2').replace(/³/g, '3');
  const exact = AT_START.exec(near)?.[0].replace(/^[ \u00a0-]/, '');
  if (exact !== undefined) return UNITS.get(exact) ?? null;
  const loose = AT_START_ANY_CASE.exec(near)?.[0].replace(/^[ \u00a0-]/, '');
  return loose === undefined || loose.length < 2 ? null : (UNITS.get(loose.toLowerCase()) ?? null);
}
