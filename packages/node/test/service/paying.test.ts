/** Accounts that pay for holders of spend keys alone: what opens and ends their queries, and that nothing else spends from them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, genesisHash, publicKeyOf, readQuery } from '@synod/chain';
import { NodeService } from '../../src/service/node-service.ts';
import { QueryRouter } from '../../src/service/query-router.ts';
import { aliceSeed, Lab, operatorOf } from '../host/lab.ts';

const alice = addressOf(publicKeyOf(aliceSeed));
const request = { prompt: 'Who pays?', domain: 'general', respondents: 1 };

/** A network that is no devnet, whose first node was started with --pay-from. */
function served() {
  const lab = new Lab({ worker: { answer: () => 'Somebody.', score: ({ answers }) => answers.map(() => 800_000) } });
  const node = lab.nodes[0]!;
  const service = new NodeService(node.host!, node.store, {
    name: 'val-0',
    version: '0.1.0',
    genesis: { ...lab.genesis, devnet: false },
    genesisHash: genesisHash(lab.genesis),
    operator: operatorOf(0),
    experts: [],
    devAccounts: [],
    paying: [{ name: 'payer', seed: aliceSeed }],
    peers: () => [],
    network: () => ({ bans: {}, bannedNow: 0, dialFailures: 0, refused: {}, knownPeers: 0 }),
    addresses: () => ({ peerId: '', own: [], others: [] }),
    worker: () => ({ state: 'off', info: undefined, queued: 0 }),
    cards: { hosted: [], knowledge: new Map(), model: () => undefined },
    router: new QueryRouter({
      ask: () => Promise.reject(new Error('there is no worker')),
      cancel: () => undefined,
      workerState: () => 'off',
    }),
    nowMs: () => lab.nowMs,
  });
  let told = 0;
  const runUntil = (isDone: () => boolean): void => {
    lab.runUntil(() => {
      for (; told < node.events.length; told++) service.onHostEvent(node.events[told]!);
      return isDone();
    }, 120_000);
  };
  runUntil(() => lab.heightEverywhere() >= 2);
  return { node, service, runUntil };
}

test('what can be asked by anybody neither opens nor ends a query of a paying account', async () => {
  const { service, node, runUntil } = served();
  assert.deepEqual([service.devAccounts(), service.payers()], [[], [{ name: 'payer', address: alice }]]);
  for (const from of [undefined, 'payer', alice])
    await assert.rejects(service.openQuery({ ...request, from }), { code: 'NOT_DEVNET' });
  const { queryId } = await service.openQuery(request, { payer: alice });
  runUntil(() => readQuery(node.host!.head.state, queryId) !== null);
  assert.throws(() => service.cancelQuery(queryId), { code: 'NOT_REQUESTER' });
});

test('a query is told before it is out, with the most that it can cost', async () => {
  const { service, node } = served();
  const told: { costMax: bigint }[] = [];
  const opened = await service.openQuery(request, {
    payer: alice,
    onSigned(signed) {
      assert.equal(node.host!.pendingTransaction(signed.queryId), undefined);
      told.push(signed);
    },
  });
  const { payload, maxBaseFeePerByte } = node.host!.pendingTransaction(opened.queryId)!.transaction.body;
  assert.ok(payload.type === 'query.open' && maxBaseFeePerByte > 0n);
  assert.ok(told.length === 1 && told[0]!.costMax > payload.contract.maxFee);
});

test('what the books refuse is never out', async () => {
  const { service, node } = served();
  const before = node.host!.mempool.size;
  const refusing = { payer: alice, onSigned: () => assert.fail('the budget is spent') };
  await assert.rejects(service.openQuery(request, refusing), /the budget is spent/);
  assert.equal(node.host!.mempool.size, before);
  await assert.rejects(service.openQuery(request, { payer: operatorOf(1) }), { code: 'ACCOUNT_UNKNOWN' });
});

test('a query ends early for no more than its books set aside', async () => {
  const { service, node, runUntil } = served();
  const { queryId } = await service.openQuery(request, { payer: alice });
  runUntil(() => readQuery(node.host!.head.state, queryId) !== null);
  const dear = await service.cancelQuery(queryId, { isPayers: true, feeMax: 1n });
  assert.equal(dear.status, 'rejected');
  const ids: string[] = [];
  const ended = service.cancelQuery(queryId, { isPayers: true, feeMax: 100_000n, onSigned: ({ id }) => ids.push(id) });
  runUntil(() => readQuery(node.host!.head.state, queryId)?.cancelledAt != null);
  const { id, code } = await ended;
  assert.deepEqual([ids, code], [[id], 'OK']);
  assert.ok((service.transaction(id)?.result?.fee ?? 0n) <= 100_000n);
});
