/** Who gets an inbound place and who gives one up (spec: network §3): the rule by itself, then strangers that fill real nodes on loopback. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { multiaddr } from '@multiformats/multiaddr';
import fc from 'fast-check';
import { type Guest, guestToEvict } from '../../src/adapters/inbound-eviction.ts';
import { NETWORK_LIMITS } from '../../src/adapters/network-limits.ts';
import type { Libp2pNetworkOptions } from '../../src/adapters/network-options.ts';
import { freePorts, seedOf, startStranger, TestNode } from './network-lab.ts';

const secret = new Uint8Array(32).fill(1);
const none = { consensus: 0, transactions: 0 };

function guest(peer: string, more: Partial<Guest> = {}): Guest {
  return { peer, connectedAtMs: 1_000, group: '203.0', validator: null, newsAtMs: none, ...more };
}

/** Strangers of one mind: in one net group, all there before `untilMs`. */
const crowd = (count: number, { group = '203.0', fromMs = 1_000 } = {}): Guest[] =>
  Array.from({ length: count }, (_, index) => guest(`${group}-${index}`, { group, connectedAtMs: fromMs + index }));

/** Evicts until nobody is left to evict, a newcomer of the crowd taking each place. */
function churn(guests: readonly Guest[], newcomers: number, groups: readonly string[]): readonly Guest[] {
  let now = guests;
  for (let number = 0; number < newcomers; number++) {
    const evicted = guestToEvict(now, NETWORK_LIMITS, secret);
    if (evicted === null) return now;
    const group = groups[number % groups.length]!;
    now = now
      .filter(({ peer }) => peer !== evicted)
      .concat(guest(`new-${number}`, { group, connectedAtMs: 1e6 + number }));
  }
  return now;
}

test('two hundred strangers of one group: the youngest of them goes, whoever else is there', () => {
  const strangers = crowd(190);
  const honest = Array.from({ length: 10 }, (_, index) =>
    guest(`honest-${index}`, { group: `198.${index}`, connectedAtMs: 5_000 + index }),
  );
  assert.equal(guestToEvict([...strangers, ...honest], NETWORK_LIMITS, secret), '203.0-189');
  const after = churn([...strangers, ...honest], 2_000, ['203.0']);
  assert.equal(after.filter(({ peer }) => peer.startsWith('honest')).length, 10, 'no flood of one group moves them');
  assert.ok(after.some(({ peer }) => peer === 'new-1999') && after.length === 200, 'each newcomer found a place');
});

test('peers of validators, bringers of news and the longest half keep their places against a flood from many groups', () => {
  const validators = [0, 1].map((index) =>
    guest(`validator-${index}`, { validator: 'syn1v', connectedAtMs: 9_000 + index }),
  );
  const bearers = [0, 1, 2].map((index) =>
    guest(`bearer-${index}`, { connectedAtMs: 9_100 + index, newsAtMs: { consensus: 50 + index, transactions: 0 } }),
  );
  const payers = [guest('payer', { connectedAtMs: 9_200, newsAtMs: { consensus: 0, transactions: 7 } })];
  const old = crowd(20, { group: '10.0', fromMs: 1 });
  const young = Array.from({ length: 173 }, (_, index) =>
    guest(`young-${index}`, { group: `g${index}`, connectedAtMs: 20_000 + index }),
  );
  const groups = Array.from({ length: 5_000 }, (_, index) => `x${index}`);
  const after = new Set(
    churn([...validators, ...bearers, ...payers, ...old, ...young], 5_000, groups).map(({ peer }) => peer),
  );
  for (const { peer } of [...validators, ...bearers, ...payers, ...old]) assert.ok(after.has(peer), peer);
  const claimants = Array.from({ length: 40 }, (_, index) => guest(`c${index}`, { validator: 'syn1v' }));
  assert.notEqual(guestToEvict(claimants, NETWORK_LIMITS, secret), null, 'one validator keeps no more than two');
});

test('groups drawn by a secret keep their longest guest; another secret draws others', () => {
  const limits = { ...NETWORK_LIMITS, keptGroups: 2 };
  // All came at once, so length of stay decides nothing among the younger half.
  const guests = Array.from({ length: 40 }, (_, index) =>
    guest(`p${index}`, { group: `g${index}`, connectedAtMs: index }),
  );
  const keptBy = (key: number): string => {
    const drawn = new Uint8Array(32).fill(key);
    let left = guests;
    for (
      let evicted = guestToEvict(left, limits, drawn);
      evicted !== null;
      evicted = guestToEvict(left, limits, drawn)
    ) {
      left = left.filter(({ peer }) => peer !== evicted);
    }
    return left.map(({ peer }) => peer).join();
  };
  assert.equal(keptBy(1), keptBy(1));
  assert.ok(new Set([1, 2, 3, 4, 5].map(keptBy)).size > 1);
});

