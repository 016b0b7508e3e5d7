/**
 * What an expert takes from its peers' answers of the round before. Owns when a passage counts as said by a peer and how probable it must be
 * (answering §9). A peer's text is compared, never asked, obeyed or shown: what is adopted is the expert's own passage.
 */
import type { Retrieval } from '../knowledge/knowledge.ts';
import { normsOf } from '../retrieval/words.ts';
import { limits } from './limits.ts';

type Candidate = Retrieval['candidates'][number];

/**
 * The likeliest own passage that a peer bears out, for a question on which the expert would refuse; null when there is none. How many
 * peers say something counts for nothing: the order is that of the passages' own probabilities for the question.
 */
export function adopt(candidates: readonly Candidate[], peers: readonly string[]): Candidate | null {
  const said = peers.slice(0, limits.peersMax).map(readPeer);
  const isLikely = ({ probability }: Candidate) => probability >= ADOPTED_PROBABILITY_MIN;
  return candidates.find((one) => isLikely(one) && said.some((words) => states(words, one.passage))) ?? null;
}

/** Chosen on split tune of bench/domains (bench/market/peers.ts): below it wrong peers gain as much as right ones. */
const ADOPTED_PROBABILITY_MIN = 0.15;

const readPeer = (text: string): readonly string[] =>
  normsOf(text.slice(0, limits.peerCharactersMax).toWellFormed().normalize('NFC'));

/** A peer states a passage that it repeats, or whose value it gives. */
function states(words: readonly string[], { text, value }: Candidate['passage']): boolean {
  return hasRun(words, normsOf(value ?? text));
}

/** True when `run`, at least one word, stands in `words` as it is. */
export function hasRun(words: readonly string[], run: readonly string[]): boolean {
  return run.length > 0 && words.some((_, start) => run.every((word, offset) => words[start + offset] === word));
}
