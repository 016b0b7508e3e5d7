/** The explorer's first page: search, the newest blocks and the transactions in them, and questions. */
import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Block } from '../../api/rpc-types.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { height } from '../../live/chain-live.ts';
import { Page, Panel } from '../../ui/panel.tsx';
import { Empty, Failure, Loading } from '../../ui/states.tsx';
import { Go, Hash, pathTo, TimeAgo } from '../../ui/values.tsx';
import { rowLink } from '../../tables/sortable-table.tsx';
import '../../styles/data.css';
import { RecentQuestions } from './recent-questions.tsx';
import { useRecentBlocks } from './recent-blocks.ts';
import { SearchField } from './search-field.tsx';
import { TransactionRows } from './transaction-rows.tsx';

const limits = { blocks: 20, transactions: 15 } as const;

export function ExplorerPage(): VNode {
  const { blocks, problem, loading } = useRecentBlocks(height.value, limits.blocks);
  const { shown, waiting, hold } = useHeldStill(blocks);
  return (
    <Page title="Explorer" lead="Every block, transaction, account and question of this chain, as this node stores them.">
      <SearchField />
      {problem !== null && <Failure problem={problem} />}
      <RecentQuestions />
      <Panel title="Newest blocks" note={<HeldNote waiting={waiting} />}>
        {loading ? <Loading what="blocks" lines={8} /> : <BlockTable blocks={shown} hold={hold} />}
      </Panel>
      <Panel title="Transactions in these blocks">
        {loading ? <Loading what="transactions" lines={4} /> : <TransactionTable blocks={shown} />}
      </Panel>
    </Page>
  );
}

type Hold = { readonly onEnter: () => void; readonly onLeave: () => void };

/** While somebody points into the list or has its focus there, it stands still: what is new waits. */
function useHeldStill(blocks: readonly Block[]): { shown: readonly Block[]; waiting: number; hold: Hold } {
  const [isHeld, setHeld] = useState(false);
  const kept = useRef(blocks);
  if (!isHeld || kept.current.length === 0) kept.current = blocks;
  const newest = Number(kept.current[0]?.height ?? 0);
  const waiting = blocks.filter((block) => Number(block.height) > newest).length;
  return { shown: kept.current, waiting, hold: { onEnter: () => setHeld(true), onLeave: () => setHeld(false) } };
}

/** Its place is kept when there is nothing to say, so that nothing moves. */
function HeldNote({ waiting }: { readonly waiting: number }): VNode {
  return <span>{waiting === 0 ? 'live' : `held still: ${plural(waiting, 'newer block')}`}</span>;
}

function BlockTable({ blocks, hold }: { readonly blocks: readonly Block[]; readonly hold: Hold }): VNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section
      class="table data-table"
      aria-label="Newest blocks"
      tabIndex={0}
      onMouseEnter={hold.onEnter}
      onMouseLeave={hold.onLeave}
      onFocusCapture={hold.onEnter}
      onBlurCapture={hold.onLeave}
    >
      <table>
        <caption class="visually-hidden">The newest blocks, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">Height</th>
            <th scope="col">Decided</th>
            <th scope="col">Proposer</th>
            <th scope="col" class="num">
              Signed
            </th>
            <th scope="col" class="num">
              Transactions
            </th>
            <th scope="col">Hash</th>
          </tr>
        </thead>
        <tbody>
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
        </tbody>
      </table>
    </section>
  );
}

function TransactionTable({ blocks }: { readonly blocks: readonly Block[] }): VNode {
  const all = blocks.flatMap(({ height: at, transactions }) => transactions.map((transaction) => ({ at, transaction, result: null })));
  if (all.length === 0) {
    return <Empty title="No transaction in the newest blocks.">Ask something, and it appears here.</Empty>;
  }
  return <TransactionRows items={all.slice(0, limits.transactions)} caption="Transactions of the newest blocks" />;
}
