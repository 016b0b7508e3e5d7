/** What was probably meant by a mistyped word. Owns how near is near enough. */

const DISTANCE_MAX = 3;
const SIMILARITY_MIN = 0.4;
const PREFIX_MIN = 3;

/** The known word nearest to `word`, or null where none is near. Case, `_` and `-` do not count. */
export function nearest(word: string, known: readonly string[]): string | null {
  const plain = fold(word);
  let best: { readonly name: string; readonly distance: number } | null = null;
  for (const name of known) {
    const candidate = fold(name);
    const isPrefix = plain.length >= PREFIX_MIN && (candidate.startsWith(plain) || plain.startsWith(candidate));
    const distance = isPrefix ? 1 : editDistance(plain, candidate);
    const length = Math.max(plain.length, candidate.length);
    if (!isPrefix && (distance > DISTANCE_MAX || 1 - distance / length <= SIMILARITY_MIN)) continue;
    if (best === null || distance < best.distance) best = { name, distance };
  }
  return best?.name ?? null;
}

function fold(word: string): string {
  return word
    .slice(0, 64)
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^-+/, '');
}

/** Insertions, deletions, replacements and swaps of neighbours between two words. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + cost);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
