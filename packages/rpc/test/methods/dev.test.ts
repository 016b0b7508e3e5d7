/** `dev_*`: refused on every chain that is no devnet; on one, passed on as asked and told in the usual values. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allMethods, findMethod } from '../../src/methods/registry.ts';
import { createMemoryDev } from '../fixture/memory-dev.ts';
import { createMemoryNode } from '../fixture/memory-node.ts';
import { serve } from '../fixture/serve.ts';
import { addressOfName } from '../fixture/small-chain.ts';

const alice = addressOfName('alice');

/** Every method with parameters that are right. */
const requests: Readonly<Record<string, object>> = {
  dev_accounts: {},
  dev_faucet: { to: alice, amount: '5' },
  dev_getStatus: {},
  dev_mine: { blocks: 2 },
  dev_setBlockTime: { mode: 'interval', intervalMs: 200 },
  dev_advanceEpoch: {},
  dev_advanceTime: { seconds: 60 },
  dev_setFault: { expert: 'general-b', fault: 'slow', delayMs: 500 },
  dev_setLatency: { latencyMs: 30, node: 'val-2' },
  dev_pauseNode: { node: 'val-1' },
  dev_resumeNode: { node: 'val-1' },
  dev_killNode: { node: 'val-1' },
  dev_startNode: { node: 'val-1' },
  dev_partition: { groups: [['val-0', 'val-1']] },
  dev_heal: {},
  dev_snapshot: { name: 'one' },
  dev_restore: { name: 'one' },
  dev_revert: { name: 'one' },
  dev_listSnapshots: {},
  dev_dumpState: { name: 'one' },
  dev_loadState: { name: 'one' },
  dev_setBalance: { address: addressOfName('bob'), balance: '7' },
  dev_setParam: { name: 'windowMax', value: '400' },
};

async function serveDev(t: Parameters<typeof serve>[0]) {
  const node = createMemoryNode();
  const dev = createMemoryDev();
  return { dev, ...(await serve(t, {}, Object.assign(node, { api: { ...node.api, dev } }))) };
}

test('every one of them is refused where the chain is no devnet', async (t) => {
  const { rpc } = await serve(t);
  const names = allMethods.map(({ name }) => name).filter((name) => name.startsWith('dev_'));
  assert.deepEqual(names.toSorted(), Object.keys(requests).toSorted());
  for (const name of names) {
    const { error } = await rpc(name, requests[name]);
    assert.deepEqual([error.code, error.data.name], [-32004, 'NOT_DEVNET'], name);
  }
});

test('on a devnet every one answers as its schema says', async (t) => {
  const { rpc } = await serveDev(t);
  for (const [name, params] of Object.entries(requests)) {
    const answer = await rpc(name, params);
    assert.equal(answer.error, undefined, `${name}: ${JSON.stringify(answer.error)}`);
    findMethod(name)!.result.parse(answer.result);
  }
});

test('what is asked reaches the devnet as it was meant', async (t) => {
  const { dev, rpc } = await serveDev(t);
  assert.deepEqual((await rpc('dev_mine', {})).result, { from: '3', to: '4', time: '1767225602500' });
  await rpc('dev_setBlockTime', { mode: 'manual' });
  await rpc('dev_advanceTime', ['90']);
  await rpc('dev_setBalance', { address: addressOfName('bob'), balance: '7' });
  assert.deepEqual(dev.asked, [
    ['mine', 1],
    ['setBlockTime', { mode: 'manual', intervalMs: null }],
    ['advanceTime', 90_000],
    ['faucet', { to: addressOfName('bob'), amount: 2n }],
  ]);
});

test('what cannot be done says why', async (t) => {
  const { rpc, get } = await serveDev(t);
  const code = async (name: string, params: object) => (await rpc(name, params)).error?.data.name;
  assert.equal(await code('dev_pauseNode', { node: 'vla-1' }), 'NOT_FOUND');
  assert.equal(await code('dev_faucet', { to: alice, amount: '2000000 SYN' }), 'INSUFFICIENT_BALANCE');
  assert.equal(await code('dev_setBalance', { address: addressOfName('bob'), balance: '1' }), 'NOT_SUPPORTED');
  for (const [name, params] of [
    ['dev_mine', { blocks: 0 }],
    ['dev_mine', { blocks: 1_001 }],
    ['dev_setBlockTime', { mode: 'never' }],
    ['dev_setBlockTime', { mode: 'interval', intervalMs: 1 }],
    ['dev_setFault', { fault: 'sleep' }],
    ['dev_setLatency', { latencyMs: -1 }],
    ['dev_partition', { groups: [] }],
    ['dev_snapshot', { name: '' }],
    ['dev_advanceTime', { seconds: 1e12 }],
    ['dev_setParam', { name: 'windowMax', value: '-1' }],
  ] as const)
    assert.equal((await rpc(name, params)).error?.code, -32602, `${name} ${JSON.stringify(params)}`);
  assert.equal((await get('/rpc/dev_mine')).status, 405, 'no link mines');
});
