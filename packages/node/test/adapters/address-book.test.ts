/** Which addresses are used, who is remembered and who is forgotten. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AddressBook, parseKnownPeers } from '../../src/adapters/address-book.ts';
import { groupOf, isUsable, ownerOf, parseTcpAddress, scopeOf } from '../../src/adapters/address-rules.ts';
import { NETWORK_LIMITS, type NetworkLimits } from '../../src/adapters/network-limits.ts';

const OWN = '/ip4/8.8.8.8/tcp/1';

function book(change: Partial<NetworkLimits> = {}, scope: 'public' | 'private' | 'loopback' = 'public'): AddressBook {
  const limits: NetworkLimits = { ...NETWORK_LIMITS, ...change };
  return new AddressBook({ ownPeer: 'me', scope, limits, isOwn: (one) => one === OWN, onChange: () => {} });
}

const at = (number: number): string[] => [`/ip4/${(number >> 8) + 20}.${number & 255}.1.1/tcp/9000`];
const peersOf = (one: AddressBook): string[] => one.entries().map(({ peer }) => peer);

test('each scope uses its addresses alone', () => {
  const table: readonly (readonly [string, string])[] = [
    ['/ip4/127.0.0.1/tcp/1', 'loopback'],
    ['/ip6/::1/tcp/1', 'loopback'],
    ['/ip4/10.1.2.3/tcp/1', 'private'],
    ['/ip4/172.31.0.1/tcp/1', 'private'],
    ['/ip4/192.168.0.9/tcp/1', 'private'],
    ['/ip6/fd00::1/tcp/1', 'private'],
    ['/ip6/fe80::1/tcp/1', 'private'],
    ['/ip4/8.8.4.4/tcp/1', 'private public'],
    ['/ip6/2001:4860::1/tcp/1', 'private public'],
    ['/ip4/0.0.0.0/tcp/1', ''],
    ['/ip4/224.0.0.1/tcp/1', ''],
    ['/ip4/255.255.255.255/tcp/1', ''],
    ['/ip6/::/tcp/1', ''],
    ['/ip6/::ffff:127.0.0.1/tcp/1', 'loopback'],
    ['/ip4/8.8.4.4/tcp/0', ''],
    ['/ip4/8.8.4.4/tcp/70000', ''],
    ['/ip4/8.8.4.4/udp/1', ''],
    ['/dns4/example.org/tcp/1', ''],
    ['/ip4/999.1.1.1/tcp/1', ''],
  ];
  for (const [address, scopes] of table) {
    const usable = (['loopback', 'private', 'public'] as const).filter((scope) => isUsable(scope, address));
    assert.equal(usable.join(' '), scopes, address);
  }
  assert.equal(scopeOf('/ip4/127.0.0.1/tcp/0', []), 'loopback');
  assert.equal(scopeOf('/ip4/0.0.0.0/tcp/9546', []), 'private');
  assert.equal(scopeOf('/ip4/0.0.0.0/tcp/9546', ['/ip4/8.8.8.8/tcp/1']), 'public');
  assert.equal(groupOf('8.9.1.1'), '8.9');
  assert.equal(groupOf('2001:db8::1'), '2001:db8');
  assert.equal(groupOf('2001::1'), '2001:0');
  assert.equal(groupOf('::ffff:8.9.1.1'), '8.9');
  assert.equal(ownerOf('8.9.1.1'), '8.9.1.1');
  assert.equal(ownerOf('::ffff:8.9.1.1'), '8.9.1.1');
  assert.equal(ownerOf('2001:db8::1'), ownerOf('2001:0db8:0:0:ffff::2'));
  assert.notEqual(ownerOf('2001:db8::1'), ownerOf('2001:db8:0:1::1'));
});

test('an address is parsed or refused, never more', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(parseTcpAddress(text), null);
    }),
  );
});

test('neither oneself nor own addresses nor those of another peer are learnt', () => {
  const one = book();
  assert.equal(one.learn('me', at(1), 'identify'), false);
  assert.equal(one.learn('a', [OWN], 'identify'), false);
  assert.equal(one.learn('a', ['/ip4/8.8.4.4/tcp/1/p2p/Qmb'], 'identify'), false);
  assert.equal(one.learn('a', ['/ip4/127.0.0.1/tcp/1', '/ip4/10.0.0.1/tcp/1'], 'identify'), false);
  assert.equal(one.size, 0);
});

test('the book is bounded: strangers push out each other, never a peer that was reached', () => {
  const one = book({ knownPeersMax: 10, knownPeersPerGroupMax: 100 });
  for (let number = 0; number < 5; number++) {
    one.learn(`good${number}`, at(number), 'identify');
    one.onSuccess(`good${number}`, '', 1_000 + number);
  }
  for (let number = 0; number < 1_000; number++) one.learn(`stranger${number}`, at(300 + number), 'found');
  assert.equal(one.size, 10);
  assert.equal(peersOf(one).filter((peer) => peer.startsWith('good')).length, 5);
  const full = book({ knownPeersMax: 2 });
  for (const [index, peer] of ['a', 'b'].entries()) {
    full.learn(peer, at(index), 'identify');
    full.onSuccess(peer, '', 1);
  }
  assert.equal(full.learn('c', at(9), 'found'), false);
});

test('one owner of addresses cannot fill the book', () => {
  const one = book({ knownPeersPerGroupMax: 3 });
  for (let number = 0; number < 100; number++) one.learn(`p${number}`, [`/ip4/8.9.1.${number}/tcp/1`], 'found');
  assert.equal(one.size, 3);
});

test('a group that strangers filled with made-up peers is no bar to a peer that is here and names itself', () => {
  const one = book({ knownPeersPerGroupMax: 3 });
  for (let number = 0; number < 9; number++) one.learn(`fake${number}`, [`/ip4/8.9.1.${number}/tcp/1`], 'found');
  assert.equal(one.learn('heard of', ['/ip4/8.9.2.1/tcp/1'], 'found'), false);
  assert.equal(one.learn('here', ['/ip4/8.9.2.2/tcp/1'], 'identify'), true);
  assert.equal(one.size, 3);
  // What was tried in vain makes room for what others tell.
  one.onFailure('fake1');
  assert.equal(one.learn('heard of', ['/ip4/8.9.2.1/tcp/1'], 'found'), true);
  assert.deepEqual(peersOf(one).sort(), ['fake2', 'heard of', 'here']);
});

test('made-up peers in any number keep no honest one from being dialled in its turn', () => {
  const one = book({ knownPeersMax: 20 });
  one.learn('zz honest', at(1), 'found');
  for (let number = 0; number < 500; number++) one.learn(`aa${number}`, at(300 + number), 'found');
  assert.equal(one.candidates(0, 1, () => false)[0]?.peer, 'zz honest');
  for (const peer of peersOf(one)) if (peer !== 'zz honest') one.onFailure(peer);
  for (let number = 500; number < 900; number++) one.learn(`aa${number}`, at(300 + number), 'found');
  assert.ok(peersOf(one).includes('zz honest'));
});

test('a peer that was reached is dialled before strangers, and outlives a short absence of the network', () => {
  const one = book({ knownPeersMax: 5 });
  one.learn('good', at(1), 'identify');
  one.onSuccess('good', '', 1);
  one.onFailure('good');
  for (let number = 0; number < 50; number++) one.learn(`stranger${number}`, at(300 + number), 'identify');
  assert.ok(peersOf(one).includes('good'));
  assert.equal(one.candidates(10_000, 1, () => false)[0]?.peer, 'good');
});

test('a peer has at most so many addresses, and strangers do not displace what it says itself', () => {
  const one = book({ addressesPerPeerMax: 2 });
  one.learn('a', ['/ip4/8.1.1.1/tcp/1', '/ip4/8.1.1.1/tcp/2', '/ip4/8.1.1.1/tcp/3'], 'identify');
  one.learn('a', ['/ip4/8.6.6.6/tcp/6'], 'found');
  assert.deepEqual(one.entries()[0]!.addresses, ['/ip4/8.1.1.1/tcp/1', '/ip4/8.1.1.1/tcp/2']);
});

test('who is not reached is tried less and less, and forgotten unless the operator named it', () => {
  const one = book({ attemptsInVainMax: 3, findAgainFirstMs: 100, findAgainLastMs: 300 });
  one.learn('a', at(1), 'found');
  one.learn('b', at(2), 'configured');
  const due = (nowMs: number): string[] => one.candidates(nowMs, 9, () => false).map(({ peer }) => peer);
  const fail = (peer: string, nowMs: number): void => {
    one.onAttempt(peer, nowMs);
    one.onFailure(peer);
  };
  assert.deepEqual(due(0), ['a', 'b']);
  fail('a', 0);
  assert.deepEqual([due(99), due(100)], [['b'], ['b', 'a']]);
  fail('a', 100);
  assert.deepEqual([due(299), due(300)], [['b'], ['b', 'a']]);
  fail('a', 300);
  for (let turn = 0; turn < 9; turn++) fail('b', 0);
  assert.deepEqual(peersOf(one), ['b']);
  assert.deepEqual([due(299), due(300)], [[], ['b']]);
});

test('attempts that a wrong clock has put into the future keep nobody from being dialled', () => {
  const one = book();
  one.learn('a', at(1), 'identify');
  one.onAttempt('a', 1_900_000_000_000);
  one.onFailure('a');
  assert.deepEqual(
    one.candidates(1_800_000_000_000, 9, () => false).map(({ peer }) => peer),
    ['a'],
  );
});

test('what is stored is read again; anything else is refused whole', () => {
  const one = book();
  one.learn('a', at(1), 'identify');
  one.onSuccess('a', '', 5);
  assert.deepEqual(parseKnownPeers(JSON.parse(JSON.stringify(one.entries()))), one.entries());
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const parsed = parseKnownPeers(value);
      assert.ok(parsed === null || (Array.isArray(value) && value.length === 0));
    }),
  );
});
