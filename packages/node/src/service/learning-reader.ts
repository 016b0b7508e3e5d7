/**
 * What learning looks like to whoever asks (spec: learning): lines, versions and rounds, as the newest state has them. Owns the look-ups and
 * which events subscribers hear; feedback is the feedback service's, the rules are the chain's.
 */
import {
  type Address,
  type ChainEvent,
  isLearning,
  type LearningLine,
  listLines,
  type ModelVersion,
  readLine,
  readRound,
  readVersion,
  type StateTree,
  type TrainingRound,
} from '@synod/chain';

export class LearningReader {
  readonly #state: () => StateTree;

  constructor(state: () => StateTree) {
    this.#state = state;
  }

  /** Domains that learn, ascending. */
  domains(): readonly string[] {
    return listLines(this.#state());
  }

  /** Null before the domain's first feedback. */
  line(domain: string): LearningLine | null {
    return readLine(this.#state(), domain);
  }

  /** Null where it was never made, and for version 0 where genesis brought no factors. */
  version(domain: string, number: number): ModelVersion | null {
    return readVersion(this.#state(), domain, number);
  }

  /** The domain's round under way. */
  round(domain: string): TrainingRound | null {
    return readRound(this.#state(), domain);
  }

  /** True unless the expert declined its domain's versions. */
  learns(expert: Address): boolean {
    return isLearning(this.#state(), expert);
  }
}

/** First words of the types of events that tell of learning. */
const LEARNING_EVENTS: readonly string[] = ['feedback', 'blob', 'round', 'version', 'bias', 'lineage'];

/** The events of a block that subscribers of `learning` hear, in order, as free-form data. */
export function learningEvents(events: readonly ChainEvent[]): readonly Readonly<Record<string, unknown>>[] {
  return events.filter(({ type }) => LEARNING_EVENTS.includes(type.slice(0, type.indexOf('.'))));
}
