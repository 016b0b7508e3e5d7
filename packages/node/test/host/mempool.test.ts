/** Who waits for a block, in what order, and who gives way when there is no room. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeTransaction,
  NANO_PER_SYN,
  publicKeyOf,
  readAccount,
  readBaseFee,
  sign,
  type TransactionBody,
  transactionFee,
  transactionSignBytes,
} from '@synod/chain';
import { limits } from '../../src/host/index.ts';
import { Mempool } from '../../src/host/mempool.ts';
import { alice, aliceSeed, Lab, operatorSeed } from './lab.ts';

const lab = new Lab();
const { state } = lab.nodes[0]!.head;
const view = { state, height: 0 };
let salts = 0;

function transaction(seed: Uint8Array, tip = 0n, more: Partial<TransactionBody> = {}): Uint8Array {
  const salt = new Uint8Array(16);
  new DataView(salt.buffer).setUint32(0, salts++);
  const body: TransactionBody = {
    chainId: 'lab',
    sender: publicKeyOf(seed),
    salt,
    validUntil: 100,
    maxBaseFeePerByte: 1_000n,
    tip,
    payload: { type: 'transfer', to: alice, amount: NANO_PER_SYN },
    ...more,
  };
  return encodeTransaction({ body, signature: sign(seed, transactionSignBytes(body)) });
}

const codeOf = (mempool: Mempool, bytes: Uint8Array): string => {
  const admission = mempool.add(bytes, view);
  return admission.kind === 'refused' ? admission.code : admission.kind;
};
const senders = (mempool: Mempool) => mempool.candidates().map(({ body }) => body.sender);

test('one payer that fills the mempool gives way to every other, transaction by transaction, down to an equal share', () => {
  const mempool = new Mempool();
  for (let count = 0; count < limits.mempoolTransactions; count++) mempool.add(transaction(aliceSeed), view);
  assert.equal(mempool.size, limits.mempoolTransactions);
  assert.equal(codeOf(mempool, transaction(aliceSeed)), 'MEMPOOL_FULL', 'not for more of the same');
  for (let index = 0; index < 3; index++) assert.equal(codeOf(mempool, transaction(operatorSeed(index))), 'added');
  assert.equal(mempool.size, limits.mempoolTransactions);
  const forged = transaction(operatorSeed(3));
  forged[forged.length - 1]! ^= 1;
  const before = senders(mempool).length;
  assert.notEqual(codeOf(mempool, forged), 'added');
  assert.equal(senders(mempool).length, before, 'nobody gives way to what is not signed');
  assert.equal(codeOf(mempool, transaction(aliceSeed, 1n)), 'added', 'a higher tip takes the place of a lower one');
  assert.deepEqual(new Set(senders(mempool).slice(0, 5)).size, 4, 'and all payers are among the first');
});

test('equal tips go into a block in turns, a payer after the other; a higher tip goes first', () => {
  const mempool = new Mempool();
  const [bob, carol] = [operatorSeed(0), operatorSeed(1)];
  for (let count = 0; count < 5; count++) mempool.add(transaction(aliceSeed), view);
  for (let count = 0; count < 2; count++) mempool.add(transaction(bob), view);
  mempool.add(transaction(carol), view);
  mempool.add(transaction(carol, 7n), view);
  const [a, b, c] = [aliceSeed, bob, carol].map(publicKeyOf);
  assert.deepEqual(senders(mempool), [c, a, b, c, a, b, a, a, a]);
});

test('nobody waits with more transactions than it can pay the fees of', () => {
  const mempool = new Mempool();
  const poor = operatorSeed(2);
  const { balance } = readAccount(state, lab.nodes[2]!.operator);
  const bytes = transaction(poor).length;
  const tip = balance / 2n - transactionFee(bytes, readBaseFee(state), 0n).burnt;
  assert.equal(codeOf(mempool, transaction(poor, tip)), 'added');
  assert.equal(codeOf(mempool, transaction(poor, tip)), 'added');
  assert.equal(codeOf(mempool, transaction(poor, tip)), 'INSUFFICIENT_BALANCE');
  assert.equal(codeOf(mempool, transaction(aliceSeed)), 'added');
  const [first] = mempool.candidates();
  mempool.onBlock([mempool.add(encodeTransaction(first!), view).id!], view);
  assert.equal(codeOf(mempool, transaction(poor, tip)), 'added', 'room again when one is gone');
});
