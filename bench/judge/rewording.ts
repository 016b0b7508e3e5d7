/** Other ways to write a value, and values that are nearly but not quite it. Owns both; shares no code with the judge that has to see through them. */
import { fraction, pick } from './random.ts';

const NUMBER = /\d[\d,]*(?:\.\d+)?/;

type Conversion = { readonly from: RegExp; readonly factor: number; readonly offset: number; readonly to: string };

const CONVERSIONS: readonly Conversion[] = [
  { from: /^ ?(?:sq km|km²|km2|square kilometres)\b/, factor: 0.386102, offset: 0, to: ' square miles' },
  { from: /^ ?(?:km|kilometres)\b/, factor: 0.621371, offset: 0, to: ' miles' },
  { from: /^ ?(?:m|metres)\b/, factor: 3.28084, offset: 0, to: ' feet' },
  { from: /^ ?°C/, factor: 1, offset: 273.15, to: ' K' },
  { from: /^ ?K\b/, factor: 1, offset: -273.15, to: ' °C' },
  { from: /^ ?g\/cm³/, factor: 1000, offset: 0, to: ' kg/m³' },
];

type Rewording = { readonly others: readonly string[]; readonly isDefinition: boolean; readonly name: string };

/** The value said otherwise: rounded, in another unit, by another name; a long definition is cut short. */
export function reworded(value: string, { others, isDefinition, name }: Rewording): string {
  const match = NUMBER.exec(value);
  const isNumeric =
    match !== null && value.length <= 40 && !/[A-Za-z]\d|\d\.\d+\.\d/.test(value) && /^[-−~]?\d/.test(value);
  if (isNumeric) return rewordedNumber(value, match[0], name);
  if (others.length > 0) return pick(others, name);
  const words = value.split(' ');
  return isDefinition && words.length >= 8 ? words.slice(0, Math.ceil(0.7 * words.length)).join(' ') : value;
}

function rewordedNumber(value: string, digits: string, name: string): string {
  const at = value.indexOf(digits);
  const amount = Number(digits.replaceAll(',', '')) * (/[-−]/.test(value.slice(0, at)) ? -1 : 1);
  const rest = value.slice(at + digits.length);
  const unit = CONVERSIONS.find(({ from }) => from.test(rest));
  const forms = [withSeparators(value, digits)];
  // A number of two digits converts to too many others.
  if (unit !== undefined && digits.replace(/\D/g, '').length >= 3 && amount !== 0) {
    const places =
      unit.offset !== 0 ? (digits.split('.')[1]?.length ?? 0) : Math.abs(amount * unit.factor) < 100 ? 1 : 0;
    forms.push(`${(amount * unit.factor + unit.offset).toFixed(places)}${rest.replace(unit.from, unit.to)}`);
  }
  if (amount >= 1e6 && !/illion/.test(rest)) forms.push(`about ${(amount / 1e6).toPrecision(3)} million${rest}`);
  if (/\.\d\d/.test(digits) && Math.abs(amount) >= 1)
    forms.push(value.replace(digits, amount.toFixed(1).replace('-', '')));
  return pick(forms, name);
}

function withSeparators(value: string, digits: string): string {
  if (digits.includes(',')) return value.replace(digits, digits.replaceAll(',', ''));
  const isLong = /^\d{5,}$/.test(digits);
  return isLong ? value.replace(digits, Number(digits).toLocaleString('en-GB')) : `roughly ${value}`;
}

/** The value with its first number changed by more than any rounding; null when it has none. */
export function miscounted(value: string, name: string): string | null {
  const match = NUMBER.exec(value);
  if (match === null) return null;
  const [digits] = match;
  const plain = digits.replaceAll(',', '');
  const swapped = swapDigit(plain, name);
  const scaled = String(
    Number((Number(plain) * pick([0.5, 0.8, 1.15, 1.3, 2, 3], name)).toPrecision(Math.max(2, plain.length - 1))),
  );
  const wrong = /[A-Za-z]$/.test(value.slice(0, match.index)) || fraction(`${name} way`) < 0.6 ? swapped : scaled;
  if (Number(wrong) === Number(plain)) return null;
  const shown = digits.includes(',') ? Number(wrong).toLocaleString('en-GB', { maximumFractionDigits: 20 }) : wrong;
  return value.slice(0, match.index) + shown + value.slice(match.index + digits.length);
}

/** One of the first three digits becomes another one. */
function swapDigit(digits: string, name: string): string {
  const places = [...digits.matchAll(/\d/g)].slice(0, 3).map(({ index }) => index);
  const at = pick(places, `${name} place`);
  const other = (Number(digits[at]) + 2 + Math.floor(6 * fraction(`${name} digit`))) % 10;
  return digits.slice(0, at) + (at === 0 && other === 0 ? 4 : other) + digits.slice(at + 1);
}
