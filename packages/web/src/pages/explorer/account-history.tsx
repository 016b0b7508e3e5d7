/** The last transactions of an account, and the questions that it asked or answered. */
import type { VNode } from 'preact';
import { callRpc } from '../../api/client.ts';
import { useLoad } from '../../api/use-rpc.ts';
import { newestItems } from '../../data/newest-items.ts';
import { QuestionTable } from '../../data/question-table.tsx';
import { formatCount } from '../../format/numbers.ts';
import { Panel } from '../../ui/panel.tsx';
import { Empty, Show } from '../../ui/states.tsx';
import { TransactionRows } from './transaction-rows.tsx';

const limits = { shown: 20, everyMs: 4_000 } as const;

function loadSent(address: string, signal: AbortSignal) {
  return newestItems(limits.shown, (cursor) =>
    callRpc('tx_search', { address, limit: limits.shown, ...(cursor === null ? {} : { cursor }) }, signal),
  );
}

function loadAsked(account: string, signal: AbortSignal) {
  return newestItems(limits.shown, (cursor) =>
    callRpc('query_list', { account, limit: limits.shown, ...(cursor === null ? {} : { cursor }) }, signal),
  );
}

export function AccountHistory({ address }: { readonly address: string }): VNode {
  const sent = useLoad((signal) => loadSent(address, signal), `sent ${address}`, { everyMs: limits.everyMs });
  const asked = useLoad((signal) => loadAsked(address, signal), `asked ${address}`, { everyMs: limits.everyMs });
  return (
    <>
      <Panel
        title="Transactions"
        note={
          sent.data === null
            ? undefined
            : `sent by it or naming it, down to block ${formatCount(sent.data.scannedFrom)}`
        }
      >
        <Show of={sent} what="transactions" lines={4}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="None in the blocks that were looked through." />
            ) : (
              <TransactionRows
                caption="Transactions of the account, the newest first"
                items={items.map(({ height, transaction, result }) => ({ at: height, transaction, result }))}
              />
            )
          }
        </Show>
      </Panel>
      <Panel title="Questions" note="asked by it, or answered by its experts">
        <Show of={asked} what="questions" lines={3}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="None." />
            ) : (
              <QuestionTable items={items} caption="Questions of the account" />
            )
          }
        </Show>
      </Panel>
    </>
  );
}
