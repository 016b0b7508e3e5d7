/**
 * JSON-RPC over WebSocket at /ws with subscriptions (spec: rpc §5): events carry monotonic cursors, a dead peer is noticed by ping,
 * and a consumer that does not keep up loses its subscriptions with a `sub_lagged` notification instead of silently.
 */
import { SynodError } from '@synod/chain';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import type { RpcLimits } from '../limits.ts';
import type {
  EventFilter,
  RpcContext,
  SubscribeOptions,
  SubscriptionHost,
  SubscriptionStart,
} from '../methods/method.ts';
import type { ChainEventTopic } from '../node-api.ts';
import { type Dispatcher, errorResponse } from './dispatcher.ts';
import { type EventHub, type HubEvent, passes } from './event-hub.ts';
import type { RateLimiter } from './rate-limiter.ts';

export type SocketOptions = {
  readonly hub: EventHub;
  readonly limits: RpcLimits;
  readonly rates: RateLimiter;
  readonly dispatcher: Dispatcher<RpcContext>;
  readonly contextFor: (connection: SubscriptionHost) => RpcContext;
};

/** Adds the /ws route. The websocket plugin must be registered already. */
export function addWebSocketRoute(app: FastifyInstance, options: SocketOptions): void {
  let open = 0;
  app.get('/ws', { websocket: true }, (socket, request) => {
    open += 1;
    socket.on('close', () => {
      open -= 1;
    });
    serveSocket(socket, { ...options, address: request.ip, bufferMax: () => bufferMax(options.limits, open) });
  });
}

/** What may wait in one socket: its own limit, or its part of what may wait in all of them. */
function bufferMax({ websocketBufferBytesMax, websocketBufferBytesTotal }: RpcLimits, sockets: number): number {
  return Math.min(websocketBufferBytesMax, Math.floor(websocketBufferBytesTotal / sockets));
}

type OneSocket = SocketOptions & { readonly address: string; readonly bufferMax: () => number };

function serveSocket(socket: WebSocket, options: OneSocket): void {
  const { limits, dispatcher, rates, address } = options;
  const subscriptions = createSubscriptions(socket, options);
  const stopPings = keepPinging(socket, limits.websocketPingMs);
  let pending = 0;

  socket.on('message', (message: Buffer) => {
    if (pending >= limits.websocketPendingMax) {
      const error = new SynodError(
        'LIMIT_EXCEEDED',
        `At most ${limits.websocketPendingMax} requests may be unanswered. Wait for answers.`,
      );
      socket.send(JSON.stringify(errorResponse(null, error)));
      return;
    }
    // Whoever asks on without reading the answers is cut: they would pile up here.
    if (socket.bufferedAmount > limits.websocketAnswerBytesMax) return socket.terminate();
    pending++;
    const turn = subscriptions.turn();
    const context = options.contextFor(turn);
    const send = (answer: string | null): void => {
      pending--;
      if (answer !== null && socket.readyState === socket.OPEN) socket.send(answer);
      turn.release();
    };
    const answer = dispatcher.answerBytes(message, context, (requests) => rates.take(address, requests));
    if (answer instanceof Promise) void answer.then(send);
    else send(answer);
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    stopPings();
    subscriptions.endAll();
  });
}

/** Pings at the given interval and cuts a peer that left the last ping unanswered. */
function keepPinging(socket: WebSocket, intervalMs: number): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, intervalMs);
  return () => clearInterval(timer);
}

type Subscription = {
  readonly id: string;
  readonly filter: EventFilter | null;
  /** Beginning of each of its notifications, up to the cursor. */
  readonly frame: string;
  end: () => void;
  lastCursor: number;
  /** Events held back until the response with the subscription's id is sent; null afterwards. */
  held: HubEvent[] | null;
};

/** The subscriptions of one connection as one message's requests see them. */
type Turn = SubscriptionHost & {
  /** Sends what was held back of those that began in this turn, once their responses are out. */
  release(): void;
};

type Subscriptions = { turn(): Turn; endAll(): void };

function createSubscriptions(socket: WebSocket, { hub, limits, bufferMax }: OneSocket): Subscriptions {
  const active = new Map<string, Subscription>();
  let created = 0;

  function deliver(subscription: Subscription, event: HubEvent): void {
    if (!active.has(subscription.id) || socket.readyState !== socket.OPEN) return;
    if (subscription.held !== null) {
      subscription.held.push(event);
      return;
    }
    if (!passes(event, subscription.filter)) return;
    if (socket.bufferedAmount > bufferMax()) {
      drop(subscription);
      return;
    }
    subscription.lastCursor = event.cursor;
    socket.send(`${subscription.frame}${event.cursor},"data":${event.text}}}`);
  }

  function drop(subscription: Subscription): void {
    end(subscription);
    const params = {
      subscription: subscription.id,
      lastCursor: subscription.lastCursor,
      hint: 'This subscription ended because events were read too slowly. Subscribe again with fromCursor = lastCursor.',
    };
    socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'sub_lagged', params }));
  }

  function end(subscription: Subscription): void {
    active.delete(subscription.id);
    subscription.end();
  }

  function begin(topic: ChainEventTopic, { fromCursor, filter }: SubscribeOptions): [Subscription, SubscriptionStart] {
    if (active.size >= limits.subscriptionsPerConnectionMax) {
      throw new SynodError(
        'LIMIT_EXCEEDED',
        `A connection has at most ${limits.subscriptionsPerConnectionMax} subscriptions. End one first.`,
      );
    }
    const id = `s${++created}`;
    const frame = `{"jsonrpc":"2.0","method":"sub_event","params":{"subscription":"${id}","topic":"${topic}","cursor":`;
    const { oldest, newest } = hub.cursors();
    const lastCursor = fromCursor ?? newest;
    const subscription: Subscription = { id, filter, frame, end: () => {}, lastCursor, held: [] };
    active.set(id, subscription);
    subscription.end = hub.subscribe(topic, fromCursor, (event) =>
      event === null ? drop(subscription) : deliver(subscription, event),
    );
    return [subscription, { subscription: id, instance: hub.instance, oldestCursor: oldest, newestCursor: newest }];
  }

  function createTurn(): Turn {
    const begun: Subscription[] = [];
    return {
      subscribe(topic, subscribeOptions) {
        const [subscription, start] = begin(topic, subscribeOptions);
        begun.push(subscription);
        return start;
      },
      unsubscribe(id) {
        const subscription = active.get(id);
        if (subscription !== undefined) end(subscription);
        return subscription !== undefined;
      },
      release() {
        for (const subscription of begun) {
          const held = subscription.held ?? [];
          subscription.held = null;
          for (const event of held) deliver(subscription, event);
        }
      },
    };
  }

  return {
    turn: createTurn,
    endAll() {
      for (const subscription of [...active.values()]) end(subscription);
    },
  };
}
