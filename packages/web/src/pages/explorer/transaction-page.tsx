/** One transaction: where it stands, what came of it, and its payload in words. */
import type { VNode } from 'preact';
import type { Transaction, TransactionView } from '../../api/rpc-types.ts';
import { useRpc } from '../../api/use-rpc.ts';
import { RawJson } from '../../data/raw-json.tsx';
import { formatCount } from '../../format/numbers.ts';
import type { PageProps } from '../../routes.ts';
import { Badge, Facts, Page, Panel } from '../../ui/panel.tsx';
import { Empty, Show } from '../../ui/states.tsx';
import { Go, Hash, pathTo, Syn } from '../../ui/values.tsx';
import '../../styles/data.css';
import { FieldView } from './field-view.tsx';
import { ResultBadge } from './result-badge.tsx';
import { SearchField } from './search-field.tsx';
import { fieldsOf, KIND_NAMES } from './transaction-text.ts';

/** How often a transaction that is not final is looked at again. */
const PENDING_EVERY_MS = 1_500;

export function TransactionPage({ params }: PageProps): VNode {
  const id = params['id'] ?? '';
  const loaded = useRpc('tx_get', { id }, { everyMs: PENDING_EVERY_MS });
  const kind = loaded.data?.transaction?.payload.type;
  return (
    <Page title={kind === undefined ? 'Transaction' : KIND_NAMES[kind]} lead={<Hash text={id} what="transaction id" />}>
      <SearchField />
      <Show of={loaded} what="the transaction" lines={6}>
        {(view) => <Content view={view} />}
      </Show>
    </Page>
  );
}

function Content({ view }: { readonly view: TransactionView }): VNode {
  const { transaction } = view;
  return (
    <>
      <div class="columns">
        <Panel title="Where it stands">
          <Facts items={placeFacts(view)} />
        </Panel>
        {transaction !== null && (
          <Panel title="What it says">
            <Facts
              items={fieldsOf(transaction.payload).map((field) => [
                field.label,
                <FieldView key={field.label} field={field} />,
              ])}
            />
            {transaction.payload.type === 'query.open' && (
              <p class="panel__foot">
                <Go to={pathTo.query(view.id)}>See who answered and what it cost</Go>
              </p>
            )}
          </Panel>
        )}
      </div>
      {transaction === null ? (
        <Empty title="Its contents are not kept here any more.">Ask a node that keeps every block.</Empty>
      ) : (
        <Panel title="Envelope" note="What was signed around it">
          <div class="facts-wide">
            <Facts items={envelopeFacts(transaction)} />
          </div>
        </Panel>
      )}
      <RawJson method="tx_get" value={view} />
    </>
  );
}

function placeFacts({
  status,
  height,
  blockHash,
  result,
  transaction,
}: TransactionView): Parameters<typeof Facts>[0]['items'] {
  return [
    ['Status', <StatusBadge key="status" status={status} />],
    ['Result', result === null ? 'not executed yet' : <ResultBadge key="result" code={result.code} />],
    [
      'Block',
      height === null ? (
        'none yet'
      ) : (
        <Go key="block" to={pathTo.block(height)}>
          {formatCount(height)}
        </Go>
      ),
    ],
    ...(blockHash === null ? [] : [['Block hash', <Hash key="hash" text={blockHash} what="hash" />] as const]),
    ['Fee', result === null ? '–' : <Syn key="fee" nano={result.fee} digits={9} />],
    ...(transaction === null
      ? []
      : [
          [
            'Sender',
            <Hash key="sender" text={transaction.sender} what="address" to={pathTo.account(transaction.sender)} />,
          ] as const,
        ]),
  ];
}

function StatusBadge({ status }: Pick<TransactionView, 'status'>): VNode {
  if (status === 'final') return <Badge tone="good">final</Badge>;
  if (status === 'included') return <Badge tone="accent">in a block</Badge>;
  return <Badge tone="slow">waiting for a block</Badge>;
}

function envelopeFacts(transaction: Transaction): Parameters<typeof Facts>[0]['items'] {
  return [
    ['Valid until block', formatCount(transaction.validUntil)],
    ['Most for a byte', `${formatCount(transaction.maxBaseFeePerByte)} nano`],
    ['Tip', <Syn key="tip" nano={transaction.tip} digits={9} />],
    ['Sender key', <Hash key="key" text={transaction.senderKey} what="key" />],
    ['Salt', <Hash key="salt" text={transaction.salt} what="salt" />],
    ['Signature', <Hash key="signature" text={transaction.signature} what="signature" />],
    ['Chain', transaction.chainId],
  ];
}
