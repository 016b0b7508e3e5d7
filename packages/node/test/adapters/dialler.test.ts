/** When which address is dialled, over a controlled clock. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dialler } from '../../src/adapters/dialler.ts';
import { NETWORK_LIMITS } from '../../src/adapters/network-limits.ts';

/** Wider apart than in use, so that ten milliseconds are a small step. */
const LIMITS = { ...NETWORK_LIMITS, redialLastMs: 2_000, dialFallbackMs: 1_000 };

type Setup = {
  readonly dials: string[];
  readonly connected: Set<string>;
  readonly dialler: Dialler;
  tick(ms: number): Promise<string[]>;
};

/** A dialler of node `own`; `reach` says which peer answers at an address, null that nobody does. */
function setUp(
  mock: { timers: { enable(options: { apis: ['setTimeout'] }): void; tick(ms: number): void } },
  own: string,
  addresses: string[],
  reach: (address: string) => string | null,
): Setup {
  mock.timers.enable({ apis: ['setTimeout'] });
  const dials: string[] = [];
  const connected = new Set<string>();
  const port = {
    ownPeerId: own,
    isConnected: (peer: string) => connected.has(peer),
    isBanned: () => false,
    needsPeers: () => true,
    dial: async (address: string) => {
      dials.push(address);
      const peer = reach(address);
      if (peer === null) throw new Error('refused');
      connected.add(peer);
      return peer;
    },
    onFailure: () => {},
  };
  const dialler = new Dialler({ persistent: addresses, bootstrap: [] }, port, LIMITS);
  const tick = async (ms: number): Promise<string[]> => {
    for (let passed = 0; passed < ms; passed += 10) {
      mock.timers.tick(10);
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    }
    return dials.splice(0);
  };
  return { dials, connected, dialler, tick };
}

test('the lower id dials at once, the higher one after the fallback, nobody dials itself', async (context) => {
  const { dialler, tick } = setUp(context.mock, 'M', ['/a/p2p/Z', '/b/p2p/A', '/c/p2p/M'], (address) =>
    address.slice(-1),
  );
  dialler.start();
  assert.deepEqual(await tick(LIMITS.dialFallbackMs - 20), ['/a/p2p/Z']);
  assert.deepEqual(await tick(40), ['/b/p2p/A']);
  assert.deepEqual(await tick(60_000), []);
});

test('the higher id does not dial when it was dialled meanwhile', async (context) => {
  const { dialler, tick, connected } = setUp(context.mock, 'M', ['/b/p2p/A'], () => 'A');
  dialler.start();
  connected.add('A');
  assert.deepEqual(await tick(10_000), []);
});

test('an address that does not answer is dialled for ever, with growing and bounded waits', async (context) => {
  const { dialler, tick } = setUp(context.mock, 'M', ['/a'], () => null);
  dialler.start();
  const early = (await tick(4_000)).length;
  const late = (await tick(40_000)).length;
  assert.ok(early >= 4 && early <= 6, `${early} in the first four seconds`);
  assert.ok(late >= 17 && late <= 23, `${late} in the next forty`);
  dialler.stop();
  assert.deepEqual(await tick(10_000), []);
});

test('a peer that is lost again and again without being of use is dialled less and less', async (context) => {
  const { dialler, tick, connected } = setUp(context.mock, 'M', ['/a/p2p/Z'], () => 'Z');
  dialler.start();
  const lose = (): void => {
    connected.delete('Z');
    dialler.onDisconnected('Z');
  };
  assert.equal((await tick(100)).length, 1);
  const waits: number[] = [];
  for (let turn = 0; turn < 6; turn++) {
    lose();
    let waited = 0;
    while ((await tick(10)).length === 0) waited += 10;
    waits.push(waited);
  }
  assert.ok(waits[0]! < 250 && waits[5]! > 1_700, waits.join(' '));
  dialler.onReady('Z');
  lose();
  assert.equal((await tick(300)).length, 1);
});
