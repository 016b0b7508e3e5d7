/** Which repeated requests join one query: by key, by a stock client's own retry, over a restart; and which never may. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenedQuery } from '../../src/node-api.ts';
import { type Asked, createJoins, type JoinOptions, type StoredJoin } from '../../src/openai/joins.ts';
import { hashOfName } from '../fixture/names.ts';

function lab(changes: Partial<JoinOptions> = {}) {
  const clock = { nowMs: 1_000 };
  const disk: { joins: readonly StoredJoin[] } = { joins: [] };
  const store = {
    load: () => disk.joins,
    save(joins: readonly StoredJoin[]) {
      disk.joins = joins;
    },
  };
  const options: JoinOptions = {
    keysMax: 100,
    keyMs: 600_000,
    retryMs: 60_000,
    nowMs: () => clock.nowMs,
    neverWas: () => false,
    store,
    ...changes,
  };
  let opened = 0;
  const open = async (onSigned: (query: OpenedQuery) => void): Promise<OpenedQuery> => {
    const query = { queryId: hashOfName(`query ${++opened}`), validUntil: 60, readKey: null };
    onSigned(query);
    return query;
  };
  return { clock, disk, options, joins: createJoins(options), open, opened: () => opened };
}

const asked: Asked = { payer: 'a', idempotencyKey: undefined, retries: 0, request: { prompt: 'hi' } };
const keyed: Asked = { ...asked, idempotencyKey: 'k' };

test('a new call opens, its own retry joins', async () => {
  const { joins, open, opened } = lab();
  const first = await joins.enter(asked, open);
  const second = await joins.enter(asked, open);
  assert.equal(opened(), 2);
  second.leave();
  // Of two calls alike, the retry is that of the one whose reader was lost.
  const retry = await joins.enter({ ...asked, retries: 1 }, open);
  assert.deepEqual([opened(), retry.isJoined, retry.opened], [2, true, second.opened]);
  const another = await joins.enter({ ...asked, retries: 1 }, open);
  assert.ok([first.opened.queryId, second.opened.queryId].includes(another.opened.queryId));
  assert.equal(opened(), 2);
});

test('a retry that reaches the server while the query is being opened joins it', async () => {
  const { joins, opened } = lab();
  const { promise, resolve } = Promise.withResolvers<OpenedQuery>();
  const first = joins.enter(asked, () => promise);
  const retry = joins.enter({ ...asked, retries: 1 }, () => assert.fail('a second query'));
  resolve({ queryId: hashOfName('query'), validUntil: 60, readKey: null });
  assert.equal((await retry).opened, (await first).opened);
  assert.equal(opened(), 0);
});

test('a first try that comes after its own retry joins it, and the next call does not', async () => {
  const { joins, open, opened } = lab();
  const retry = await joins.enter({ ...asked, retries: 1 }, open);
  assert.equal((await joins.enter(asked, open)).opened, retry.opened);
  assert.equal(opened(), 1);
  await joins.enter(asked, open);
  assert.equal(opened(), 2);
});

test('another payer, another request and a late retry open their own', async () => {
  const { joins, open, opened, clock } = lab();
  (await joins.enter(asked, open)).leave();
  await joins.enter({ ...asked, retries: 1, payer: 'b' }, open);
  await joins.enter({ ...asked, retries: 1, request: { prompt: 'ho' } }, open);
  assert.equal(opened(), 3);
  clock.nowMs += 60_001;
  await joins.enter({ ...asked, retries: 1 }, open);
  assert.equal(opened(), 4);
});

test('who is read does not expire', async () => {
  const { joins, open, opened, clock } = lab();
  await joins.enter(asked, open);
  clock.nowMs += 1e9;
  await joins.enter({ ...asked, retries: 1 }, open);
  assert.equal(opened(), 1);
});

test('a key joins for ten minutes, and is of one request and one payer', async () => {
  const { joins, open, opened, clock } = lab();
  const first = await joins.enter(keyed, open);
  assert.equal(first.leave(), false, 'somebody with a key may come back');
  clock.nowMs += 599_999;
  assert.equal((await joins.enter(keyed, open)).isJoined, true);
  await assert.rejects(joins.enter({ ...keyed, request: {} }, open), { code: 'IDEMPOTENCY_KEY_REUSED' });
  await joins.enter({ ...keyed, payer: 'b' }, open);
  assert.equal(opened(), 2);
});

test('only the last reader who leaves leaves the query alone', async () => {
  const { joins, open } = lab();
  const first = await joins.enter(asked, open);
  const retry = await joins.enter({ ...asked, retries: 1 }, open);
  assert.deepEqual([first.leave(), first.isAlone()], [false, false]);
  assert.deepEqual([retry.leave(), first.isAlone()], [true, true]);
});

test('an opening that fails frees its key', async () => {
  const { joins, open, opened, disk } = lab();
  await assert.rejects(
    joins.enter(keyed, async (onSigned) => {
      onSigned({ queryId: hashOfName('lost'), validUntil: 60, readKey: null });
      throw new Error('refused');
    }),
  );
  assert.deepEqual(disk.joins, []);
  assert.equal((await joins.enter(keyed, open)).isJoined, false);
  assert.equal(opened(), 1);
});

test('a query is on disk before it is out, and another process joins it', async () => {
  const { joins, options, open, opened, disk } = lab();
  await joins.enter(keyed, (onSigned) =>
    open((query) => {
      onSigned(query);
      assert.equal(disk.joins[0]?.queryId, query.queryId);
    }),
  );
  await joins.enter(asked, open);
  const again = createJoins(options);
  assert.equal((await again.enter(keyed, open)).isJoined, true);
  assert.equal((await again.enter({ ...asked, retries: 1 }, open)).isJoined, true);
  assert.equal(opened(), 2);
});

test('what certainly never was opened is asked again after a restart', async () => {
  const { joins, options, open, opened } = lab();
  await joins.enter(keyed, open);
  const again = createJoins({ ...options, neverWas: () => true });
  assert.equal((await again.enter(keyed, open)).isJoined, false);
  assert.equal(opened(), 2);
});

test('the table is bounded, and forgets nobody who reads', async () => {
  const { joins, open, disk } = lab({ keysMax: 3 });
  const first = await joins.enter(keyed, open);
  for (let index = 0; index < 10; index++) {
    (await joins.enter({ ...keyed, idempotencyKey: `k${index}` }, open)).leave();
  }
  assert.ok(disk.joins.length <= 4);
  assert.equal((await joins.enter(keyed, open)).opened, first.opened);
});
