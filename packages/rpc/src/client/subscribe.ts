/**
 * A typed subscription over WebSocket for browsers and Node: it reconnects by itself and goes on after the last event that was
 * taken. Owns reconnecting, cursors and the bound on what waits; the events are the server's (spec: rpc §5).
 */
import { SynodError } from '@synod/chain/errors';
import type { ChainEventTopic } from '../node-api.ts';
import { createSocketReader, type SocketReader } from './socket-reader.ts';

export const subscribeLimits = {
  /** Events that wait for a slow reader; past it the connection is given up and taken up again once they are read. */
  waitingMax: 10_000,
  /** Pause before the first new connection after one was lost; doubled each time up to the longest. */
  retryMs: 100,
  retryMsMax: 5_000,
  /** Silence after which the node is asked whether it is still there; the same again, and it counts as gone. */
  silenceMs: 20_000,
} as const;

/** One event of a topic as the server sends it. */
export type SubscriptionEvent = {
  readonly topic: ChainEventTopic;
  readonly cursor: number;
  readonly data: Readonly<Record<string, unknown>>;
};

/** Why events between the last one and the next one may be missing. */
export type SubscriptionGap = {
  /** `restarted`: the node began anew, with new cursors. `forgotten`: it no longer keeps the next one. */
  readonly reason: 'restarted' | 'forgotten';
};

export type SubscribeOptions = {
  /** Ends the iteration. */
  readonly signal: AbortSignal;
  /** Cursor of the last event seen; 0 for all that are kept; null or left out for new ones only. */
  readonly fromCursor?: number | null | undefined;
  /** Fields that an event's data must have with these values. */
  readonly filter?: Readonly<Record<string, string>> | undefined;
  /** Told whenever the connection is made or lost. */
  readonly onState?: ((state: 'open' | 'lost') => void) | undefined;
  /** Told before the first event after a hole: whoever needs every event reads what it lacks by its own means. */
  readonly onGap?: ((gap: SubscriptionGap) => void) | undefined;
};

/** Where a subscription stands between two connections. */
type Place = { cursor: number | null; instance: string | null };

/**
 * Events of a topic until the signal ends it. A lost connection is made again for as long as it takes, and nothing is missed or told
 * twice while the node keeps what came between. Throws the server's refusal (`INVALID_PARAMS`, `LIMIT_EXCEEDED`, …) by its name.
 * `url` is a node's base URL, e.g. http://127.0.0.1:9545.
 */
export async function* subscribe(
  url: string,
  topic: ChainEventTopic,
  options: SubscribeOptions,
): AsyncGenerator<SubscriptionEvent> {
  const { signal } = options;
  const place: Place = { cursor: options.fromCursor ?? null, instance: null };
  let retryMs: number = subscribeLimits.retryMs;
  while (!signal.aborted) {
    const reader = createSocketReader(socketUrl(url), { ...subscribeLimits, signal });
    try {
      for await (const event of eventsOf(reader, topic, { options, place })) {
        retryMs = subscribeLimits.retryMs;
        yield event;
      }
    } finally {
      reader.close();
    }
    await pause(retryMs, signal);
    retryMs = Math.min(retryMs * 2, subscribeLimits.retryMsMax);
  }
}

/** The events of one connection. Returns when it is lost. */
async function* eventsOf(
  reader: SocketReader,
  topic: ChainEventTopic,
  { options, place }: { readonly options: SubscribeOptions; readonly place: Place },
): AsyncGenerator<SubscriptionEvent> {
  let id: string | null = null;
  for await (const message of reader.messages()) {
    if (message === 'open') request(reader, topic, { options, fromCursor: place.cursor });
    else if (message['id'] === REQUEST_ID) {
      const begun = begin(resultOf(message), options, place);
      if (begun === null) break;
      if (begun === 'again') request(reader, topic, { options, fromCursor: 0 });
      else id = begun;
    } else if (isOf(message, 'sub_lagged', id)) {
      request(reader, topic, { options, fromCursor: place.cursor });
    } else if (isOf(message, 'sub_event', id)) {
      const event = message['params'] as SubscriptionEvent;
      place.cursor = event.cursor;
      yield { topic: event.topic, cursor: event.cursor, data: event.data };
    }
  }
  if (id !== null) options.onState?.('lost');
}

const REQUEST_ID = 1;

function request(
  reader: SocketReader,
  topic: ChainEventTopic,
  { options, fromCursor }: { readonly options: SubscribeOptions; readonly fromCursor: number | null },
): void {
  const params = {
    topic,
    ...(fromCursor === null ? {} : { fromCursor }),
    ...(options.filter === undefined ? {} : { filter: options.filter }),
  };
  reader.send({ jsonrpc: '2.0', id: REQUEST_ID, method: 'sub_subscribe', params });
}

type Begun = {
  readonly subscription: string;
  readonly instance: string;
  readonly oldestCursor: number;
  readonly newestCursor: number;
};

/** The answer to `sub_subscribe`; null where the node wants it asked later. Throws any other refusal. */
function resultOf({ result, error }: Readonly<Record<string, unknown>>): Begun | null {
  if (error === undefined) return result as Begun;
  const refused = refusal(error);
  if (refused.code === 'RATE_LIMITED') return null;
  throw refused;
}

/** The subscription's id, `again` where the cursors were another process's, null where it did not begin. */
function begin(begun: Begun | null, options: SubscribeOptions, place: Place): string | 'again' | null {
  if (begun === null) return null;
  const { subscription, instance, oldestCursor, newestCursor } = begun;
  const isAnother = place.instance !== null && place.instance !== instance;
  const isAhead = place.cursor !== null && place.cursor > newestCursor;
  place.instance = instance;
  if (isAnother || isAhead) {
    options.onGap?.({ reason: 'restarted' });
    place.cursor = 0;
    return 'again';
  }
  options.onState?.('open');
  if (place.cursor !== null && place.cursor > 0 && place.cursor + 1 < oldestCursor) {
    options.onGap?.({ reason: 'forgotten' });
  }
  // From here on a reconnect goes on after what was the newest, though no event came.
  place.cursor ??= newestCursor;
  return subscription;
}

function isOf(message: Readonly<Record<string, unknown>>, method: string, id: string | null): boolean {
  const params = message['params'] as { readonly subscription?: unknown } | undefined;
  return message['method'] === method && id !== null && params?.subscription === id;
}

function refusal(error: unknown): SynodError {
  const { message, data, code } = error as {
    readonly message?: unknown;
    readonly code?: unknown;
    readonly data?: { readonly name?: unknown };
  };
  const name = typeof data?.name === 'string' ? data.name : 'RPC_ERROR';
  return new SynodError(name, String(message ?? 'The node refused the subscription.'), {
    facts: { rpcCode: typeof code === 'number' ? code : null },
  });
}

function socketUrl(url: string): string {
  return `${url.replace(/^http/, 'ws').replace(/\/+$/, '')}/ws`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
