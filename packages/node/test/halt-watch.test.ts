/** How long a node stays at its halt height: until every peer has the last block, and no longer than it must. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Height } from '@synod/chain';
import { pino } from 'pino';
import { HaltWatch } from '../src/halt-watch.ts';
import { Lab } from './host/lab.ts';

const log = pino({ level: 'silent' });

/** A watch whose host has just reached its halt height, the heights that its peers are deciding, and time by hand. */
function reached(t: TestContext, peers: (Height | null)[]) {
  let nowMs = 0;
  t.mock.timers.enable({ apis: ['setInterval'] });
  t.mock.method(performance, 'now', () => nowMs);
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const host = lab.nodes[0]!.host!;
  const watch = new HaltWatch({ height: host.head.height, head: host.head.height - 1, log });
  let left: Height | null = null;
  void watch.halted.then((height) => {
    left = height;
  });
  watch.onHead(host, { peerHeights: () => peers });
  return {
    height: host.head.height,
    /** Whether it has left after so much more time. */
    hasLeft: async (ms: number): Promise<boolean> => {
      for (let passed = 0; passed < ms; passed += 100) {
        nowMs += 100;
        t.mock.timers.tick(100);
      }
      await Promise.resolve();
      return left === host.head.height;
    },
  };
}

test('it stays while a peer decides the last block or has said nothing, and leaves when all are beyond it', async (t) => {
  const peers: (Height | null)[] = [null, null];
  const { height, hasLeft } = reached(t, peers);
  assert.equal(await hasLeft(2_000), false, 'nobody has said where it is');
  peers.splice(0, 2, height + 1, height);
  assert.equal(await hasLeft(2_000), false, 'one peer decides the last block yet');
  peers[1] = height + 1;
  assert.equal(await hasLeft(200), true);
});

test('without peers there is nobody to wait for', async (t) => {
  const { hasLeft } = reached(t, []);
  assert.equal(await hasLeft(100), true);
});

test('a peer that is stuck does not keep it for ever', async (t) => {
  const peers: (Height | null)[] = [1];
  const { hasLeft } = reached(t, peers);
  assert.equal(await hasLeft(9_900), false);
  assert.equal(await hasLeft(200), true);
});
