/** Owns making one passage from a fact and a sentence pattern. Knows no source and no domain. */
import { cleanText, type Passage } from '../../passage.ts';

const textBytesMax = 300;

/** The first letter in upper case, the rest as it was. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What a sentence is made of: the pattern has `{s}` for the subject, `{S}` for it with a capital, `{v}` for the value. */
export type Fact = {
  readonly pattern: string;
  readonly source: string;
  readonly relation: string;
  readonly subject: string;
  readonly value: string;
};

/** The sentence, or null when it is longer than 300 bytes: such a fact is left out, never cut. */
export function passageOf({ pattern, source, relation, subject, value }: Fact): Passage | null {
  const clean = { subject: cleanText(subject), value: cleanText(value) };
  const text = pattern
    .replaceAll('{s}', () => clean.subject)
    .replaceAll('{S}', () => capital(clean.subject))
    .replaceAll('{v}', () => clean.value);
  if (Buffer.byteLength(text) > textBytesMax || clean.subject === '' || clean.value === '') return null;
  return { text, source, subject: clean.subject, relation, value: clean.value };
}

/** The passages that are not null, each sentence once, in their order. */
export function distinct(passages: readonly (Passage | null)[]): readonly Passage[] {
  const seen = new Set<string>();
  return passages.filter((passage): passage is Passage => {
    if (passage === null || seen.has(passage.text)) return false;
    seen.add(passage.text);
    return true;
  });
}

/** The passages whose subject and relation none of the told ones has, whatever their article or capitals. */
export function untold(passages: readonly (Passage | null)[], told: readonly Passage[]): readonly (Passage | null)[] {
  const key = ({ subject, relation }: Passage): string =>
    `${relation}/${subject.toLowerCase().replace(/^(the|an?) /, '')}`;
  const known = new Set(told.map(key));
  return passages.filter((passage) => passage === null || !known.has(key(passage)));
}

/** Names joined by subject, each once and none equal to its subject. */
export function mergeAliases(
  tables: readonly Readonly<Record<string, readonly string[]>>[],
): Readonly<Record<string, readonly string[]>> {
  const merged = new Map<string, Set<string>>();
  for (const [subject, names] of tables.flatMap((table) => Object.entries(table))) {
    const held = merged.get(subject) ?? new Set();
    for (const name of names) if (name !== subject) held.add(name);
    merged.set(subject, held);
  }
  return Object.fromEntries([...merged].filter(([, names]) => names.size > 0).map(([key, names]) => [key, [...names]]));
}
