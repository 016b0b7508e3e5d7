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

/** Both tables in one. Throws a plain Error where the second tells of an unknown relation, or what the first tells already. */
export function joinPhrases(
  table: Readonly<Record<string, readonly string[]>>,
  more: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, readonly string[]>> {
  const joined: Record<string, readonly string[]> = { ...table };
  for (const [relation, phrases] of Object.entries(more)) {
    const known = table[relation];
    if (known === undefined) throw new Error(`more phrases of “${relation}”, which has none`);
    const again = phrases.find((phrase) => known.includes(phrase));
    if (again !== undefined) throw new Error(`“${relation}” tells “${again}” twice`);
    joined[relation] = [...known, ...phrases];
  }
  return joined;
}
