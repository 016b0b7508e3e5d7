/** Transactions as rows: kind, what each says, who sent it, where it stands. */
import type { VNode } from 'preact';
import type { Transaction, TransactionView } from '../../api/rpc-types.ts';
import { formatCount } from '../../format/numbers.ts';
import { DataTable } from '../../tables/data-table.tsx';
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

export function TransactionRows(props: {
  readonly items: readonly PlacedTransaction[];
  readonly caption: string;
}): VNode {
  return (
    <DataTable caption={props.caption} head={['Transaction', 'What it says', 'Sender', ['Block', 'num']]}>
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
    </DataTable>
  );
}
