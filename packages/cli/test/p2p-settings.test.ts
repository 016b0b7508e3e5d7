/** Flags and node.json about peers: precedence, defaults, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type P2pFlags, p2pSettings } from '../src/settings/p2p-settings.ts';

const PEER = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2';
const SEED = `/dns4/seed.example.org/tcp/9546/p2p/${PEER}`;
const local = { listen: '/ip4/127.0.0.1/tcp/9546', bootstrap: [SEED] };
const open = { listen: '/ip4/0.0.0.0/tcp/9546', bootstrap: [] };

test('multicast and the table of peers are off on loopback, on elsewhere, and as said', () => {
  const of = (file: typeof local, flags: P2pFlags = {}) => {
    const { mdns, dht } = p2pSettings(file, flags);
    return [mdns, dht];
  };
  assert.deepEqual(of(local), [false, false]);
  assert.deepEqual(of(open as never), [true, true]);
  assert.deepEqual(of(local, { mdns: 'on', dht: 'on' }), [true, true]);
  assert.deepEqual(of(open as never, { mdns: 'off' }), [false, true]);
  assert.deepEqual(of({ ...local, dht: true } as never), [false, true]);
  assert.deepEqual(of({ ...local, dht: true } as never, { dht: 'off' }), [false, false]);
  assert.deepEqual(of(local, { listen: '/ip4/0.0.0.0/tcp/1' }), [true, true]);
});

test('addresses of flags are added to those of the file, once', () => {
  const other = `/ip6/2001:db8::1/tcp/9546/p2p/${PEER}`;
  const { bootstrap, persistent } = p2pSettings(local, { bootstrap: `${SEED}, ${other}`, persistentPeers: other });
  assert.deepEqual(bootstrap, [SEED, other]);
  assert.deepEqual(persistent, [other]);
});

test('NAT helpers are none unless named', () => {
  assert.deepEqual(p2pSettings(open, {}).nat, []);
  assert.deepEqual(p2pSettings(open, { nat: 'upnp,relay' }).nat, ['upnp', 'relay']);
  assert.deepEqual(p2pSettings({ ...open, nat: ['upnp'] }, { nat: 'none' }).nat, []);
});

test('what is no address, no peer or no helper is refused by the name of its flag', () => {
  const table: readonly (readonly [P2pFlags, RegExp])[] = [
    [{ bootstrap: '127.0.0.1:9546' }, /--bootstrap "127.0.0.1:9546" is not an address/],
    [{ bootstrap: '' }, /--bootstrap "" is not an address/],
    [{ announce: '/ip4/1.2.3.4/udp/1' }, /--announce/],
    [{ listen: 'localhost' }, /--listen/],
    [{ persistentPeers: '/ip4/1.2.3.4/tcp/1' }, /lacks the peer id/],
    [{ mdns: 'yes' }, /--mdns "yes" must be on or off/],
    [{ nat: 'magic' }, /--nat "magic" is unknown. Choose from upnp, autonat, relay, relay-server/],
  ];
  for (const [flags, message] of table) {
    assert.throws(() => p2pSettings(open, flags), { code: 'USAGE', message });
  }
});
