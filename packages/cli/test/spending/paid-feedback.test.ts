/**
 * Feedback by the bearer of a spend key, over HTTP, on a network of production hosts that is no devnet: who may speak, what it costs the
 * budget, that a repeat costs nothing, and that the account lost what the books say, to the nano.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addressOf, checkSupply, publicKeyOf, readParams, taggedHash } from '@synod/chain';
import type { NodeApi } from '@synod/rpc';
import { aliceSeed, type LearnerScript } from '../../../node/test/host/lab.ts';
import { measures } from '../../../node/test/host/learning-lab.ts';
import { openSpendDesk, type SpendDesk } from '../../src/spending/spend-desk.ts';
import { spendFileOf } from '../../src/spending/spend-file.ts';
import { serveLab } from '../lab-server.ts';

const SYN = 1_000_000_000n;
const payer = addressOf(publicKeyOf(aliceSeed));
const zeros = taggedHash('lab');

/** Trains, and finds the first item of every round true and the others false. */
const learner: LearnerScript = (task, node) => {
  const { id } = task;
  if (task.kind === 'train')
    return { kind: 'trained', id, delta: new TextEncoder().encode(`${node}`.padEnd(9_000, '.')) };
  if (task.kind === 'aggregate') return { kind: 'aggregated', id, factors: zeros, adapter: zeros };
  const deltas = task.deltas.map(({ content }) => (content === null ? 'missing' : 'ok'));
  const accepted = task.items.map((_, index) => index === 0);
  return { kind: 'evaluated', id, report: { factors: zeros, adapter: zeros, measures, deltas, accepted } };
};

const learning = {
  roundItems: 2,
  accountShare: 1_000_000,
  trainWindow: 40,
  deltaWindow: 40,
  gateWindow: 40,
  canaryHeights: 20,
};

type Said = { readonly status: number; readonly body: Record<string, unknown> & { error: Record<string, unknown> } };

/** A node with a paying account, its books, and clients of its /v1. */
async function paid(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'synod-paid-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const clock = { nowMs: 1_000_000 };
  let desk: SpendDesk | null = null;
  /** Reads the books from the disk, as a process after a crash does. */
  const reopen = (api: NodeApi): SpendDesk => {
    desk = openSpendDesk({ api, file: spendFileOf(home), nowMs: () => clock.nowMs });
    return desk;
  };
  const worker = {
    answer: () => 'It is Lyon.',
    score: ({ answers }: { answers: readonly unknown[] }) => answers.map(() => 700_000),
  };
  const served = await serveLab(
    t,
    { worker, learner, learning },
    {
      payerSeed: aliceSeed,
      spendingOf: (api) => {
        reopen(api);
        api.subscribe('newHeads', null, () => desk!.reconcile());
        return { walletOf: (secret) => desk!.walletOf(secret) };
      },
    },
  );
  const { url, api, run, lab } = served;
  run(() => lab.heightEverywhere() >= 2);
  const issued = api.account(payer)!.balance;
  const newKey = (name: string, budget = 10n * SYN) =>
    desk!.create({ budget, lifeMs: 60_000, account: null, name }).secret;
  const post = async (path: string, key: string | null, body: object): Promise<Said & { queryId: string | null }> => {
    const headers = { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }) };
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const queryId = response.headers.get('x-synod-query-id');
    return { status: response.status, queryId, body: (await response.json()) as Said['body'] };
  };
  const ask = async (key: string, prompt: string): Promise<string> => {
    const messages = [{ role: 'user', content: prompt }];
    const said = await post('/v1/chat/completions', key, { model: 'synod/general', messages });
    assert.equal(said.status, 200, JSON.stringify(said.body));
    return said.queryId!;
  };
  const say = (key: string | null, queryId: string, words: object): Promise<Said> =>
    post('/v1/feedback', key, { query_id: queryId, ...words });
  const lost = () => issued - api.account(payer)!.balance;
  const shown = (name: string) => desk!.show(name);
  return { ...served, clock, newKey, ask, say, lost, shown, reopen: () => reopen(api), desk: () => desk! };
}

const state = (served: Awaited<ReturnType<typeof paid>>) => served.lab.nodes[0]!.head.state;
const idOf = (text: string) => text.slice(2) as Parameters<NodeApi['query']>[0];
const codeOf = ({ status, body }: Said) => [status, body.error?.['code']];

