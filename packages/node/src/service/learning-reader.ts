/**
 * What learning looks like to whoever asks (spec: learning): lines with their versions, rounds under way and over, and feedback.
 * Owns joining the records; the rules are the chain's.
 */
import {
  type Address,
  type Feedback,
  type Hash,
  isLearning,
  type LearningLine,
  listLines,
  listPendingBlobs,
  type ModelVersion,
  type PendingBlob,
  readAsked,
  readFeedback,
  readLine,
  readRound,
  readVersion,
  type StateTree,
  type TrainingRound,
} from '@synod/chain';

/** A round by its id: under way, or over with the version that it ended in. */
export type RoundView =
  | { readonly kind: 'open'; readonly round: TrainingRound }
  | { readonly kind: 'closed'; readonly version: ModelVersion };

/** Versions looked at to find a round that is over, counted from the newest. */
const roundSearchMax = 4_096;

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

  /** Rounds under way, by domain. */
  openRounds(): readonly TrainingRound[] {
    const state = this.#state();
    return listLines(state).flatMap((domain) => readRound(state, domain) ?? []);
  }

  /** Under way or among the last versions of any domain; null where no such round is found. */
  round(id: Hash): RoundView | null {
    const open = this.openRounds().find((round) => round.id === id);
    if (open !== undefined) return { kind: 'open', round: open };
    const state = this.#state();
    for (const domain of listLines(state)) {
      const last = readLine(state, domain)?.last ?? 0;
      for (let number = last; number > 0 && number > last - roundSearchMax; number--) {
        const version = readVersion(state, domain, number);
        if (version?.round === id) return { kind: 'closed', version };
      }
    }
    return null;
  }

  feedback(domain: string, number: number): Feedback | null {
    return readFeedback(this.#state(), domain, number);
  }

  /** Feedback of a query that still takes it, or took it not long ago; null for any other. */
  feedbackOf(queryId: Hash): Feedback | null {
    const state = this.#state();
    const asked = readAsked(state, queryId);
    if (asked === null || asked.feedback === null) return null;
    return readFeedback(state, asked.domain, asked.feedback);
  }

  /** Blobs that wait for attestation, oldest first. */
  pendingBlobs(): readonly PendingBlob[] {
    return listPendingBlobs(this.#state());
  }

  /** True unless the expert declined its domain's versions. */
  learns(expert: Address): boolean {
    return isLearning(this.#state(), expert);
  }
}
