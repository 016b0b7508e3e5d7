/** Reads country profiles of the World Factbook. Owns its field names and the tidying of its texts. */
import type { ArchiveFiles } from '../../sources/archive.ts';

/** One profile: fields by `category/field[/part]`. */
export type Profile = {
  /** ISO 3166 two-letter code, upper case, from the internet code. */
  readonly iso: string;
  /** Text of a field, tidied; undefined when it is absent, empty or "NA". */
  field(...path: readonly string[]): string | undefined;
};

/** Countries whose profile names no internet code of their own, or several. */
const CODES: Readonly<Record<string, string>> = {
  'europe/fr.json': 'FR',
  'europe/kv.json': 'XK',
  'europe/uk.json': 'GB',
};

/** Profiles that describe no country or territory with a code, or a part of one. */
const SKIPPED = /\/(meta|oceans|world)\/|\/(europe\/ee|middle-east\/gz)\.json$/;

export const FACTBOOK_MEMBERS = /^package\/[a-z-]+\/[a-z]{2}\.json$/;

/** Profiles with a code, in the order of their codes. */
export function readProfiles(files: ArchiveFiles): readonly Profile[] {
  const profiles = files.paths
    .filter((path) => !SKIPPED.test(path))
    .flatMap((path) => {
      const profile = profileOf(path, files.json(path));
      return profile.iso === '' ? [] : [profile];
    });
  return profiles.sort((a, b) => (a.iso < b.iso ? -1 : 1));
}

function profileOf(path: string, json: unknown): Profile {
  const field = (...steps: readonly string[]): string | undefined => textAt(json, steps);
  const code = /^\.([a-z]{2})\b/.exec(field('Communications', 'Internet country code') ?? '')?.[1] ?? '';
  return { iso: CODES[path.replace('package/', '')] ?? code.toUpperCase(), field };
}

function textAt(json: unknown, steps: readonly string[]): string | undefined {
  let at = json;
  for (const step of [...steps, 'text']) {
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[step] : undefined;
  }
  if (typeof at !== 'string') return undefined;
  const text = tidy(at);
  return text === '' || /^(NA|none|unknown)$/i.test(text) ? undefined : text;
}

function tidy(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** A text without brackets and whatever they hold, nested ones too. */
export function withoutBrackets(text: string): string {
  let kept = '';
  let depth = 0;
  for (const character of text) {
    if (character === '(' || character === '[') depth += 1;
    if (depth === 0) kept += character;
    if ((character === ')' || character === ']') && depth > 0) depth -= 1;
  }
  return kept
    .replace(/\s+([,;.])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The items of a list such as "Spanish (official), Quechua 13%": names without brackets, shares and remarks. */
export function listItems(text: string): readonly string[] {
  return withoutBrackets(text.replace(/note ?[-:].*$/i, ''))
    .split(/[,;]/)
    .map((item) =>
      item
        .replace(/\b(and|about|less than|over)\b(?= \d)/g, '')
        .replace(/[<>~]?\d+(\.\d+)?(-\d+(\.\d+)?)?%?.*$/, '')
        .replace(/^and /, '')
        .trim(),
    )
    .filter(
      (item) =>
        item !== '' && !/^(other|unspecified|none|unaffiliated|unknown|no |mixed|all other|including)/i.test(item),
    );
}

/** The first number of a text such as "1,234.5 sq km" or "17.2 million sq km". */
export function firstNumber(text: string | undefined): number | undefined {
  const match = /(-?\d[\d,]*(?:\.\d+)?)(?: (million|billion|trillion))?/.exec(text ?? '');
  if (match === null) return undefined;
  const scale = { million: 1e6, billion: 1e9, trillion: 1e12 }[match[2] ?? ''] ?? 1;
  return Number((match[1] ?? '').replaceAll(',', '')) * scale;
}

/** Names as people write them: the Factbook prints surnames and capitals of cities in capitals. */
export function titleCase(name: string): string {
  return name
    .replace(/(?<!\.)\p{Lu}{2,}/gu, (word) => (word[0] ?? '') + word.slice(1).toLowerCase())
    .replace(/(?<=[ -])(Of|Es|De|La|El|The|Au)(?=[ -])/g, (word) => word.toLowerCase())
    .replace(/(?<=\p{L}\p{L}['’])\p{Lu}/gu, (letter) => letter.toLowerCase());
}

const GROUPED = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

export function grouped(value: number): string {
  return GROUPED.format(value);
}

/** "66.6 million", "945,000", "1.37 billion". */
export function rounded(value: number): string {
  if (value >= 1e12) return `${Number((value / 1e12).toPrecision(3))} trillion`;
  if (value >= 1e9) return `${Number((value / 1e9).toPrecision(3))} billion`;
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))} million`;
  return grouped(Number(value.toPrecision(3)));
}
