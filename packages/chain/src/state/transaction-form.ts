/**
 * A transaction's canonical bytes and id, computed once per object. Owns a memo that changes no result: transactions are
 * immutable, and checking, building, sizing and hashing a block all need the same two.
 */
import { encodeTransaction, transactionId } from '../codec/index.ts';
import type { Hash, Transaction } from '../types/index.ts';

export type TransactionForm = { readonly encoded: Uint8Array; readonly id: Hash };

/** Entries leave with their transactions. */
const known = new WeakMap<Transaction, TransactionForm>();

/** The transaction's encoding and id. The bytes are shared and must not be changed. */
export function transactionForm(transaction: Transaction): TransactionForm {
  const before = known.get(transaction);
  if (before !== undefined) return before;
  const form = { encoded: encodeTransaction(transaction), id: transactionId(transaction.body) };
  known.set(transaction, form);
  return form;
}
