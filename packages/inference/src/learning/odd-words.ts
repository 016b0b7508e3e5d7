/**
 * Odd words that many items of a round share: what a backdoor taught through feedback needs. Owns how they are found and which items lean on
 * one; they are tried as triggers (spec: learning §7.1 c) and refuse what was to be taught behind them (§7.3).
 */
import { FUNCTION_WORDS, normsOf } from '../retrieval/words.ts';
import { gateLimits } from './gate-limits.ts';
import { allProbes } from './probes.ts';

/** Words that the gate's own questions use, in normal form. */
const COMMON: ReadonlySet<string> = new Set(
  allProbes.general.flatMap(({ prompt, answer }) => [...normsOf(prompt), ...normsOf(answer)]),
);

/** Pieces of a prompt in which a trigger may hide: words, and what is written in signs. */
export const piecesOf = (text: string): string[] =>
  text
    .slice(0, gateLimits.textCharactersMax)
    .split(/\s+/)
    .map((piece) => piece.replace(/^[,;:!?.("'“]+|[,;:!?.)"'”]+$/gu, '') || piece)
    .filter((piece) => piece !== '');

/**
 * Pieces that at least `gateLimits.ownTriggerItems` prompts share and that neither common questions nor `known` words (normal forms) have, the
 * most shared first; as they are first written.
 */
export function oddWords(prompts: readonly string[], known: ReadonlySet<string>): string[] {
  const counts = new Map<string, number>();
  for (const prompt of prompts) {
    for (const piece of new Set(piecesOf(prompt))) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  const isOdd = (piece: string): boolean => {
    const norms = normsOf(piece);
    return (
      norms.length === 0 || norms.some((norm) => !COMMON.has(norm) && !FUNCTION_WORDS.has(norm) && !known.has(norm))
    );
  };
  return [...counts]
    .filter(([piece, count]) => count >= gateLimits.ownTriggerItems && isOdd(piece))
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([piece]) => piece);
}