test('the bearer of the key that paid corrects an answer: deposit and fee leave its budget, and the account, alike', async (t) => {
  const served = await paid(t);
  const { newKey, ask, say, lost, shown, api } = served;
  const key = newKey('ci');
  const queryId = await ask(key, 'What is the capital of France?');
  const asked = shown('ci').spent;
  assert.ok(asked > 0n && asked === lost());
  const words = {
    correction: 'The capital of France is Paris.',
    licence: 'CC-BY-4.0',
    consent: 'release',
    source: 'An atlas',
  };
  const said = await say(key, queryId, words);
  assert.equal(said.status, 200, JSON.stringify(said.body));
  assert.deepEqual([said.body['object'], said.body['kind']], ['synod.feedback', 'given']);
  const { feedback, text } = api.feedbackOf(idOf(queryId))!;
  assert.deepEqual([feedback.author, feedback.rating], [payer, 'correct']);
  assert.deepEqual(
    [text?.correction, text?.licence, text?.consent, text?.source],
    [words.correction, 'CC-BY-4.0', 'release', 'An atlas'],
  );
  const { feedbackDeposit } = readParams(state(served)).learning;
  const { spent, reserved, heldFeedback } = shown('ci');
  assert.deepEqual([reserved, heldFeedback], [feedbackDeposit, [idOf(queryId)]]);
  assert.ok(spent > asked, 'its fee is spent');
  assert.equal(spent + reserved, lost());
  checkSupply(state(served));
});

test('a deposit is back in the budget when its round learnt from it, and spent when the round refused it', async (t) => {
  const served = await paid(t);
  const { newKey, ask, say, lost, shown, run, api } = served;
  const key = newKey('ci');
  const { feedbackDeposit } = readParams(state(served)).learning;
  const queries: string[] = [];
  for (const land of ['France', 'Spain']) {
    const queryId = await ask(key, `What is the capital of ${land}?`);
    queries.push(queryId);
    const said = await say(key, queryId, { correction: `The capital of ${land} is not Lyon.` });
    assert.equal(said.status, 200, JSON.stringify(said.body));
  }
  const before = shown('ci');
  assert.equal(before.reserved, 2n * feedbackDeposit);
  const states = () => queries.map((id) => api.feedbackOf(idOf(id))?.feedback.state);
  run(() => states().every((one) => one === 'used' || one === 'refused'));
  assert.deepEqual(states().sort(), ['refused', 'used']);
  const after = shown('ci');
  assert.deepEqual([after.reserved, after.heldFeedback], [0n, []]);
  assert.equal(after.spent, before.spent + feedbackDeposit);
  assert.equal(after.spent, lost());
  checkSupply(state(served));
});

test('what is repeated, at once, later or after a crash, is one transaction and one deposit', async (t) => {
  const { newKey, ask, say, lost, shown, reopen } = await paid(t);
  const key = newKey('ci');
  const queryId = await ask(key, 'What is the capital of France?');
  const words = { rating: 'good' };
  const said = await Promise.all([say(key, queryId, words), say(key, queryId, words), say(key, queryId, words)]);
  reopen();
  said.push(await say(key, queryId, words));
  assert.deepEqual(
    said.map(({ status }) => status),
    [200, 200, 200, 200],
  );
  assert.equal(new Set(said.map(({ body }) => body['txHash'])).size, 1);
  const { spent, reserved, heldFeedback } = shown('ci');
  assert.equal(heldFeedback.length, 1);
  assert.equal(spent + reserved, lost());
  // Other words are other feedback, and the first stands.
  assert.deepEqual(codeOf(await say(key, queryId, { rating: 'bad' })), [409, 'feedback_twice']);
  assert.equal(spent + reserved, lost());
});

test('feedback that was set aside and then lost with its process goes out as it was', async (t) => {
  const { newKey, ask, say, lost, shown, desk, reopen, api } = await paid(t);
  const key = newKey('ci');
  const queryId = await ask(key, 'What is the capital of France?');
  const { spent } = shown('ci');
  // The process ends between the books and the mempool: what is signed never leaves it.
  const wallet = desk().walletOf(key);
  const raws: Uint8Array[] = [];
  const request = { queryId: idOf(queryId), rating: 'good', correction: null, source: null, isPrivate: false } as const;
  const terms = { licence: 'CC0-1.0', consent: 'train', readKey: null } as const;
  const crash = api.submitFeedback(
    { ...request, ...terms },
    { waitFor: 'mempool', timeoutMs: 0 },
    {
      payer: wallet.account,
      sent: () => null,
      onSigned(signed) {
        raws.push(signed.raw);
        wallet.reserveFeedback({ queryId: request.queryId, ...signed });
        throw new Error('killed');
      },
    },
  );
  await assert.rejects(crash, /killed/);
  assert.ok(reopen().show('ci').reserved > 0n && shown('ci').spent === spent);
  const said = await say(key, queryId, { rating: 'good' });
  assert.equal(said.status, 200, JSON.stringify(said.body));
  assert.deepEqual(desk().walletOf(key).feedbackSent(request.queryId)?.raw, Buffer.from(raws[0]!));
  assert.equal(shown('ci').spent + shown('ci').reserved, lost());
});

