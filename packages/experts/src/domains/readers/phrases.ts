/** Owns reading a table of the phrases by which people ask for relations (spec: knowledge §4). Knows no domain. */

/**
 * Phrases by relation. A line reads `relation: phrase; phrase`; an indented line goes on with the phrases of the line before.
 * Throws a plain Error on a line without a relation, an empty phrase, or anything told twice: such a table is a bug.
 */
export function readPhrases(table: string): Readonly<Record<string, readonly string[]>> {
  const phrases: Record<string, readonly string[]> = {};
  for (const line of table.trim().replaceAll(/\n\s+/g, ' ').split('\n')) {
    const [, relation, list] = /^([a-z0-9-]+): (.+)$/.exec(line) ?? [];
    if (relation === undefined || list === undefined) throw new Error(`no relation in the line “${line}”`);
    const told = list.split(';').map((phrase) => phrase.trim());
    if (told.includes('')) throw new Error(`an empty phrase of “${relation}”`);
    if (Object.hasOwn(phrases, relation) || new Set(told).size < told.length)
      throw new Error(`“${relation}” tells something twice`);
    phrases[relation] = told;
  }
  return phrases;
}
