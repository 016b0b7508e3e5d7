/** In which order a hunt tries its seeds: what kills most mutants soonest comes first. Owns the order only. */
import { directedOf } from './directed.ts';

/** Every seed of the range once: the first, then one of each directed schedule that takes no longer than others, then the rest from the least. */
export function huntOrder({ first, last }: { readonly first: number; readonly last: number }): readonly number[] {
  const seeds = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  const met = new Set<string>();
  const early = seeds.filter((seed) => {
    const name = directedOf(seed);
    if (name === 'farBehind') return false;
    if (name === null || met.has(name)) return seed === first;
    met.add(name);
    return true;
  });
  return [...early, ...seeds.filter((seed) => !early.includes(seed))];
}
