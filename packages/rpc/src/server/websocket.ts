/**
 * JSON-RPC over WebSocket at /ws with subscriptions (spec: rpc §5): events carry monotonic cursors, a dead peer is noticed by ping,
 * and a consumer that does not keep up loses its subscriptions with a `sub_lagged` notification instead of silently.
 */
import { SynodError } from '@synod/chain';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import { eventDataJson } from '../json/topic-event.ts';
import type { RpcLimits } from '../limits.ts';
import type { RpcContext, SubscriptionHost } from '../methods/method.ts';
import type { NodeApi, TopicEvent } from '../node-api.ts';
import { type Dispatcher, errorResponse } from './dispatcher.ts';

export type SocketOptions = {
  readonly api: NodeApi;
  readonly limits: RpcLimits;
  readonly dispatcher: Dispatcher<RpcContext>;
  readonly contextFor: (connection: SubscriptionHost) => RpcContext;
};

/** Adds the /ws route. The websocket plugin must be registered already. */
export function addWebSocketRoute(app: FastifyInstance, options: SocketOptions): void {
  app.get('/ws', { websocket: true }, (socket) => serveSocket(socket, options));
}

function serveSocket(socket: WebSocket, options: SocketOptions): void {
  const { limits, dispatcher } = options;
  const subscriptions = createSubscriptions(socket, options);
  const context = options.contextFor(subscriptions);
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
    pending++;
    void dispatcher.answerBytes(message, context).then((answer) => {
      pending--;
      if (answer !== null && socket.readyState === socket.OPEN) socket.send(answer);
      subscriptions.release();
    });
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
  end: () => void;
  lastCursor: number | null;
  /** Events held back until the response with the subscription's id is sent; null afterwards. */
  held: TopicEvent[] | null;
};

type Subscriptions = SubscriptionHost & {
  /** Sends what was held back, once the response is out. */
  release(): void;
  endAll(): void;
};

function createSubscriptions(socket: WebSocket, { api, limits }: SocketOptions): Subscriptions {
  const active = new Map<string, Subscription>();
  let created = 0;

  function deliver(subscription: Subscription, event: TopicEvent): void {
    if (!active.has(subscription.id) || socket.readyState !== socket.OPEN) return;
    if (subscription.held !== null) {
      subscription.held.push(event);
      return;
    }
    if (socket.bufferedAmount > limits.websocketBufferBytesMax) {
      drop(subscription);
      return;
    }
    subscription.lastCursor = event.cursor;
    const { topic, cursor, data } = event;
    notify('sub_event', { subscription: subscription.id, topic, cursor, data: eventDataJson(data) });
  }

  function drop(subscription: Subscription): void {
    end(subscription);
    notify('sub_lagged', {
      subscription: subscription.id,
      lastCursor: subscription.lastCursor,
      hint: 'This subscription ended because events were read too slowly. Subscribe again with fromCursor = lastCursor.',
    });
  }

  function end(subscription: Subscription): void {
    active.delete(subscription.id);
    subscription.end();
  }

  function notify(method: string, params: Record<string, unknown>): void {
    socket.send(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  return {
    subscribe(topic, fromCursor) {
      if (active.size >= limits.subscriptionsPerConnectionMax) {
        throw new SynodError(
          'LIMIT_EXCEEDED',
          `A connection has at most ${limits.subscriptionsPerConnectionMax} subscriptions. End one first.`,
        );
      }
      const subscription: Subscription = { id: `s${++created}`, end: () => {}, lastCursor: fromCursor, held: [] };
      active.set(subscription.id, subscription);
      subscription.end = api.subscribe(topic, fromCursor, (event) => deliver(subscription, event));
      return subscription.id;
    },
    unsubscribe(id) {
      const subscription = active.get(id);
      if (subscription !== undefined) end(subscription);
      return subscription !== undefined;
    },
    release() {
      for (const subscription of active.values()) {
        const held = subscription.held ?? [];
        subscription.held = null;
        for (const event of held) deliver(subscription, event);
      }
    },
    endAll() {
      for (const subscription of [...active.values()]) end(subscription);
    },
  };
}
