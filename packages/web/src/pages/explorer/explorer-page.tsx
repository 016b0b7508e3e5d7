/** The explorer's first page: search, the newest blocks and the transactions in them, and questions. */
import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Block } from '../../api/rpc-types.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { height } from '../../live/chain-live.ts';
import { DataTable } from '../../tables/data-table.tsx';
import { rowLink } from '../../tables/sortable-table.tsx';
import { Page, Panel } from '../../ui/panel.tsx';
import { Empty, Failure, Loading } from '../../ui/states.tsx';
import { Go, Hash, pathTo, TimeAgo } from '../../ui/values.tsx';
import '../../styles/data.css';
import { useRecentBlocks } from './recent-blocks.ts';
import { RecentQuestions } from './recent-questions.tsx';
import { SearchField } from './search-field.tsx';
import { TransactionRows } from './transaction-rows.tsx';

const limits = { blocks: 20, transactions: 15 } as const;

export function ExplorerPage(): VNode {
  const { blocks, problem, loading } = useRecentBlocks(height.value, limits.blocks);
  const { shown, waiting, onHold } = useHeldStill(blocks);
  return (
    <Page
      title="Explorer"
      lead="Every block, transaction, account and question of this chain, as this node stores them."
    >
      <SearchField />
      {problem !== null && <Failure problem={problem} />}
      <RecentQuestions />
      <Panel title="Newest blocks" note={<HeldNote waiting={waiting} />}>
        {loading ? <Loading what="blocks" lines={8} /> : <BlockTable blocks={shown} onHold={onHold} />}
      </Panel>
      <Panel title="Transactions in these blocks">
        {loading ? <Loading what="transactions" lines={4} /> : <TransactionTable blocks={shown} />}
      </Panel>
    </Page>
  );
}

type Held = {
  readonly shown: readonly Block[];
  /** Blocks that came since it stands still. */
  readonly waiting: number;
  readonly onHold: (isHeld: boolean) => void;
};

/** While somebody points into the list or has its focus there, it stands still: what is new waits. */
function useHeldStill(blocks: readonly Block[]): Held {
  const [isHeld, setHeld] = useState(false);
  const kept = useRef(blocks);
  if (!isHeld || kept.current.length === 0) kept.current = blocks;
  const newest = Number(kept.current[0]?.height ?? 0);
  const waiting = blocks.filter((block) => Number(block.height) > newest).length;
  return { shown: kept.current, waiting, onHold: setHeld };
}

/** Its place is kept when there is nothing to say, so that nothing moves. */
function HeldNote({ waiting }: { readonly waiting: number }): VNode {
  return <span>{waiting === 0 ? 'live' : `held still: ${plural(waiting, 'newer block')}`}</span>;
}

function BlockTable({ blocks, onHold }: { readonly blocks: readonly Block[]; readonly onHold: Held['onHold'] }): VNode {
  return (
    <DataTable
      onHold={onHold}
      caption="The newest blocks, the newest first"
      head={['Height', 'Decided', 'Proposer', ['Signed', 'num'], ['Transactions', 'num'], 'Hash']}
    >
      {blocks.map((block) => (
        <tr key={block.hash} {...rowLink(pathTo.block(block.height))}>
          <th scope="row">
            <Go to={pathTo.block(block.height)}>{formatCount(block.height)}</Go>
          </th>
          <td>
            <TimeAgo timeMs={Number(block.time)} />
          </td>
          <td>
            <Hash text={block.proposer} what="address" to={pathTo.validator(block.proposer)} />
          </td>
          <td class="num" title="Precommits for the block before, which this one carries">
            {block.lastCommit === null ? '–' : formatCount(block.lastCommit.precommits.length)}
          </td>
          <td class="num">{formatCount(block.transactions.length)}</td>
          <td>
            <Hash text={block.hash} what="hash" to={pathTo.block(block.height)} />
          </td>
        </tr>
      ))}
    </DataTable>
  );
}

function TransactionTable({ blocks }: { readonly blocks: readonly Block[] }): VNode {
  const all = blocks.flatMap(({ height: at, transactions }) =>
    transactions.map((transaction) => ({ at, transaction, result: null })),
  );
  if (all.length === 0) {
    return <Empty title="No transaction in the newest blocks.">Ask something, and it appears here.</Empty>;
  }
  return <TransactionRows items={all.slice(0, limits.transactions)} caption="Transactions of the newest blocks" />;
}
