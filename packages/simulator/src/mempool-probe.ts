/** A mempool alone at genesis, handed transactions one by one, and then a block (state §3). Owns the transactions and what is due to each. */
import {
  encodeTransaction,
  NANO_PER_SYN,
  type Payload,
  type Transaction,
  type TransactionBody,
  transactionId,
  transactionSignBytes,
} from '@synod/chain';
import { castOf } from './cast.ts';
import { HostProbe } from './host-probe.ts';
import { type KeyPair, keyedHashTier } from './keys.ts';

const { sign } = keyedHashTier;

/** What waits for a block is good for the next one, its payer can pay all of it, and nothing waits that a block has made bad. */
export function mempoolProblem(): string | null {
  const { members, customer, identity, state } = castOf(4, false);
  const pool = new HostProbe().mempool;
  const [payer, other] = [members[0]!.operator, members[1]!.operator];
  let count = 0;
  const made = (by: KeyPair, change: Partial<TransactionBody> = {}): Transaction => {
    const payload: Payload = { type: 'transfer', to: customer.address, amount: 1n };
    const salt = new Uint8Array(16).fill(++count);
    const fixed = {
      chainId: identity.chainId,
      sender: by.publicKey,
      salt,
      maxBaseFeePerByte: 1_000n,
      tip: 0n,
      payload,
    };
    const body = { ...fixed, validUntil: 9, ...change };
    return { body, signature: sign(by, transactionSignBytes(body)) };
  };
  const add = (transaction: Transaction, view = { state, height: 0 }): string => {
    const admission = pool.add(encodeTransaction(transaction), view);
    return admission.kind === 'refused' ? admission.code : admission.kind;
  };
  const [stays, leaves, expires] = [made(customer), made(customer), made(other, { validUntil: 1 })];
  // Two thirds of what it has, so that it can pay one of them only.
  const dear = [1, 2].map(() => made(payer, { tip: 6n * NANO_PER_SYN })) as [Transaction, Transaction];
  const unsigned = made(customer);
  const asked: readonly (readonly [string, Transaction, string])[] = [
    ['a good one', stays, 'added'],
    ['the same', stays, 'known'],
    ['the same under another signature', { ...stays, signature: new Uint8Array(64) }, 'DUPLICATE'],
    ['an unsigned one', { ...unsigned, signature: new Uint8Array(64) }, 'BAD_SIGNATURE'],
    ['one of the next block alone', expires, 'added'],
    ['one that has expired', made(other, { validUntil: 0 }), 'EXPIRED'],
    ['one of another chain', made(other, { chainId: 'another' }), 'WRONG_CHAIN'],
    ['a dear one', dear[0], 'added'],
    ['a second, which cannot be paid', dear[1], 'INSUFFICIENT_BALANCE'],
    ['one more', leaves, 'added'],
  ];
  for (const [name, transaction, due] of asked) {
    const is = add(transaction);
    if (is !== due) return `the mempool says of ${name}: ${is}, due ${due}`;
  }
  // A block takes one, its payer's money goes elsewhere, and another's time is over.
  const spent = new Map([[`account/${payer.address}`, null]]);
  const included = transactionId(leaves.body);
  pool.onBlock([included], { state: state.update(spent), height: 1 });
  const left = pool.candidates().map(({ body }) => transactionId(body));
  const isRight = left.length === 1 && left[0] === transactionId(stays.body) && pool.size === 1;
  return isRight ? null : `${left.length} transactions wait after a block that leaves one`;
}
