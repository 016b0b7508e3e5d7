/**
 * Everything an edge may ask of a running node about learning: feedback, its blobs, and what domains have learnt. Owns the
 * facade alone; it is the part of node-service.ts that has the shape of the RPC package's LearningApi.
 */
import type { Address, Hash, LearningLine, ModelVersion, PublicKey, TrainingRound } from '@synod/chain';
import type { FeedbackReader, FeedbackView } from './feedback-reader.ts';
import type {
  FeedbackRequest,
  FeedbackResult,
  FeedbackService,
  FeedbackTerms,
  FeedbackWait,
  OwnFeedbackRequest,
  PreparedFeedback,
} from './feedback-service.ts';
import type { LearningReader } from './learning-reader.ts';

export type LearningRooms = {
  readonly given: FeedbackService;
  readonly feedback: FeedbackReader;
  readonly learning: LearningReader;
};

export class LearningFacade {
  readonly #rooms: LearningRooms;

  constructor(rooms: LearningRooms) {
    this.#rooms = rooms;
  }

  async submitFeedback(
    request: OwnFeedbackRequest,
    wait: FeedbackWait,
    terms?: FeedbackTerms,
  ): Promise<FeedbackResult> {
    return this.#rooms.given.submit(request, wait, terms);
  }

  prepareFeedback(request: FeedbackRequest, sender: PublicKey): PreparedFeedback {
    return this.#rooms.given.prepare(request, sender);
  }

  async submitSignedFeedback(raw: Uint8Array, blob: Uint8Array | null, wait: FeedbackWait): Promise<FeedbackResult> {
    return this.#rooms.given.submitSigned(raw, blob, wait);
  }

  feedbackOf(queryId: Hash): FeedbackView | null {
    return this.#rooms.feedback.ofQuery(queryId);
  }

  getFeedback(domain: string, number: number): FeedbackView | null {
    return this.#rooms.feedback.feedback(domain, number);
  }

  listFeedback(domain: string, from: number, limit: number): readonly FeedbackView[] {
    return this.#rooms.feedback.list(domain, from, limit);
  }

  getBlob(content: Hash): Uint8Array | null {
    return this.#rooms.feedback.blob(content);
  }

  /** Domains that learn, ascending. */
  learningDomains(): readonly string[] {
    return this.#rooms.learning.domains();
  }

  learningLine(domain: string): LearningLine | null {
    return this.#rooms.learning.line(domain);
  }

  modelVersion(domain: string, number: number): ModelVersion | null {
    return this.#rooms.learning.version(domain, number);
  }

  /** The domain's round under way. */
  trainingRound(domain: string): TrainingRound | null {
    return this.#rooms.learning.round(domain);
  }

  /** True unless the expert declined its domain's versions. */
  learns(expert: Address): boolean {
    return this.#rooms.learning.learns(expert);
  }
}
