/** As much of a node as the books of spend keys ask for: queries and transactions that a test opens, settles, loses and forgets. */
import type { Address, Amount, Hash } from '@synod/chain';
import type { QueryView, TransactionView } from '@synod/rpc';
import type { SpendDeskOptions } from '../../src/spending/spend-desk.ts';

export const alice = 'syn1r8x2f6agyydnec23rsu59l7y85qvxc2jpvfvqd' as Address;

type Known = { status: QueryView['status']; cost: Amount };
type Fee = { fee: Amount; code: string; isFinal: boolean };

/** A chain of which only heights, receipts and fees are told. */
export class ChainDouble {
  height = 1;
  oldest = 1;
  readonly queries = new Map<string, Known>();
  readonly fees = new Map<string, Fee>();
  payers = [{ name: 'alice', address: alice }];

  readonly api = {
    payers: () => this.payers,
    oldestHeight: () => this.oldest,
    status: () => ({ head: { height: this.height } }),
    query: (id: Hash) => {
      const known = this.queries.get(id);
      return known === undefined
        ? null
        : { status: known.status, receipt: known.status === 'final' ? { cost: known.cost } : null };
    },
    transaction: (id: Hash) => {
      const known = this.fees.get(id);
      if (known === undefined) return null;
      const { fee, code, isFinal } = known;
      return { id, status: isFinal ? 'final' : 'pending', result: isFinal ? { id, code, fee } : null };
    },
  } as unknown as SpendDeskOptions['api'] & { transaction(id: Hash): TransactionView | null };

  open(id: Hash, fee: Amount = 0n): void {
    this.queries.set(id, { status: 'open', cost: 0n });
    this.fees.set(id, { fee, code: 'OK', isFinal: true });
  }

  settle(id: Hash, cost: Amount): void {
    this.queries.set(id, { status: 'final', cost });
  }
}

/** A hash that a test can name. */
export function id(name: string | number): Hash {
  return Buffer.from(`query ${name}`).toString('hex').padEnd(64, '0') as Hash;
}