test('two who speak in the same moment, while words are written, send one transaction', async (t) => {
  const { newKey, ask, lost, shown, desk, api } = await paid(t);
  const key = newKey('ci');
  const queryId = idOf(await ask(key, 'What is the capital of France?'));
  const wallet = desk().walletOf(key);
  const say = (rating: 'good' | 'bad') =>
    api.submitFeedback(
      {
        ...{ queryId, rating, correction: null, source: null },
        ...{ licence: 'CC0-1.0', consent: 'train', isPrivate: false, readKey: null },
      },
      { waitFor: 'mempool', timeoutMs: 0 },
      {
        payer: wallet.account,
        sent: () => wallet.feedbackSent(queryId),
        onSigned: (signed) => wallet.reserveFeedback({ queryId, ...signed }),
      },
    );
  const [first, again, other] = await Promise.allSettled([say('good'), say('good'), say('bad')]);
  assert.ok(first.status === 'fulfilled' && again.status === 'fulfilled');
  assert.deepEqual(first.value, again.value);
  assert.ok(other.status === 'rejected' && other.reason.code === 'FEEDBACK_TWICE');
  assert.equal(shown('ci').heldFeedback.length, 1);
  assert.ok(lost() <= shown('ci').spent + shown('ci').reserved);
});

test('feedback that no block took leaves the budget as it was', async (t) => {
  const { newKey, ask, shown, desk, reopen, run, lab } = await paid(t);
  const key = newKey('ci');
  const queryId = idOf(await ask(key, 'What is the capital of France?'));
  const validUntil = lab.nodes[0]!.head.height + 3;
  const lostOne = { id: taggedHash('lost'), content: taggedHash('words'), raw: new Uint8Array([1]), validUntil };
  const before = shown('ci');
  desk()
    .walletOf(key)
    .reserveFeedback({ queryId, ...lostOne, deposit: SYN, feeMax: 5n });
  assert.equal(reopen().show('ci').reserved, SYN + 5n);
  run(() => lab.nodes[0]!.head.height > validUntil + 1);
  assert.deepEqual(shown('ci'), before);
});

test('a query of another key, a key that is closed, and a budget that is spent are each refused, and cost nothing', async (t) => {
  const { newKey, ask, say, lost, clock, desk } = await paid(t);
  const key = newKey('ci');
  const queryId = await ask(key, 'What is the capital of France?');
  const other = newKey('other');
  const before = lost();
  const good = { rating: 'good' };
  const foreign = await say(other, queryId, good);
  assert.deepEqual(codeOf(foreign), [403, 'feedback_foreign']);
  assert.match(String(foreign.body.error['message']), /key that paid/);
  assert.deepEqual(codeOf(await say(key, `0x${'ab'.repeat(32)}`, good)), [404, 'not_found']);
  assert.deepEqual(codeOf(await say(null, queryId, good)), [401, 'invalid_api_key']);
  assert.deepEqual(codeOf(await say('sk-other', queryId, good)), [401, 'invalid_api_key']);

  const { budget, spent, reserved } = desk().show('ci');
  const poor = newKey('poor', spent + 300_000n + SYN / 20n);
  const poorQuery = await ask(poor, 'What is the capital of Spain?');
  const afterAsking = lost();
  const tooDear = await say(poor, poorQuery, good);
  assert.deepEqual(codeOf(tooDear), [402, 'insufficient_quota']);
  assert.match(String(tooDear.body.error['message']), /deposit.*Nothing was charged/);
  assert.ok(budget > spent + reserved);

  desk().revoke('ci');
  const revoked = await say(key, queryId, good);
  assert.deepEqual(codeOf(revoked), [401, 'invalid_api_key']);
  assert.match(String(revoked.body.error['message']), /revoked/);
  clock.nowMs += 60_000;
  const expired = await say(poor, poorQuery, good);
  assert.deepEqual(codeOf(expired), [401, 'invalid_api_key']);
  assert.match(String(expired.body.error['message']), /expired/);
  assert.ok(before < afterAsking && lost() === afterAsking);
});

test('words that stay at home cost the key nothing, and are its query alone', async (t) => {
  const { newKey, ask, say, lost, shown } = await paid(t);
  const key = newKey('ci');
  const queryId = await ask(key, 'What is the capital of France?');
  const before = [lost(), shown('ci').spent];
  const kept = await say(key, queryId, { rating: 'good', x_private: true });
  assert.deepEqual([kept.status, kept.body['kind']], [200, 'kept']);
  assert.deepEqual([lost(), shown('ci').spent, shown('ci').reserved], [...before, 0n]);
  assert.deepEqual(codeOf(await say(newKey('other'), queryId, { rating: 'good', x_private: true })), [
    403,
    'feedback_foreign',
  ]);
});
