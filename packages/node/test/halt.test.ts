/** Halt height: four whole nodes over loopback stop after the same block, keep it, and go on from there; who comes late stops there too. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { createNode, type NodeConfig, type RunningNode } from '../src/index.ts';
import { temporaryDirectory } from './adapters/temporary.ts';
import { consensusSeed, Lab, vrfSeed } from './host/lab.ts';

const HALT = 4;

/** Four validators of one chain, each with a home of its own. */
function validators(context: TestContext): NodeConfig[] {
  const lab = new Lab({ validators: 4, blockIntervalMs: 100 });
  const genesis = { ...lab.genesis, time: Date.now() - 1_000 };
  return lab.nodes.map(({ operator }, index) => ({
    name: `val-${index}`,
    home: temporaryDirectory(context),
    genesis,
    keys: {
      operator,
      consensusSeed: consensusSeed(index),
      vrfSeed: vrfSeed(index),
      networkSeed: new Uint8Array(32).fill(index + 1),
      experts: [],
    },
    p2p: { listen: '/ip4/127.0.0.1/tcp/0', bootstrap: [], mdns: false, dht: false },
    modelDirectory: null,
    devAccounts: [],
    log: pino({ level: 'silent' }),
  }));
}

/** Starts all that are given, each connected with the first; they are stopped with the test at the latest. */
async function startAll(context: TestContext, configs: readonly NodeConfig[]): Promise<RunningNode[]> {
  const nodes: RunningNode[] = [];
  for (const config of configs) {
    const bootstrap = nodes[0]?.api.addresses().own ?? [];
    const node = await createNode({ ...config, p2p: { ...config.p2p, bootstrap } });
    let stopping: Promise<void> | null = null;
    const stop = () => {
      stopping ??= node.stop();
      return stopping;
    };
    context.after(stop);
    nodes.push({ ...node, stop });
  }
  return nodes;
}

function reached({ api }: RunningNode, height: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => api.status().head.height >= height && resolve();
    api.subscribe('newHeads', null, look);
    look();
  });
}

const heads = (nodes: readonly RunningNode[]) => nodes.map(({ api }) => api.status().head);
const stopAll = (nodes: readonly RunningNode[]) => Promise.all(nodes.map((node) => node.stop()));

test('all nodes halt after the same block with the same state, and go on from it with the next version', {
  timeout: 60_000,
}, async (context) => {
  const configs = validators(context);
  const halting = await startAll(
    context,
    configs.map((config) => ({ ...config, haltHeight: HALT })),
  );
  assert.deepEqual(await Promise.all(halting.map(({ halted }) => halted)), [HALT, HALT, HALT, HALT]);
  const [first, ...others] = heads(halting);
  assert.equal(first!.height, HALT);
  for (const other of others) assert.deepEqual(other, first);
  // What was signed last is of this height: nothing was given to the next one.
  assert.deepEqual(
    halting.map((node) => node.lastSignedHeight()),
    [HALT, HALT, HALT, HALT],
  );
  await stopAll(halting);

  await assert.rejects(createNode({ ...configs[0]!, haltHeight: HALT }), { code: 'HALT_HEIGHT_REACHED' });
  await assert.rejects(createNode({ ...configs[0]!, haltHeight: HALT - 1 }), { code: 'HALT_HEIGHT_PASSED' });

  const upgraded = await startAll(context, configs.slice(0, 3));
  await Promise.all(upgraded.map((node) => reached(node, HALT + 3)));
  const roots = upgraded.map(({ api }) => api.block(HALT)?.stateRootAfter);
  assert.equal(new Set(roots).size, 1);
  assert.ok(typeof roots[0] === 'string');

  // A node that was away and still has the old version takes nothing above the height.
  const behind = { ...configs[3]!, home: temporaryDirectory(context), keys: { ...configs[3]!.keys, operator: null } };
  const bootstrap = upgraded[0]!.api.addresses().own;
  const late = await createNode({ ...behind, p2p: { ...behind.p2p, bootstrap }, haltHeight: HALT });
  context.after(() => late.stop());
  assert.equal(await late.halted, HALT);
  assert.deepEqual(late.api.status().head.hash, first!.hash);
});

test('the height can be given, moved and taken back while the node runs, and never to where it is already', {
  timeout: 60_000,
}, async (context) => {
  const configs = validators(context);
  const nodes = await startAll(context, configs);
  await Promise.all(nodes.map((node) => reached(node, 2)));
  const [node] = nodes;
  assert.throws(() => node!.haltHeight.set(1), { code: 'HALT_HEIGHT_PASSED' });
  assert.throws(() => node!.haltHeight.set(node!.api.status().head.height), { code: 'HALT_HEIGHT_REACHED' });
  const next = node!.api.status().head.height + 3;
  for (const each of nodes) each.haltHeight.set(next + 100);
  for (const each of nodes) each.haltHeight.set(null);
  assert.equal(node!.haltHeight.get(), null);
  for (const each of nodes) each.haltHeight.set(next);
  assert.deepEqual(await Promise.all(nodes.map(({ halted }) => halted)), [next, next, next, next]);
});
