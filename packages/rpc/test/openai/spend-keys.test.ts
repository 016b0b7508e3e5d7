/** A spend key at /v1: its budget is what a question may cost, it is set aside before the question is out, and nobody else's is touched. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Amount, type Hash, SynodError } from '@synod/chain';
import { quotaExceeded, type SpendKeys } from '../../src/index.ts';
import { createMemoryNode } from '../fixture/memory-node.ts';
import { serve } from '../fixture/serve.ts';
import { addressOfName, hashOfName } from '../fixture/small-chain.ts';

const chat = { model: 'synod/auto', messages: [{ role: 'user', content: 'hi' }] };
const path = '/v1/chat/completions';
const bearer = (name: string) => ({ authorization: `Bearer sk-synod-${name}` });

/** Books in memory: one account a key, and what each had set aside with how many questions were out by then. */
class Books implements SpendKeys {
  readonly reserved: { readonly id: string; readonly queryId: Hash; readonly costMax: Amount; readonly out: number }[] =
    [];
  readonly ending: { readonly queryId: Hash; readonly id: Hash }[] = [];
  available = 9_000_000n;
  isSpent = false;
  readonly #out: () => number;

  constructor(out: () => number) {
    this.#out = out;
  }

  walletOf(secret: string) {
    const id = secret.replace('sk-synod-', '');
    if (id === 'revoked') throw new SynodError('API_KEY_INVALID', 'This spend key was revoked. Ask for another.');
    return {
      id,
      account: addressOfName(id),
      available: () => this.available,
      reserve: ({ queryId, costMax }: { readonly queryId: Hash; readonly costMax: Amount }) => {
        if (this.isSpent) throw quotaExceeded();
        this.reserved.push({ id, queryId, costMax, out: this.#out() });
      },
      cancelFeeMax: (queryId: Hash) => (this.reserved.some((one) => one.queryId === queryId) ? 777n : null),
      cancelling: (queryId: Hash, transaction: { readonly id: Hash }) =>
        void this.ending.push({ queryId, id: transaction.id }),
      // What is said of answers has tests of its own, over the books on disk: packages/cli/test/spending/paid-feedback.test.ts.
      paidFor: (queryId: Hash) => this.reserved.some((one) => one.id === id && one.queryId === queryId),
      feedbackSent: () => null,
      reserveFeedback: () => assert.fail('nobody gives feedback here'),
    };
  }
}

async function served(t: Parameters<typeof serve>[0], limits = {}) {
  const node = createMemoryNode();
  node.status = { devnet: false };
  const books = new Books(() => node.opened.length);
  return { ...(await serve(t, limits, node, { spending: books })), books };
}

test('the account behind a key pays, and what its question can cost is set aside before it is out', async (t) => {
  const { post, node, books } = await served(t);
  const answer = await post(chat, bearer('bob'), path);
  assert.equal(answer.status, 200);
  assert.deepEqual(node.payers, [addressOfName('bob')]);
  assert.deepEqual(books.reserved, [{ id: 'bob', queryId: hashOfName('query 1'), costMax: 9_000_000n, out: 0 }]);
  assert.equal((await post(chat, bearer('revoked'), path)).status, 401);
  assert.equal(node.opened.length, 1);
});

test('a question may cost what is left of the budget, or less where its asker says so', async (t) => {
  const { post, node } = await served(t);
  for (const max_cost of [undefined, '4000000', '50000000'])
    await post({ ...chat, synod: { max_cost } }, bearer('bob'), path);
  assert.deepEqual(
    node.opened.map(({ maxCost }) => maxCost),
    [9_000_000n, 4_000_000n, 9_000_000n],
  );
});

test('a spent budget is 402, an own limit that is too low 400; neither opens anything', async (t) => {
  const { post, node, books } = await served(t);
  const refused = async (body: object) => {
    const { status, json } = await post(body, bearer('bob'), path);
    return [status, json.error.code, json.error.type];
  };
  const spent = [402, 'insufficient_quota', 'insufficient_quota'];
  assert.deepEqual(await refused({ ...chat, synod: { max_cost: '10' } }), [
    400,
    'max_cost_exceeded',
    'invalid_request_error',
  ]);
  books.available = 10n;
  assert.deepEqual(await refused(chat), spent);
  books.available = 9_000_000n;
  books.isSpent = true;
  assert.deepEqual(await refused(chat), spent);
  assert.equal(node.opened.length, 0);
});

test('retries of one key never join the question of another', async (t) => {
  const { post, node, books } = await served(t);
  for (const [name, retry] of [
    ['bob', '0'],
    ['bob', '1'],
    ['carol', '1'],
  ] as const)
    await post(chat, { ...bearer(name), 'x-stainless-retry-count': retry }, path);
  assert.deepEqual(node.payers, [addressOfName('bob'), addressOfName('carol')]);
  assert.deepEqual(
    books.reserved.map(({ id }) => id),
    ['bob', 'carol'],
  );
});

test('a question whose client has left is ended from what was set aside for that, and the books hear of it', async (t) => {
  const { url, node, books } = await served(t, { observedQueriesMax: 0 });
  node.script = 'manual';
  const { cancelQuery } = node.api;
  const terms: { isPayers?: boolean | undefined; feeMax?: Amount | undefined }[] = [];
  Object.assign(node.api, {
    cancelQuery: ((queryId, wanted = {}) => {
      terms.push({ isPayers: wanted.isPayers, feeMax: wanted.feeMax });
      return cancelQuery(queryId, wanted);
    }) satisfies typeof cancelQuery,
  });
  const gone = new AbortController();
  const asked = fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer('bob') },
    body: JSON.stringify(chat),
    signal: gone.signal,
  }).catch(() => null);
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
  };
  await until(() => node.followers() === 1);
  gone.abort();
  await asked;
  const queryId = hashOfName('query 1');
  node.push(queryId, { kind: 'opened', queryId, height: 1 });
  await until(() => node.cancelled.length === 1);
  assert.deepEqual(terms, [{ isPayers: true, feeMax: 777n }]);
  assert.deepEqual(books.ending, [{ queryId, id: hashOfName('cancel') }]);
});
