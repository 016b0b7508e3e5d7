/**
 * Follows queries for their requesters: events from opening to finality, replayed to whoever comes later. Owns a bounded
 * memory of recent queries; what they came to lives in the chain.
 */
import type { Address, ChainEvent, Hash, Height } from '@synod/chain';
import type { QueryView } from './query-view.ts';

export type QueryEvent =
  | { readonly kind: 'opened'; readonly queryId: Hash; readonly height: Height }
  | { readonly kind: 'selected'; readonly queryId: Hash; readonly experts: readonly Address[] }
  | {
      readonly kind: 'token';
      readonly queryId: Hash;
      readonly expert: Address;
      readonly text: string;
      /** For holders of the read key only. */
      readonly isPrivate: boolean;
    }
  | { readonly kind: 'answerDone'; readonly queryId: Hash; readonly expert: Address }
  | { readonly kind: 'phase'; readonly queryId: Hash; readonly phase: string; readonly height: Height }
  | { readonly kind: 'final'; readonly queryId: Hash; readonly view: QueryView }
  | { readonly kind: 'failed'; readonly queryId: Hash; readonly code: string; readonly message: string };

type Track = { readonly events: QueryEvent[]; readonly listeners: Set<() => void>; settledAt: Height | null };

const trackedMax = 512;
const eventsMax = 4_096;

export class QueryTracker {
  readonly #tracks = new Map<Hash, Track>();

  /** Begins (or continues) to remember a query. */
  track(queryId: Hash): Track {
    const known = this.#tracks.get(queryId);
    if (known !== undefined) return known;
    const track: Track = { events: [], listeners: new Set(), settledAt: null };
    this.#tracks.set(queryId, track);
    const oldest = this.#tracks.keys().next().value;
    if (this.#tracks.size > trackedMax && oldest !== undefined) this.#tracks.delete(oldest);
    return track;
  }

  has(queryId: Hash): boolean {
    return this.#tracks.has(queryId);
  }

  add(event: QueryEvent): void {
    const track = this.track(event.queryId);
    if (track.events.length < eventsMax || event.kind === 'final' || event.kind === 'failed') track.events.push(event);
    for (const listener of track.listeners) listener();
  }

  /** Turns what a block did into query events. */
  onBlock(height: Height, events: readonly ChainEvent[]): void {
    for (const event of events) {
      if (event.type === 'query.opened') this.add({ kind: 'opened', queryId: event.queryId, height });
      else if (event.type === 'query.selected') {
        this.add({ kind: 'selected', queryId: event.queryId, experts: event.experts });
      } else if (event.type === 'query.phase') {
        this.add({ kind: 'phase', queryId: event.queryId, phase: event.phase, height });
      } else if (event.type === 'query.settled') {
        this.track(event.queryId).settledAt = height;
        this.add({ kind: 'phase', queryId: event.queryId, phase: 'settled', height });
      }
    }
  }

  /** Queries settled below `height` whose finality has not been told yet. */
  takeFinal(height: Height): readonly Hash[] {
    const final = [...this.#tracks].filter(([, track]) => track.settledAt !== null && track.settledAt < height);
    for (const [, track] of final) track.settledAt = null;
    return final.map(([id]) => id);
  }

  /** Every event so far and to come, ending after `final` or `failed`, or when the signal aborts. */
  async *follow(queryId: Hash, signal: AbortSignal | undefined): AsyncGenerator<QueryEvent> {
    const track = this.track(queryId);
    for (let next = 0; signal?.aborted !== true; ) {
      const event = track.events[next];
      if (event === undefined) {
        await nextEvent(track, signal);
        continue;
      }
      next += 1;
      yield event;
      if (event.kind === 'final' || event.kind === 'failed') return;
    }
  }
}

function nextEvent(track: Track, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      track.listeners.delete(done);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    track.listeners.add(done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
