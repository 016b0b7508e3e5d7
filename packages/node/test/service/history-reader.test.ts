/** Lists of what happened, against real hosts: who is a party, pages that stay true under new blocks, who signed, what a trial says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  addressOf,
  encodeTransaction,
  type Hash,
  NANO_PER_SYN,
  type Payload,
  publicKeyOf,
  sign,
  type TransactionBody,
  transactionId,
  transactionSignBytes,
} from '@synod/chain';
import { ChainReader } from '../../src/service/chain-reader.ts';
import { HistoryReader, type Place } from '../../src/service/history-reader.ts';
import { alice, aliceSeed, Lab, type LabOptions, openQuery, operatorOf, operatorSeed } from '../host/lab.ts';

const window = { before: null, fromHeight: null, toHeight: null, limit: 100 };
const everything = { ...window, address: null, type: null };

function network(options: LabOptions = {}) {
  const lab = new Lab(options);
  lab.runUntil(() => lab.heightEverywhere() >= 2, 60_000);
  const { host, store } = lab.nodes[0]!;
  const reader = new ChainReader({ store, head: () => host!.head, genesis: lab.genesis });
  return { lab, host: host!, history: new HistoryReader(host!, reader) };
}

const transfer = (to: Address, amount = 1n): Payload => ({ type: 'transfer', to, amount });

/** Submits and waits until everybody has it. */
function include(lab: Lab, seed: Uint8Array, payload: Payload): Hash {
  const id = lab.submit(seed, payload);
  const until = lab.nodes[0]!.head.height + 4;
  lab.runUntil(() => lab.heightEverywhere() >= until, 60_000);
  return id;
}

test('transactions come newest first, of an account as sender or named, of a type, within heights', async () => {
  const { lab, history } = network();
  const stranger = operatorOf(3);
  const ids = [
    include(lab, aliceSeed, transfer(operatorOf(1))),
    include(lab, operatorSeed(1), transfer(stranger)),
    include(lab, operatorSeed(2), { type: 'delegate', validator: operatorOf(1), amount: NANO_PER_SYN }),
  ];
  const found = async (search: Partial<Parameters<HistoryReader['transactions']>[0]>) =>
    (await history.transactions({ ...everything, ...search })).items.map(({ transaction }) =>
      ids.indexOf(transactionId(transaction.body)),
    );
  assert.deepEqual(await found({}), [2, 1, 0]);
  assert.deepEqual(await found({ address: alice }), [0]);
  assert.deepEqual(await found({ address: operatorOf(1) }), [2, 1, 0]);
  assert.deepEqual(await found({ address: stranger }), [1]);
  assert.deepEqual(await found({ type: 'transfer' }), [1, 0]);
  const { items } = await history.transactions(everything);
  const middle = items[1]!.place.height;
  assert.deepEqual(await found({ fromHeight: middle }), [2, 1]);
  assert.deepEqual(await found({ toHeight: middle }), [1, 0]);
  assert.ok(items.every(({ result }) => result?.code === 'OK' && result.fee > 0n));
  assert.deepEqual(
    items.map(({ result }) => ids.indexOf(result!.id)),
    [2, 1, 0],
  );
});

test('pages are whole and without repetition though blocks come between, and end', async () => {
  const { lab, history } = network();
  for (let index = 0; index < 5; index++) lab.submit(aliceSeed, transfer(operatorOf(index % 3), BigInt(index + 1)));
  lab.runUntil(() => lab.heightEverywhere() >= 6, 60_000);
  const seen: bigint[] = [];
  let before: Place | null = null;
  let pages = 0;
  do {
    const page = await history.transactions({ ...everything, before, limit: 2 });
    seen.push(...page.items.map(({ transaction: { body } }) => (body.payload as { amount: bigint }).amount));
    before = page.next;
    pages++;
    include(lab, aliceSeed, transfer(operatorOf(1), 100n));
  } while (before !== null);
  assert.deepEqual(seen.sort(), [1n, 2n, 3n, 4n, 5n]);
  assert.equal(pages, 3);
});

