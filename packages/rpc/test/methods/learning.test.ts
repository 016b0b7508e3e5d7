/** Feedback and lineage over JSON-RPC, /v1 and metrics: every result by its schema, and the bad inputs of each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeFeedback,
  decodeLightBlock,
  fromHex,
  promptHash,
  SynodError,
  stateKeys,
  verifyStateProof,
} from '@synod/chain';
import { rpcCodes, toRpcError } from '../../src/errors.ts';
import { readStatePath } from '../../src/json/proofs.ts';
import { findMethod } from '../../src/methods/registry.ts';
import { type Served, serve } from '../fixture/serve.ts';
import { addressOfName, hashOfName, state } from '../fixture/small-chain.ts';
import { blobs, feedbacks } from '../fixture/small-learning.ts';

const queryId = `0x${hashOfName('query 1')}`;

async function call({ rpc }: Served, name: string, params: unknown) {
  const { result, error } = await rpc(name, params);
  assert.equal(error, undefined, `${name}: ${JSON.stringify(error)}`);
  findMethod(name)!.result.parse(result);
  return result;
}

async function refusal({ rpc }: Served, name: string, params: unknown) {
  const { error } = await rpc(name, params);
  assert.ok(error, `${name} takes ${JSON.stringify(params)}`);
  return [error.code, error.data.name];
}

test('a lineage is told by domain and by expert, page by page', async (t) => {
  const served = await serve(t);
  const whole = await call(served, 'model_lineage', { domain: 'general' });
  assert.deepEqual(
    whole.items.map(({ version, parent, state: its }: Record<string, unknown>) => [version, parent, its]),
    [
      [0, 0, 'superseded'],
      [1, 0, 'stable'],
      [2, 1, 'rejected'],
      [3, 1, 'canary'],
    ],
  );
  assert.deepEqual([whole.items[0].round, whole.items[0].rule], [null, null]);
  assert.deepEqual(whole.items[1].rule, { aggregator: 2, normMax: 2_000 });
  assert.equal(whole.items[1].measures.feedbackBefore, '1.842');
  assert.equal(whole.items[1].measures.biasAfter, '0.013');
  assert.equal(whole.items[1].measures.spectral, '0.310');
  assert.deepEqual(whole.items[1].contributions[1].delta, null);
  assert.equal(whole.line.canary.scores.mean, '0.750');
  assert.equal(whole.line.live.mean, null);
  assert.equal(whole.learns, null);
  const first = await call(served, 'model_lineage', { domain: 'general', limit: 3 });
  const rest = await call(served, 'model_lineage', { domain: 'general', limit: 3, cursor: first.nextCursor });
  assert.deepEqual([...first.items, ...rest.items], whole.items);
  const byExpert = await call(served, 'model_lineage', { expert: addressOfName('expert-1') });
  assert.equal(byExpert.learns, false);
  assert.deepEqual(byExpert.items, whole.items);
});

test('versions and rounds are found, and what is not there has a code of its own', async (t) => {
  const served = await serve(t);
  assert.equal((await call(served, 'model_getVersion', { domain: 'general', version: 2 })).reason, 'GENERAL_WORSE');
  const rounds = await call(served, 'model_listRounds', {});
  assert.deepEqual(
    rounds.items.map((each: Record<string, unknown>) => [each['phase'], each['version']]),
    [
      ['closed', 1],
      ['closed', 2],
      ['closed', 3],
      ['training', null],
    ],
  );
  assert.deepEqual(rounds.items[0].rule, { aggregator: 2, normMax: 2_000, shardCopies: null });
  assert.deepEqual(rounds.items[3].rule, { aggregator: 1, normMax: 1_500, shardCopies: 3 });
  for (const each of rounds.items) assert.deepEqual(await call(served, 'model_getRound', { round: each.round }), each);
  assert.deepEqual(await refusal(served, 'model_getVersion', { domain: 'general', version: 9 }), [
    3331,
    'VERSION_UNKNOWN',
  ]);
  assert.deepEqual(await refusal(served, 'model_getVersion', { domain: 'law', version: 0 }), [3330, 'LINEAGE_EMPTY']);
  assert.deepEqual(await refusal(served, 'model_lineage', { domain: 'law' }), [3330, 'LINEAGE_EMPTY']);
  assert.deepEqual(await refusal(served, 'model_listRounds', { domain: 'law' }), [3330, 'LINEAGE_EMPTY']);
  assert.deepEqual(await refusal(served, 'model_getRound', { round: queryId }), [3332, 'ROUND_UNKNOWN']);
  assert.deepEqual(await refusal(served, 'model_lineage', {}), [-32602, 'INVALID_PARAMS']);
  const both = { domain: 'general', expert: addressOfName('expert-0') };
  assert.deepEqual(await refusal(served, 'model_lineage', both), [-32602, 'INVALID_PARAMS']);
  assert.deepEqual(await refusal(served, 'model_lineage', { expert: addressOfName('alice') }), [-32001, 'UNKNOWN']);
});

test("feedback goes out with its defaults, and a refusal is an error with the chain's code", async (t) => {
  const served = await serve(t);
  const given = await call(served, 'feedback_submit', { queryId, rating: 'good' });
  assert.deepEqual([given.kind, given.status, given.height], ['given', 'included', '3']);
  await call(served, 'feedback_submit', {
    queryId,
    correction: 'It is Paris.',
    source: 'An atlas',
    consent: 'release',
  });
  const common = {
    queryId: hashOfName('query 1'),
    licence: 'CC0-1.0',
    from: undefined,
    isPrivate: false,
    readKey: null,
  };
  assert.deepEqual(served.node.feedback, [
    { ...common, rating: 'good', correction: null, source: null, consent: 'train' },
    { ...common, rating: 'correct', correction: 'It is Paris.', source: 'An atlas', consent: 'release' },
  ]);
  const kept = await call(served, 'feedback_submit', { queryId, rating: 'bad', private: true });
  assert.deepEqual(kept, { kind: 'kept', queryId, file: 'private-feedback.jsonl' });
  const twice = { queryId: `0x${hashOfName('twice')}`, rating: 'good' };
  assert.deepEqual(await refusal(served, 'feedback_submit', twice), [3306, 'FEEDBACK_TWICE']);
  const foreign = { queryId: `0x${hashOfName('foreign')}`, rating: 'good' };
  assert.deepEqual(await refusal(served, 'feedback_submit', foreign), [3305, 'FEEDBACK_FOREIGN']);
});

test('what says nothing, or too much, is refused before anything is signed', async (t) => {
  const served = await serve(t);
  const wrong: readonly object[] = [
    {},
    { queryId },
    { rating: 'good' },
    { queryId, rating: 'great' },
    { queryId, rating: 'correct' },
    { queryId, rating: 'bad', correction: 'It is Paris.' },
    { queryId, rating: 'good', source: 'An atlas' },
    { queryId, rating: 'good', licence: 'all rights reserved' },
    { queryId, rating: 'good', consent: 'none' },
    { queryId, rating: 'good', blob: '0x00' },
    { queryId, rating: 'good', raw: '0x00' },
    { queryId: '0x12', rating: 'good' },
    { queryId, correction: 'x'.repeat(65_537) },
  ];
  for (const params of wrong) assert.equal((await refusal(served, 'feedback_submit', params))[1], 'INVALID_PARAMS');
  assert.deepEqual(served.node.feedback, []);
  assert.equal((await served.get(`/rpc/feedback_submit?queryId=${queryId}&rating=good`)).status, 405);
});

test('a key elsewhere signs what was prepared, and sends it with its words', async (t) => {
  const served = await serve(t);
  const sender = `0x${hashOfName('key')}`;
  const { raw, blob, content } = await call(served, 'feedback_prepare', { queryId, rating: 'good', sender });
  const given = await call(served, 'feedback_submit', { raw, blob });
  assert.deepEqual([given.content, given.status], [content, 'pending']);
  assert.deepEqual(await refusal(served, 'feedback_submit', { raw }), [3321, 'BLOB_MISSING']);
});

test('feedback is read by query, by number and in pages, and its blobs by their ids', async (t) => {
  const served = await serve(t);
  const first = await call(served, 'feedback_get', { queryId });
  assert.equal(first.promptHash, `0x${promptHash(first.text.prompt)}`);
  assert.equal(first.text.correction, 'It is Paris.');
  assert.deepEqual(await call(served, 'feedback_get', { domain: 'general', number: 0 }), first);
  const { items, count, next } = await call(served, 'feedback_list', { domain: 'general', limit: 2 });
  assert.deepEqual([items[0], items.length, count, next], [first, 2, 3, 2]);
  assert.equal((await call(served, 'feedback_list', { domain: 'general', from: 2 })).next, null);
  assert.deepEqual(await call(served, 'feedback_list', { domain: 'law' }), { items: [], count: 0, next: null });
  const { data } = await call(served, 'blob_get', { content: first.content });
  assert.deepEqual(fromHex(data.slice(2)), blobs[0]);
  assert.deepEqual(await refusal(served, 'blob_get', { content: queryId }), [3320, 'BLOB_UNKNOWN']);
  assert.deepEqual(await refusal(served, 'feedback_get', { domain: 'general', number: 7 }), [3316, 'FEEDBACK_UNKNOWN']);
  const unknown = { queryId: `0x${hashOfName('nobody asked')}` };
  assert.deepEqual(await refusal(served, 'feedback_get', unknown), [3316, 'FEEDBACK_UNKNOWN']);
  for (const params of [{}, { domain: 'general' }, { queryId, domain: 'general', number: 0 }]) {
    assert.deepEqual(await refusal(served, 'feedback_get', params), [-32602, 'INVALID_PARAMS']);
  }
});

test('a page of an export proves its records and their number under one header', async (t) => {
  const served = await serve(t);
  const page = await call(served, 'feedback_export', { domain: 'general', from: 1, height: 2 });
  const block = decodeLightBlock(fromHex(page.block.slice(2)));
  assert.ok(block.ok && block.value.header.height === 3);
  assert.equal(page.count, feedbacks.length);
  assert.ok(verifyStateProof({ root: state.root, key: stateKeys.line('general'), proof: readStatePath(page.line) }).ok);
  assert.deepEqual(
    page.items.map(({ number }: { number: number }) => number),
    [1, 2],
  );
  for (const { number, proof, blob } of page.items) {
    const proven = verifyStateProof({
      root: state.root,
      key: stateKeys.feedback('general', number),
      proof: readStatePath(proof),
    });
    assert.ok(proven.ok && proven.value !== null);
    assert.deepEqual(decodeFeedback(proven.value), { ok: true, value: feedbacks[number] });
    assert.deepEqual(fromHex(blob.slice(2)), blobs[number]);
  }
  assert.deepEqual((await call(served, 'feedback_export', { domain: 'general', from: 9, height: 2 })).items, []);
  assert.deepEqual(await refusal(served, 'feedback_export', { domain: 'law' }), [3330, 'LINEAGE_EMPTY']);
  assert.deepEqual(await refusal(served, 'feedback_export', { domain: 'general', height: 3 }), [-32001, 'FUTURE']);
});

test('POST /v1/feedback takes what a chat client has at hand', async (t) => {
  const served = await serve(t);
  const post = (body: object) => served.post(body, {}, '/v1/feedback');
  const good = await post({ query_id: queryId, rating: 'good' });
  assert.deepEqual([good.status, good.json.object, good.json.kind], [200, 'synod.feedback', 'given']);
  const kept = await post({ query_id: queryId, correction: 'It is Paris.', x_private: true });
  assert.deepEqual([kept.status, kept.json.kind], [200, 'kept']);
  const foreign = await post({ query_id: `0x${hashOfName('foreign')}`, rating: 'bad' });
  assert.deepEqual([foreign.status, foreign.json.error.code], [403, 'feedback_foreign']);
  const twice = await post({ query_id: `0x${hashOfName('twice')}`, rating: 'bad' });
  assert.deepEqual([twice.status, twice.json.error.code], [409, 'feedback_twice']);
  assert.equal(twice.headers.get('x-should-retry'), 'false');
  for (const body of [{}, { query_id: queryId }, { query_id: 'q', rating: 'good' }, { query_id: queryId, score: 1 }]) {
    const { status, json } = await post(body);
    assert.deepEqual([status, json.error.type], [400, 'invalid_request_error']);
  }
});

test('every refusal of learning has a code of its own and says what to do', () => {
  const codes = Object.entries(rpcCodes).filter(([, code]) => code >= 3300 && code < 3400);
  assert.ok(codes.length >= 20);
  assert.equal(new Set(codes.map(([, code]) => code)).size, codes.length);
  for (const [name, code] of codes) {
    const told = toRpcError(new SynodError(name, 'It was refused. Do something else.'));
    assert.deepEqual([told.code, typeof told.data.hint], [code, 'string'], name);
  }
  const own = toRpcError(new SynodError('FEEDBACK_TWICE', 'It was refused.', { facts: { hint: 'Look.' } }));
  assert.equal(own.data.hint, 'Look.');
});

test('what was learnt is scraped', async (t) => {
  const { text } = await (await serve(t)).get('/metrics');
  for (const sample of [
    'synod_learning_feedback_total{domain="general"} 3',
    'synod_learning_version{domain="general"} 1',
    'synod_learning_canary_version{domain="general"} 3',
    'synod_learning_loss{domain="general",of="before"} 1.842',
    'synod_learning_bias{domain="general",of="after"} 0.013',
    'synod_learning_round_phase{domain="general",phase="training"} 1',
    'synod_learning_round_phase{domain="general",phase="gating"} 0',
    'synod_learning_versions{domain="general",state="rejected"} 1',
  ])
    assert.ok(text.includes(sample), sample);
});
