/** Accounts that pay for holders of spend keys alone: what opens and ends their queries, and that nothing else spends from them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, type Hash, publicKeyOf, readQuery } from '@synod/chain';
import { aliceSeed, Lab, operatorOf } from '../host/lab.ts';
import { runnerOf, serviceOf } from './service-lab.ts';

const alice = addressOf(publicKeyOf(aliceSeed));
const request = { prompt: 'Who pays?', domain: 'general', respondents: 1 };

/** A network that is no devnet, whose first node was started with --pay-from. */
function served() {
  const lab = new Lab({ worker: { answer: () => 'Somebody.', score: ({ answers }) => answers.map(() => 800_000) } });
  const node = lab.nodes[0]!;
  const service = serviceOf(lab, {
    genesis: { ...lab.genesis, devnet: false },
    paying: [{ name: 'payer', seed: aliceSeed }],
  });
  const runUntil = runnerOf(lab, service, 120_000);
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
  await assert.rejects(service.cancelQuery(queryId), { code: 'NOT_REQUESTER' });
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
  await new Promise(setImmediate);
  runUntil(() => readQuery(node.host!.head.state, queryId)?.cancelledAt != null);
  const { id, code } = await ended;
  assert.deepEqual([ids, code], [[id], 'OK']);
  assert.ok((service.transaction(id)?.result?.fee ?? 0n) <= 100_000n);
});

test('a query that is stopped before any block has it ends as soon as one does', async () => {
  const { service, node, runUntil } = served();
  const { queryId } = await service.openQuery(request, { payer: alice });
  assert.equal(readQuery(node.host!.head.state, queryId), null);
  const ended = service.cancelQuery(queryId, { isPayers: true, feeMax: 100_000n });
  runUntil(() => readQuery(node.host!.head.state, queryId) !== null);
  await new Promise(setImmediate);
  runUntil(() => readQuery(node.host!.head.state, queryId)?.cancelledAt != null);
  assert.equal((await ended).code, 'OK');
  await assert.rejects(service.cancelQuery('ab'.repeat(32) as Hash), { code: 'QUERY_UNKNOWN' });
});
