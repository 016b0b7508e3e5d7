/** How fast a peer that is cut off is noticed, and found again when the network heals: a relay that can go silent. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Connection } from '@libp2p/interface';
import { Liveness } from '../../src/adapters/liveness.ts';
import { NETWORK_LIMITS } from '../../src/adapters/network-limits.ts';
import { seedOf, TestNode } from './network-lab.ts';

/** Forwards bytes to the port; while cut, nothing passes either way and nobody is told. */
async function startWire(context: TestContext, port: number) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const pass = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('data', (bytes) => void (isCut || to.write(bytes)));
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      if (!isCut) to.destroy();
    });
  };
  const server = createServer((near) => {
    if (isCut) return void sockets.add(near.on('error', () => {}));
    const far = connect(port, '127.0.0.1');
    pass(near, far);
    pass(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  context.after(() => {
    destroyAll();
    server.close();
  });
  return {
    address: `/ip4/127.0.0.1/tcp/${(server.address() as { port: number }).port}`,
    setCut: (cut: boolean): void => {
      isCut = cut;
    },
  };
}

test('a cut is noticed by both within four seconds, and healed within two', async (context) => {
  const listen = '/ip4/127.0.0.1/tcp/0';
  const far = await TestNode.start(context, { privateKeySeed: seedOf(1), listen, bootstrap: [] });
  const wire = await startWire(context, Number(/tcp\/(\d+)/.exec(far.net.multiaddrs()[0]!)![1]));
  const persistent = [`${wire.address}/p2p/${far.net.peerId}`];
  const near = await TestNode.start(context, { privateKeySeed: seedOf(2), listen, bootstrap: [], persistent });
  await near.until(() => near.peersSeen().length === 1);
  await far.until(() => far.peersSeen().length === 1);
  const cutMs = performance.now();
  wire.setCut(true);
  await Promise.all([near, far].map((node) => node.until(() => node.peersSeen().length === 0)));
  const noticedMs = performance.now() - cutMs;
  assert.ok(noticedMs < 4_500, `noticed after ${noticedMs} ms`);
  const healMs = performance.now();
  wire.setCut(false);
  await Promise.all([near, far].map((node) => node.until(() => node.peersSeen().length === 1)));
  context.diagnostic(
    `noticed after ${Math.round(noticedMs)} ms, healed in ${Math.round(performance.now() - healMs)} ms`,
  );
});

/** A connection whose pings are answered, or not. */
function connectionOf(answers: boolean): Connection & { pings: number } {
  const connection = {
    id: 'c',
    status: 'open',
    pings: 0,
    remotePeer: { toString: () => 'p' },
    newStream: async () => {
      connection.pings++;
      if (!answers) throw new Error('silent');
      const target = new EventTarget();
      return Object.assign(target, {
        send: () => target.dispatchEvent(new Event('message')),
        close: async () => {},
        abort: () => {},
      });
    },
  };
  return connection as never;
}

test('silence is counted in looks: a pause of our own blames nobody, any sign of life starts anew', async () => {
  const { silentChecksMax, silentChecksBeforePing } = NETWORK_LIMITS;
  const run = async (connection: Connection, isHeard: boolean): Promise<number> => {
    let silent = 0;
    const liveness = new Liveness({ connections: () => [connection], onSilent: () => void silent++ }, NETWORK_LIMITS);
    for (let look = 0; look < 3 * silentChecksMax; look++) {
      if (isHeard) liveness.onHeard('p');
      liveness.check();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return silent;
  };
  const [mute, alive, busy] = [connectionOf(false), connectionOf(true), connectionOf(false)];
  assert.equal(await run(mute, false), 3);
  assert.equal(await run(alive, false), 0);
  assert.equal(alive.pings, Math.floor((3 * silentChecksMax) / silentChecksBeforePing));
  assert.equal(await run(busy, true), 0);
  assert.equal(busy.pings, 0);
});
