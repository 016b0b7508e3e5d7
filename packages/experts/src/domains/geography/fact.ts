/** What the sentences about countries share: the shape of a fact and the tidying of its words. */
import type { Country } from './country.ts';

export type FactSources = { readonly factbook: string; readonly list: string; readonly own: string };

export type Fact = {
  readonly relation: string;
  readonly text: string;
  readonly value: string | null;
  readonly source: string;
};

export type Maker = (country: Country, sources: FactSources) => readonly (Fact | undefined)[];

/** One fact before its subject is known. */
export function fact(relation: string, text: string, value: string, source: string): Fact {
  return { relation, text, value, source };
}

/** "a, b and c". */
export function joined(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** Cut at a comma or word below a number of characters. */
export function trimmed(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text.replace(/[.;, ]+$/, '');
  const cut = text.slice(0, charactersMax);
  return cut.slice(0, Math.max(cut.lastIndexOf(','), cut.lastIndexOf(' ', charactersMax - 40))).replace(/[.;, ]+$/, '');
}

/** First letter small unless a name or abbreviation seems to begin there. */
export function lower(text: string): string {
  const isName =
    /^([A-Z][a-z]+ (and|of|in|with|to|or|part|America|Europe|Africa|Asia|East)\b|[A-Z][a-z-]+,|[A-Z]{2})/.test(text);
  return isName ? text : (text[0] ?? '').toLowerCase() + text.slice(1);
}

/** First letter large. */
export function capital(text: string): string {
  return (text[0] ?? '').toUpperCase() + text.slice(1);
}
