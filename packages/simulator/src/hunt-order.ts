/** In which order a hunt tries its seeds: what killed this mutant before, then what kills most mutants soonest. Owns the order only. */
import { directedOf } from './directed.ts';

/**
 * Every seed of the range once: the one that is said to kill, if the range has it, then the first, then one of each directed schedule that takes no
 * longer than others, then the rest from the least.
 */
export function huntOrder(
  range: { readonly first: number; readonly last: number },
  said?: number | null,
): readonly number[] {
  const order = generalOrder(range);
  return said != null && order.includes(said) ? [said, ...order.filter((seed) => seed !== said)] : order;
}

function generalOrder({ first, last }: { readonly first: number; readonly last: number }): readonly number[] {
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
