/** Fan-out: one subscription to the node a topic, one serialisation an event, order, replay without repetition, and turns for others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TopicEvent } from '../../src/node-api.ts';
import { createEventHub, type HubEvent } from '../../src/server/event-hub.ts';
import { createMemoryNode } from '../fixture/memory-node.ts';

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

async function settle(isDone: () => boolean): Promise<void> {
  while (!isDone()) await turn();
}

test('every subscriber gets every event once, in order, as the same text', async () => {
  const node = createMemoryNode();
  const hub = createEventHub(node.api);
  const heard: HubEvent[][] = Array.from({ length: 500 }, () => []);
  for (const events of heard) hub.subscribe('newHeads', null, (event) => event !== null && events.push(event));
  assert.equal(node.listeners(), 1);
  for (let height = 1; height <= 20; height++) node.emit('newHeads', { height });
  assert.deepEqual(heard[0], [], 'nothing is sent while the node is at work');
  await settle(() => heard.every(({ length }) => length === 20));
  for (const events of heard) {
    assert.deepEqual(
      events.map(({ cursor }) => cursor),
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    assert.equal(events[7], heard[0]?.[7]);
  }
});

test('the node gets its turn between the subscribers of one event', async () => {
  const node = createMemoryNode();
  const hub = createEventHub(node.api);
  let served = 0;
  for (let index = 0; index < 1_000; index++) hub.subscribe('newHeads', null, () => void served++);
  node.emit('newHeads', { height: 1 });
  const seen = new Set<number>();
  await settle(() => {
    seen.add(served);
    return served === 1_000;
  });
  assert.ok(seen.size > 10, [...seen].join());
});

test('who joins while events wait gets what it asks for, once', async () => {
  const node = createMemoryNode();
  const hub = createEventHub(node.api);
  hub.subscribe('newHeads', null, () => undefined);
  node.emit('newHeads', { height: 1 });
  node.emit('newHeads', { height: 2 });
  const [all, fresh]: [number[], number[]] = [[], []];
  hub.subscribe('newHeads', 0, (event) => all.push(event!.cursor));
  const end = hub.subscribe('newHeads', null, (event) => fresh.push(event!.cursor));
  node.emit('newHeads', { height: 3 });
  await settle(() => fresh.length > 0);
  assert.deepEqual([all, fresh], [[1, 2, 3], [3]]);
  end();
  node.emit('newHeads', { height: 4 });
  await settle(() => all.length === 4);
  assert.deepEqual(fresh, [3]);
});

test('what nobody can keep up with is given up and said', async () => {
  let tell: (event: TopicEvent) => void = () => undefined;
  const api = {
    eventCursors: () => ({ oldest: 0, newest: 0 }),
    subscribe: (_topic: string, _from: number | null, listener: (event: TopicEvent) => void) => {
      tell = listener;
      return () => undefined;
    },
  };
  const hub = createEventHub(api);
  const heard: (HubEvent | null)[] = [];
  hub.subscribe('txStatus', null, (event) => heard.push(event));
  for (let cursor = 1; cursor <= 10_002; cursor++) tell({ cursor, topic: 'txStatus', data: {} });
  assert.deepEqual(heard, [null]);
});
