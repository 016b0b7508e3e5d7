/**
 * A transaction's canonical bytes and id, computed once per object. Owns a memo that changes no result: transactions are
 * immutable, and checking, building, sizing and hashing a block all need the same two.
 */
import { encodeTransaction, privateSlot, transactionId } from '../codec/index.ts';
import type { Hash, Transaction } from '../types/index.ts';

export type TransactionForm = { readonly encoded: Uint8Array; readonly id: Hash };

const known = privateSlot<Transaction, TransactionForm>();

/**
 * The transaction's encoding and id. The bytes are shared and must not be changed. `encoded` are those that it was decoded from,
 * where they are at hand: decoding takes nothing but what encoding writes.
 */
export function transactionForm(transaction: Transaction, encoded?: Uint8Array): TransactionForm {
  const before = known.read(transaction);
  if (before !== undefined) return before;
  const form = { encoded: encoded ?? encodeTransaction(transaction), id: transactionId(transaction.body) };
  known.write(transaction, form);
  return form;
}
