/** Faults between a host and its surroundings: a wrong clock, slow links in order, and peers cut off for real. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FAULT_LIMITS, FaultInjector, NO_FAULTS } from '../../src/adapters/fault-injection.ts';
import { createLibp2pNetwork } from '../../src/adapters/libp2p-network.ts';
import { peerIdOfSeed } from '../../src/adapters/peer-id.ts';
import type { Network } from '../../src/host/ports.ts';

function recorder(): { readonly network: Network; readonly seen: string[] } {
  const seen: string[] = [];
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  const network: Network = {
    publish: (topic, bytes) => void seen.push(`${topic} ${text(bytes)}`),
    send: (peer, bytes) => void seen.push(`${peer} ${text(bytes)}`),
    penalise: (peer, reason, severity) => void seen.push(`${peer} ${reason} ${severity}`),
  };
  return { network, seen };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

test('the clock is off by what is set, at each reading', () => {
  const faults = new FaultInjector();
  const clock = faults.clock({ nowMs: () => 1_000_000 });
  assert.equal(clock.nowMs(), 1_000_000);
  faults.set({ ...NO_FAULTS, clockOffsetMs: -2_500 });
  assert.equal(clock.nowMs(), 997_500);
  faults.set(NO_FAULTS);
  assert.equal(clock.nowMs(), 1_000_000);
});

test('latency delays what is sent and keeps its order when it falls; without it nothing waits', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  const pass = (ms: number) => {
    nowMs += ms;
    context.mock.timers.tick(ms);
  };
  const faults = new FaultInjector(() => nowMs);
  const { network: inner, seen } = recorder();
  const network = faults.network(inner);
  network.send('p', bytes('0'));
  assert.deepEqual(seen.splice(0), ['p 0']);
  faults.set({ ...NO_FAULTS, latencyMs: 100 });
  network.send('p', bytes('1'));
  network.publish('votes', bytes('2'));
  pass(99);
  assert.deepEqual(seen, []);
  faults.set(NO_FAULTS);
  network.send('p', bytes('3'));
  assert.deepEqual(seen, []);
  pass(1);
  assert.deepEqual(seen.splice(0), ['p 1', 'votes 2', 'p 3']);
  network.send('p', bytes('4'));
  network.penalise('p', 'because', 'minor');
  assert.deepEqual(seen, ['p 4', 'p because minor']);
});

test('a peer is disconnected when it is newly blocked, and once', () => {
  const faults = new FaultInjector();
  const gone: string[] = [];
  const block = (...blockedPeers: string[]) => faults.set({ ...NO_FAULTS, blockedPeers });
  block('a');
  faults.onBlocked((peer) => gone.push(peer));
  block('a', 'b');
  block('a', 'b');
  assert.deepEqual([gone, faults.isBlocked('b')], [['a', 'b'], true]);
  block();
  block('a');
  assert.deepEqual([gone, faults.isBlocked('b')], [['a', 'b', 'a'], false]);
});

test('what is delayed is bounded', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const faults = new FaultInjector(() => 0);
  const { network: inner, seen } = recorder();
  const network = faults.network(inner);
  faults.set({ ...NO_FAULTS, latencyMs: 10 });
  for (let index = 0; index <= FAULT_LIMITS.delayedMax; index++) network.send('p', bytes('x'));
  context.mock.timers.tick(10);
  assert.equal(seen.length, FAULT_LIMITS.delayedMax);
});

/** A real libp2p node behind an injector; `next` resolves with its next news: of a peer, or that one was turned away. */
async function start(context: TestContext, seed: number, bootstrap: readonly string[]) {
  const faults = new FaultInjector();
  const news: string[] = [];
  let changed = Promise.withResolvers<void>();
  const note = (text: string) => {
    news.push(text);
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const net = await createLibp2pNetwork({
    chainId: 'fault-test',
    privateKeySeed: new Uint8Array(32).fill(seed),
    listen: '/ip4/127.0.0.1/tcp/0',
    bootstrap,
    onInput: ({ kind }) => note(kind),
    onGossip: () => 'ignore',
    isBlocked: (peer) => {
      const isBlocked = faults.isBlocked(peer);
      if (isBlocked) note('turned away');
      return isBlocked;
    },
    log: { debug() {}, info() {}, warn() {} },
  });
  context.after(() => net.stop());
  faults.onBlocked((peer) => net.disconnect(peer));
  const next = async (): Promise<string | undefined> => {
    while (news.length === 0) await changed.promise;
    return news.shift();
  };
  const until = async (wanted: string): Promise<void> => {
    for (let text = await next(); text !== wanted; ) text = await next();
  };
  return { net, faults, next, until };
}

test('a blocked peer is disconnected at once, kept out, and found again when it is unblocked', {
  timeout: 20_000,
}, async (context) => {
  const one = await start(context, 1, []);
  const two = await start(context, 2, one.net.multiaddrs());
  assert.deepEqual(await Promise.all([one.next(), two.next()]), ['peerConnected', 'peerConnected']);
  one.faults.set({ ...NO_FAULTS, blockedPeers: [peerIdOfSeed(new Uint8Array(32).fill(2))] });
  assert.deepEqual(await Promise.all([one.next(), two.next()]), ['peerDisconnected', 'peerDisconnected']);
  await one.until('turned away');
  assert.deepEqual([one.net.peers(), two.net.peers()], [[], []]);
  one.faults.set(NO_FAULTS);
  await one.until('peerConnected');
});