test('whatever the guests, one of them goes or none, never one that is kept, and the order in which they are told does not matter', () => {
  const arbitrary = fc.record({
    peer: fc.uuid(),
    connectedAtMs: fc.nat(50),
    group: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    validator: fc.option(fc.constantFrom('v', 'w')),
    newsAtMs: fc.record({ consensus: fc.nat(5), transactions: fc.nat(5) }),
  });
  const property = fc.property(fc.uniqueArray(arbitrary, { selector: ({ peer }) => peer, maxLength: 60 }), (guests) => {
    const evicted = guestToEvict(guests, NETWORK_LIMITS, secret);
    assert.equal(guestToEvict(guests.toReversed(), NETWORK_LIMITS, secret) === null, evicted === null);
    if (evicted === null) return assert.ok(guests.length <= 25, `${guests.length} guests, and none goes`);
    const gone = guests.find(({ peer }) => peer === evicted);
    assert.ok(gone !== undefined);
    const longer = guests.filter(({ connectedAtMs }) => connectedAtMs <= gone.connectedAtMs);
    assert.ok(longer.length > 1, 'the longest guest went');
  });
  fc.assert(property, { numRuns: 2_000, seed: 2_026 });
});

/** Passes connections on from an address of its own; gives the address under which a stranger reaches the target by it. */
async function tunnel(context: TestContext, target: TestNode, from: string) {
  const [own] = target.net.multiaddrs();
  const port = Number(/tcp\/(\d+)/.exec(own!)![1]);
  const server = createServer((inbound) => {
    const outbound = connect({ port, host: '127.0.0.1', localAddress: from });
    for (const [one, other] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    inbound.pipe(outbound).pipe(inbound);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const { port: entry } = server.address() as { port: number };
  return multiaddr(`/ip4/127.0.0.1/tcp/${entry}/p2p/${target.net.peerId}`);
}

async function startTarget(context: TestContext, more: Partial<Libp2pNetworkOptions>): Promise<TestNode> {
  const [port] = await freePorts(1);
  const own = `/ip4/127.0.0.1/tcp/${port}`;
  return TestNode.start(context, {
    privateKeySeed: seedOf(1),
    bootstrap: [],
    scope: 'private',
    listen: own,
    announce: [own],
    ...more,
  });
}

/** A stranger that arrives from an address and is announced there. */
async function arrive(context: TestContext, target: TestNode, from: string, seed?: Uint8Array) {
  const stranger = await startStranger(context, target, seed);
  const gone = Promise.withResolvers<void>();
  stranger.node.addEventListener('peer:disconnect', () => gone.resolve());
  await stranger.node.dial(await tunnel(context, target, from));
  await target.until(() => target.peersSeen().includes(stranger.id));
  return { ...stranger, gone: gone.promise };
}

test('strangers of one network that fill all places lose one to every newcomer from elsewhere, and no useful peer does', async (context) => {
  const kept = { keptPerValidator: 2, keptGroups: 0, keptForConsensus: 1, keptForTransactions: 1 };
  const validators = new Map<string, string>();
  const target = await startTarget(context, {
    limits: { inboundConnectionsMax: 9, ...kept },
    validatorOf: (peer) => validators.get(peer) ?? null,
  });
  const strangers = [];
  for (let number = 0; number < 6; number++) strangers.push(await arrive(context, target, `127.66.0.${number + 1}`));
  const bearer = await arrive(context, target, '127.66.1.1');
  const payer = await arrive(context, target, '127.66.1.2');
  const validator = await arrive(context, target, '127.66.1.3');
  validators.set(validator.id, 'syn1validator');
  await bearer.node.services.gossip.publish(bearer.topics[2]!, Buffer.from('a vote'));
  await payer.node.services.gossip.publish(payer.topics[0]!, Buffer.from('a transfer'));
  await target.until(() => target.gossip.length === 2);
  // All places are taken. Of the six without merit three stay as the longest, the youngest goes first.
  const first = await arrive(context, target, '127.77.0.1');
  await strangers[5]!.gone;
  const second = await arrive(context, target, '127.88.0.1');
  await strangers[4]!.gone;
  const seen = target.peersSeen();
  for (const { id } of [bearer, payer, validator, first, second]) assert.ok(seen.includes(id));
  assert.deepEqual(
    [target.net.report().refused['evicted'], target.net.report().refused['inboundTotal']],
    [2, undefined],
  );
  assert.deepEqual(target.net.report().bans, {}, 'to be given up is no offence');
});

test('one address that never shakes hands leaves places for the handshakes of others', async (context) => {
  const limits = { inboundPendingMax: 5, inboundPendingPerAddressMax: 3, inboundHandshakeMs: 600_000 };
  const target = await startTarget(context, { limits });
  const port = Number(/tcp\/(\d+)/.exec(target.net.multiaddrs()[0]!)![1]);
  const refused = Promise.withResolvers<void>();
  let closed = 0;
  for (let number = 0; number < 12; number++) {
    const socket = connect({ port, host: '127.0.0.1', localAddress: '127.66.0.1' });
    context.after(() => socket.destroy());
    socket.on('error', () => {});
    socket.resume();
    socket.on('close', () => {
      closed += 1;
      if (closed === 12 - 3) refused.resolve();
    });
  }
  await refused.promise;
  assert.equal(target.net.report().refused['pendingPerAddress'], 12 - 3);
  await arrive(context, target, '127.77.0.1');
});
