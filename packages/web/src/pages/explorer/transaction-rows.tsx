/** Transactions as rows: kind, what each says, who sent it, where it stands. */
import type { VNode } from 'preact';
import type { Transaction, TransactionView } from '../../api/rpc-types.ts';
import { formatCount } from '../../format/numbers.ts';
import { rowLink } from '../../tables/sortable-table.tsx';
import { Go, Hash, pathTo } from '../../ui/values.tsx';
import { ResultBadge } from './result-badge.tsx';
import { KIND_NAMES, summaryOf } from './transaction-text.ts';

export type PlacedTransaction = {
  /** Null while it waits. */
  readonly at: string | null;
  readonly transaction: Transaction;
  /** Null where it is not known here. */
  readonly result: TransactionView['result'];
};

export function TransactionRows(props: { readonly items: readonly PlacedTransaction[]; readonly caption: string }): VNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section class="table data-table" aria-label={props.caption} tabIndex={0}>
      <table>
        <caption class="visually-hidden">{props.caption}</caption>
        <thead>
          <tr>
            <th scope="col">Transaction</th>
            <th scope="col">What it says</th>
            <th scope="col">Sender</th>
            <th scope="col" class="num">
              Block
            </th>
          </tr>
        </thead>
        <tbody>
          {props.items.map(({ at, transaction, result }) => (
            <tr key={transaction.id} {...rowLink(pathTo.tx(transaction.id))}>
              <th scope="row">
                <Go to={pathTo.tx(transaction.id)}>{KIND_NAMES[transaction.payload.type]}</Go>
                {result !== null && result.code !== 'OK' && <ResultBadge code={result.code} />}
              </th>
              <td class="clip">{summaryOf(transaction.payload)}</td>
              <td>
                <Hash text={transaction.sender} what="address" to={pathTo.account(transaction.sender)} />
              </td>
              <td class="num">{at === null ? 'waiting' : <Go to={pathTo.block(at)}>{formatCount(at)}</Go>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
