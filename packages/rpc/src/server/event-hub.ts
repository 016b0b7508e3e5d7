/**
 * Fan-out of the node's events to many subscribers: one subscription to the node a topic, each event turned into JSON once, and
 * delivered in slices between which the node does its work. Owns order and slices; sockets are websocket.ts.
 */
import { randomBytes } from 'node:crypto';
import { eventDataJson } from '../json/topic-event.ts';
import type { EventFilter } from '../methods/method.ts';
import type { ChainEventTopic, NodeApi, TopicEvent } from '../node-api.ts';

/** An event as every subscriber gets it. */
export type HubEvent = {
  readonly topic: ChainEventTopic;
  readonly cursor: number;
  /** As JSON, and the same as text: both made once. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly text: string;
};

/** Null: more came than can be delivered, and nothing more comes. */
export type Subscriber = (event: HubEvent | null) => void;

export type EventHub = {
  /** Of this process: under another one cursors begin anew. */
  readonly instance: string;
  cursors(): { readonly oldest: number; readonly newest: number };
  /** Stored events after the cursor, then, later and in order, each new one. Returns the function that ends it. */
  subscribe(topic: ChainEventTopic, fromCursor: number | null, subscriber: Subscriber): () => void;
  /** Ends the subscriptions to the node. */
  close(): void;
};

const limits = {
  /** Subscribers served before the node's other work gets its turn. */
  slice: 64,
  /** Events that wait for delivery; past it every subscriber is told that it lags. */
  queueMax: 10_000,
} as const;

type Entry = {
  readonly subscriber: Subscriber /** Cursor of the last event it has, or need not have. */;
  seen: number;
};

type Topic = { readonly entries: Set<Entry>; readonly end: () => void };

/** Creates the hub of one server; the node is subscribed to with the first subscriber of a topic. */
export function createEventHub(api: Pick<NodeApi, 'subscribe' | 'eventCursors'>): EventHub {
  const topics = new Map<ChainEventTopic, Topic>();
  const queue: HubEvent[] = [];
  let isDraining = false;

  function topicOf(name: ChainEventTopic): Topic {
    const known = topics.get(name);
    if (known !== undefined) return known;
    const topic = { entries: new Set<Entry>(), end: api.subscribe(name, null, (event) => put(hubEvent(event))) };
    topics.set(name, topic);
    return topic;
  }

  function put(event: HubEvent): void {
    if (queue.length >= limits.queueMax) return giveUp();
    queue.push(event);
    if (isDraining) return;
    isDraining = true;
    setImmediate(() => void drain());
  }

  function giveUp(): void {
    queue.length = 0;
    for (const { entries } of [...topics.values()]) for (const { subscriber } of [...entries]) subscriber(null);
  }

  async function drain(): Promise<void> {
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) await deliver(event);
    isDraining = false;
  }

  async function deliver(event: HubEvent): Promise<void> {
    let served = 0;
    for (const entry of topics.get(event.topic)?.entries ?? []) {
      if (event.cursor <= entry.seen) continue;
      entry.seen = event.cursor;
      entry.subscriber(event);
      served += 1;
      if (served % limits.slice === 0) await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  }

  return {
    instance: randomBytes(8).toString('hex'),
    cursors: () => api.eventCursors(),
    subscribe(name, fromCursor, subscriber) {
      const topic = topicOf(name);
      // What is replayed now may still wait in the queue: `seen` keeps it from coming twice.
      const entry = { subscriber, seen: api.eventCursors().newest };
      if (fromCursor !== null) api.subscribe(name, fromCursor, (event) => subscriber(hubEvent(event)))();
      topic.entries.add(entry);
      return () => {
        topic.entries.delete(entry);
        if (topic.entries.size > 0 || topics.get(name) !== topic) return;
        topics.delete(name);
        topic.end();
      };
    },
    close() {
      for (const { end } of topics.values()) end();
      topics.clear();
    },
  };
}

/** Whether the event's data has all fields of the filter with their values. */
export function passes({ data }: HubEvent, filter: EventFilter | null): boolean {
  return filter === null || Object.entries(filter).every(([name, value]) => String(data[name]) === value);
}

function hubEvent({ topic, cursor, data }: TopicEvent): HubEvent {
  const json = eventDataJson(data);
  return { topic, cursor, data: json, text: JSON.stringify(json) };
}
