/**
 * When to look at a node again: at every block and change of its health that it tells by WebSocket, or every two seconds where it tells
 * nothing. Owns that choice and why it was made; what is looked at is the command's.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { subscribe } from '@synod/rpc/client';
import { describeFailure } from '../terminal/failure.ts';

export const feedLimits = {
  /** Between looks while the node tells nothing. */
  pollMs: 2_000,
  /** Longest time without a look while it does: how long ago a block was changes without news. */
  silenceMs: 10_000,
  /** Shortest time between looks, for a node that applies blocks faster than anybody reads. */
  gapMs: 250,
  /** Before a subscription that was refused is tried again. */
  refusedMs: 10_000,
} as const;

/** `connecting`: not known yet. `polling`: no events come, and `reason` says why; it goes on connecting. */
export type FeedState =
  | { readonly kind: 'connecting' | 'events'; readonly reason: null }
  | { readonly kind: 'polling'; readonly reason: string };

export type NodeFeed = {
  state(): FeedState;
  /** Resolves when it is time for the next look. */
  news(): Promise<void>;
};

const TOPICS = ['newHeads', 'health'] as const;

/** Follows the node at `url` until the signal ends it. */
export function followNode(url: string, signal: AbortSignal): NodeFeed {
  let state: FeedState = { kind: 'connecting', reason: null };
  let isNews = false;
  let wake: () => void = () => undefined;
  const tell = (next: FeedState = state) => {
    state = next;
    isNews = true;
    wake();
  };
  const onState = (now: 'open' | 'lost') =>
    tell(
      now === 'open' ? { kind: 'events', reason: null } : { kind: 'polling', reason: 'the connection to it was lost' },
    );
  for (const topic of TOPICS) void follow(topic);
  return {
    state: () => state,
    async news() {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      const timer = setTimeout(resolve, state.kind === 'events' ? feedLimits.silenceMs : feedLimits.pollMs);
      if (isNews) resolve();
      await promise;
      clearTimeout(timer);
      if (!isNews && state.kind === 'connecting') state = { kind: 'polling', reason: 'it has taken no WebSocket yet' };
      await delay(feedLimits.gapMs);
      isNews = false;
    },
  };

  async function follow(topic: (typeof TOPICS)[number]): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const _ of subscribe(url, topic, { signal, onState })) tell();
      } catch (error) {
        tell({ kind: 'polling', reason: describeFailure(error).message });
        await delay(feedLimits.refusedMs);
      }
    }
  }
}