test('settled queries are found by requester, expert, operator and domain, open ones by themselves', async () => {
  const worker = {
    answer: (_job: unknown, node: number) => `answer ${node}`,
    score: ({ answers }: { answers: readonly string[] }) => answers.map(() => 800_000),
  };
  const { lab, history } = network({ worker });
  const id = openQuery(lab);
  lab.runUntil(() => history.openQueries().length === 1, 60_000);
  assert.equal(history.openQueries()[0]?.id, id);
  lab.runUntil(() => history.openQueries().length === 0, 600_000);
  const found = async (search: { account?: Address; domain?: string }) =>
    (await history.receipts({ ...window, account: null, domain: null, ...search })).items.map(
      ({ receipt }) => receipt.queryId,
    );
  const [settled] = (await history.receipts({ ...window, account: null, domain: null })).items;
  assert.equal(settled?.receipt.outcome, 'answered');
  const { expert, operator } = settled.receipt.respondents[0]!;
  for (const account of [alice, expert, operator]) assert.deepEqual(await found({ account }), [id]);
  assert.deepEqual(await found({ account: addressOf(publicKeyOf(new Uint8Array(32).fill(77))) }), []);
  assert.deepEqual(await found({ domain: settled.receipt.domain }), [id]);
  assert.deepEqual(await found({ domain: 'nothing' }), []);
});

test('the grid of signatures shows who was down when, and what is remembered stays true', async () => {
  const { lab, history, host } = network();
  const rowsOf = async (heights: number) => {
    const { from, to, rows } = await history.signatures(heights);
    for (const row of rows.values()) assert.equal(row.length, to - from + 1);
    assert.equal(to, host.head.height - 1);
    return [3, 0].map((index) => rows.get(operatorOf(index))!);
  };
  lab.nodes[3]!.crash();
  const downFrom = host.head.height + 2;
  lab.runUntil(() => host.head.height >= downFrom + 12, 300_000);
  const [down, up] = await rowsOf(10);
  assert.match(down!, /^m{10}$/);
  assert.match(up!, /^s{10}$/);
  lab.nodes[3]!.restart();
  lab.runUntil(() => host.head.height >= downFrom + 30, 300_000);
  const [again] = await rowsOf(1_000);
  assert.match(again!, /^s+m{10,}s{5,}$/);
});

test('a trial says what the block then says, and changes nothing', () => {
  const { lab, history, host } = network();
  const raw = (payload: Payload, change: Partial<TransactionBody> = {}, isSigned = true) => {
    const body: TransactionBody = {
      chainId: lab.genesis.chainId,
      sender: publicKeyOf(aliceSeed),
      salt: new Uint8Array(16).fill(5),
      validUntil: host.head.height + 50,
      maxBaseFeePerByte: 1_000n,
      tip: 3n,
      payload,
      ...change,
    };
    const signature = isSigned ? sign(aliceSeed, transactionSignBytes(body)) : new Uint8Array(64);
    return encodeTransaction({ body, signature });
  };
  const good = raw(transfer(operatorOf(1)));
  const root = host.head.state.root;
  const { fee, ...said } = history.simulate(good);
  assert.deepEqual([said.outcome, said.code, said.isSignatureChecked], ['ok', 'OK', true]);
  assert.equal(fee, BigInt(good.length) * history.baseFeePerByte() + 3n);
  assert.equal(host.head.state.root, root);
  assert.equal(history.simulate(raw(transfer(operatorOf(1)), {}, false)).isSignatureChecked, false);
  const poor = history.simulate(raw(transfer(operatorOf(1), 2n ** 60n)));
  assert.deepEqual([poor.outcome, poor.code, (poor.fee ?? 0n) > 0n], ['failed', 'INSUFFICIENT_BALANCE', true]);
  const late = history.simulate(raw(transfer(operatorOf(1)), { validUntil: 1 }));
  assert.deepEqual([late.outcome, late.code, late.fee], ['refused', 'EXPIRED', null]);
  const forged = good.slice();
  forged[forged.length - 1]! ^= 1;
  assert.equal(history.simulate(forged).code, 'BAD_SIGNATURE');
  assert.throws(() => history.simulate(Uint8Array.of(1, 2)), { code: 'MALFORMED' });
  assert.equal(history.pending().length, 0);
});
