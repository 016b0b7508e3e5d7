/**
 * Events for subscribers: a bounded history with strictly increasing cursors, replayed on request. Owns the buffer;
 * what is worth an event is decided by the node service.
 */

export type Topic =
  | 'newHeads'
  | 'finalized'
  | 'txStatus'
  | 'query'
  | 'learning'
  | 'modelUpdate'
  | 'validatorEvent'
  | 'health';

export type TopicEvent = {
  readonly cursor: number;
  readonly topic: Topic;
  readonly data: Readonly<Record<string, unknown>>;
};

type Listener = (event: TopicEvent) => void;

const historyMax = 4_096;

export class EventLog {
  readonly #history: TopicEvent[] = [];
  readonly #listeners = new Map<Topic, Set<Listener>>();
  #cursor = 0;

  emit(topic: Topic, data: Readonly<Record<string, unknown>>): void {
    this.#cursor += 1;
    const event = { cursor: this.#cursor, topic, data };
    this.#history.push(event);
    if (this.#history.length > historyMax) this.#history.shift();
    for (const listener of this.#listeners.get(topic) ?? []) listener(event);
  }

  /** Cursors of the oldest event kept and of the newest; both 0 before the first. */
  cursors(): { readonly oldest: number; readonly newest: number } {
    return { oldest: this.#history[0]?.cursor ?? 0, newest: this.#cursor };
  }

  /** Replays what is kept after the cursor (nothing when null), then follows. Returns the function that ends it. */
  subscribe(topic: Topic, fromCursor: number | null, listener: Listener): () => void {
    if (fromCursor !== null) {
      for (const event of this.#history) if (event.topic === topic && event.cursor > fromCursor) listener(event);
    }
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => void listeners.delete(listener);
  }
}
