/** Feedback as it stands on chain, with its words where they are here (spec: learning §2). Owns the look-ups. */
import {
  decodeFeedbackBlob,
  type Feedback,
  type FeedbackBlob,
  type Hash,
  type Height,
  readAsked,
  readFeedback,
  readLine,
  readParams,
} from '@synod/chain';
import type { ChainReader } from './chain-reader.ts';
import type { FeedbackFiles } from './feedback-service.ts';

export type FeedbackText = Pick<FeedbackBlob, 'prompt' | 'answer' | 'correction' | 'source' | 'licence' | 'consent'>;

export type FeedbackView = { readonly feedback: Feedback; readonly text: FeedbackText | null };

/** Feedback of one answer, and records looked at to find that of one query. */
const limits = { listMax: 100, lookedAtMax: 4_096 } as const;

export class FeedbackReader {
  readonly #reader: ChainReader;
  readonly #blobs: Pick<FeedbackFiles['blobs'], 'read'> | null;

  constructor(options: {
    readonly reader: ChainReader;
    readonly blobs: Pick<FeedbackFiles['blobs'], 'read'> | null;
  }) {
    this.#reader = options.reader;
    this.#blobs = options.blobs;
  }

  /** The whole blob; null where it is not here. */
  blob(content: Hash): Uint8Array | null {
    return this.#blobs?.read(content) ?? null;
  }

  feedback(domain: string, number: number): FeedbackView | null {
    const feedback = readFeedback(this.#reader.state, domain, number);
    return feedback === null ? null : { feedback, text: this.#text(feedback) };
  }

  list(domain: string, from: number, limit: number): readonly FeedbackView[] {
    const count = Math.min(limit, limits.listMax);
    return Array.from({ length: count }, (_, index) => this.feedback(domain, from + index)).filter(
      (view) => view !== null,
    );
  }

  /** What was given about a query; null where nothing was, or nothing is known of the query. */
  ofQuery(queryId: Hash): FeedbackView | null {
    const asked = readAsked(this.#reader.state, queryId);
    if (asked !== null) return asked.feedback === null ? null : this.feedback(asked.domain, asked.feedback);
    const settledAt = this.#reader.querySettledHeight(queryId);
    if (settledAt === null) return null;
    const receipt = this.#reader.results(settledAt)?.receipts.find((one) => one.queryId === queryId);
    return receipt === undefined ? null : this.#sought(queryId, receipt.domain, settledAt);
  }

  /** Numbers rise with the height of giving: from the first one given after the query was settled. */
  #sought(queryId: Hash, domain: string, settledAt: Height): FeedbackView | null {
    const { state } = this.#reader;
    const count = readLine(state, domain)?.feedback ?? 0;
    const until = settledAt + readParams(state).learning.feedbackWindow;
    let low = 0;
    for (let high = count; low < high; ) {
      const middle = Math.floor((low + high) / 2);
      if ((readFeedback(state, domain, middle)?.givenAt ?? 0) < settledAt) low = middle + 1;
      else high = middle;
    }
    for (let number = low; number < Math.min(count, low + limits.lookedAtMax); number++) {
      const feedback = readFeedback(state, domain, number);
      if (feedback === null || feedback.givenAt > until) return null;
      if (feedback.queryId === queryId) return { feedback, text: this.#text(feedback) };
    }
    return null;
  }

  /** None of a blob that is not what the record says: whoever signed it could have named any. */
  #text(feedback: Feedback): FeedbackText | null {
    const bytes = this.blob(feedback.content);
    const said = bytes === null ? null : decodeFeedbackBlob(bytes);
    if (said === null || said.queryId !== feedback.queryId || said.author !== feedback.author) return null;
    const { prompt, answer, correction, source, licence, consent } = said;
    return { prompt, answer, correction, source, licence, consent };
  }
}
