/** The receipt of a question: where it stands, and the file that proves it without trusting this node. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { callRpc } from '../../api/client.ts';
import { type Problem, problemOf } from '../../api/problem.ts';
import type { Query } from '../../api/rpc-types.ts';
import { download } from '../../data/download.ts';
import { formatCount } from '../../format/numbers.ts';
import { Icon } from '../../ui/icon.tsx';
import { Badge, Facts, Panel } from '../../ui/panel.tsx';
import { Empty, Failure } from '../../ui/states.tsx';
import { Go, Hash, pathTo } from '../../ui/values.tsx';

export function ReceiptPanel({ query }: { readonly query: Query }): VNode {
  const { receipt, queryId } = query;
  if (receipt === null) {
    return (
      <Panel title="Receipt">
        <Empty title="No receipt yet.">It is made by the block that settles the question.</Empty>
      </Panel>
    );
  }
  return (
    <Panel title="Receipt">
      <Facts
        items={[
          [
            'Settled in',
            <Go key="block" to={pathTo.block(receipt.height)}>
              block {formatCount(receipt.height)}
            </Go>,
          ],
          ['Block hash', <Hash key="hash" text={receipt.blockHash} what="hash" />],
          [
            'Proof',
            receipt.finalized ? (
              <Badge key="final" tone="good">
                final
              </Badge>
            ) : (
              <Badge key="final" tone="slow">
                waits for the next block
              </Badge>
            ),
          ],
          [
            'Opened by',
            <Go key="tx" to={pathTo.tx(queryId)}>
              its transaction
            </Go>,
          ],
        ]}
      />
      <Downloads queryId={queryId} isFinal={receipt.finalized} />
    </Panel>
  );
}

function Downloads({ queryId, isFinal }: { readonly queryId: string; readonly isFinal: boolean }): VNode {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const file = await callRpc('query_getReceipt', { queryId });
      download({
        name: `synod-receipt-${queryId.slice(2, 14)}.json`,
        type: 'application/json',
        text: JSON.stringify(file, null, 2),
      });
      setProblem(null);
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  return (
    <div class="panel__foot">
      <button type="button" class="button" disabled={!isFinal || isBusy} onClick={save}>
        <Icon name="download" />
        Receipt with its proof
      </button>
      <p class="quiet">
        Check it anywhere with <code>synod verify receipt FILE --trust HEIGHT@HASH</code>: it needs no node that you
        trust.
      </p>
      {problem !== null && <Failure problem={problem} onRetry={save} />}
    </div>
  );
}
