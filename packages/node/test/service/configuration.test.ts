/** What a quote says of its contract, and what its requester may want instead (spec: market §17). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeTransaction,
  encodeTransaction,
  type Hash,
  type PublicKey,
  publicKeyOf,
  type QueryOpen,
  SynodError,
  sign,
  type TransactionBody,
  transactionSignBytes,
} from '@synod/chain';
import { QueryRouter } from '../../src/service/query-router.ts';
import { aliceSeed, Lab } from '../host/lab.ts';
import { runnerOf, serviceOf } from './service-lab.ts';

const EASY = 'What is the capital of Peru?';
const domain = 'general';
const HARD = 'Explain why the sky is blue, then compare it with Mars, and plan a lesson about it.';

function served() {
  const lab = new Lab({ validators: 4 });
  const router = new QueryRouter({
    ask: async (job) => {
      const difficultyPpm = job.kind === 'route' && job.prompt === EASY ? 20_000 : 640_000;
      return { kind: 'routed', id: job.id, domain: null, probabilities: [], difficultyPpm };
    },
    cancel: () => undefined,
    workerState: () => 'ready',
  });
  const service = serviceOf(lab, { devAccounts: [{ name: 'alice', seed: aliceSeed }], router });
  runnerOf(lab, service, 120_000)(() => lab.heightEverywhere() >= 2);
  return service;
}

test('a quote says how much of the market an easy question takes, and why; a hard one takes more', async () => {
  const service = served();
  const [easy, hard] = [await service.quote({ prompt: EASY, domain }), await service.quote({ prompt: HARD, domain })];
  assert.deepEqual({ ...easy.configuration, reason: '' }, { effort: 'quote', respondents: 2, rounds: 1, reason: '' });
  assert.match(easy.configuration.reason, /^difficulty 0\.02 is below 0\.25: a passage is quoted/);
  assert.equal(hard.configuration.effort, 'full');
  assert.match(hard.configuration.reason, /^difficulty 0\.64 is 0\.25 or more/);
  // What is easier to answer costs less for as many bytes.
  const sameLength = await service.quote({ prompt: HARD, domain, effort: 'quote' });
  assert.ok(sameLength.max < hard.max);
});

test('its requester may want another effort, respondents and rounds; the contract that is signed says the same', async () => {
  const service = served();
  for (const [prompt, effort, difficulty] of [
    [EASY, 'full', 250_000],
    [HARD, 'quote', 249_999],
    [HARD, 'full', 640_000],
    [EASY, undefined, 20_000],
  ] as const) {
    const request = { prompt, domain, effort, respondents: 3, rounds: 2 };
    const { configuration } = await service.quote(request);
    const { reason, ...terms } = configuration;
    assert.deepEqual(terms, { effort: difficulty < 250_000 ? 'quote' : 'full', respondents: 3, rounds: 2 });
    assert.equal(reason === 'as asked', effort !== undefined);
    const sender = publicKeyOf(aliceSeed) as PublicKey;
    const raw = await service.prepareQuery(request, { sender, seal: '11'.repeat(32) as Hash });
    const decoded = decodeTransaction(raw);
    assert.ok(decoded.ok);
    assert.equal((decoded.value.body.payload as QueryOpen).contract.difficulty, difficulty);
  }
});

test('market §2: terms that the chain would refuse are refused with their bounds before anything is signed', async () => {
  const service = served();
  const asked = { prompt: EASY, domain } as const;
  const problem = async (terms: object) => {
    try {
      await service.openQuery({ ...asked, ...terms });
    } catch (error) {
      assert.ok(error instanceof SynodError);
      return [error.code, error.facts['field'], error.facts['least'], error.facts['most']];
    }
    return null;
  };
  for (const [terms, field, least, most] of [
    [{ respondents: 9 }, 'respondents', 1, 8],
    [{ respondents: 0 }, 'respondents', 1, 8],
    [{ rounds: 5 }, 'rounds', 1, 4],
    [{ threshold: 800_001 }, 'threshold', 0, 800_000],
  ] as const) {
    assert.deepEqual(await problem(terms), ['PAYLOAD_INVALID', field, least, most], JSON.stringify(terms));
  }
  assert.equal(await problem({ respondents: 8, rounds: 4, threshold: 800_000 }), null);
});

test('a transaction with a field that the chain does not take is refused by its name', async () => {
  const service = served();
  const preparing = { sender: publicKeyOf(aliceSeed) as PublicKey, seal: '11'.repeat(32) as Hash };
  const raw = await service.prepareQuery({ prompt: EASY, domain }, preparing);
  const decoded = decodeTransaction(raw);
  assert.ok(decoded.ok);
  const { body } = decoded.value;
  const contract = { ...(body.payload as QueryOpen).contract, basePart: 1 };
  const wrong: TransactionBody = { ...body, payload: { type: 'query.open', contract } };
  const signed = encodeTransaction({ body: wrong, signature: sign(aliceSeed, transactionSignBytes(wrong)) });
  const told = await service.submitTransaction(signed, { waitFor: 'mempool', timeoutMs: 1 });
  assert.equal(told.code, 'PAYLOAD_INVALID');
  assert.match(told.hint ?? '', /^"basePart" of query\.open is not what this chain takes/);
});
