/** An order that looks random and is always the same. Owns nothing else. */
import { fraction } from '../judge/random.ts';

export function shuffled<T>(items: readonly T[], seed: string): T[] {
  const keyed = items.map((item, i) => ({ item, key: fraction(`${seed} ${i}`) }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ item }) => item);
}
