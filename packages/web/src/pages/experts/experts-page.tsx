/** Experts side by side: reputation per domain, price, answers, agreement, time, stake and standing, sorted by any of them. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useLoad } from '../../api/use-rpc.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { Tabs } from '../../data/tabs.tsx';
import { formatCount, plural } from '../../format/numbers.ts';
import { ppmPercent } from '../../format/ratios.ts';
import { height } from '../../live/chain-live.ts';
import type { PageProps } from '../../routes.ts';
import { type Column, SortableTable } from '../../tables/sortable-table.tsx';
import type { Sorting } from '../../tables/sorting.ts';
import { Badge, Page, Panel } from '../../ui/panel.tsx';
import { Empty, Show } from '../../ui/states.tsx';
import { Go, pathTo, Syn } from '../../ui/values.tsx';
import '../../styles/data.css';
import './experts.css';
import { loadBoard } from './board-data.ts';
import { domainsOf, type ExpertColumn, type ExpertRow, expertKey, honestyMark } from './expert-model.ts';
import { MembersTabs } from './members-tabs.tsx';
import { ReputationBar } from './reputation-bar.tsx';

const EVERY_MS = 3_000;

export function ExpertsPage({ query }: PageProps): VNode {
  const loaded = useLoad((signal) => loadBoard(height.peek(), signal), 'board', { everyMs: EVERY_MS });
  const domain = query.get('domain');
  return (
    <Page title="Experts" lead="Who answers, how well, and at what price.">
      <MembersTabs current="experts" />
      <Show of={loaded} what="experts" lines={8}>
        {({ rows, questions, isWhole }) =>
          rows.length === 0 ? (
            <Panel>
              <Empty title="No expert is registered.">
                Offer one with <code>synod expert offer</code>.
              </Empty>
            </Panel>
          ) : (
            <>
              <Tabs label="Domains" items={domainTabs(rows)} current={domain ?? ''} />
              <Panel title={domain === null ? 'All domains' : domain} note={boardNote(questions, isWhole)}>
                <BoardTable rows={domain === null ? rows : rows.filter((row) => row.domain === domain)} />
              </Panel>
            </>
          )
        }
      </Show>
    </Page>
  );
}

function domainTabs(rows: readonly ExpertRow[]): Parameters<typeof Tabs>[0]['items'] {
  const count = (domain: string) => formatCount(rows.filter((row) => row.domain === domain).length);
  return [
    { key: '', text: 'All', note: formatCount(rows.length), to: '/experts' },
    ...domainsOf(rows).map((domain) => ({
      key: domain,
      text: domain,
      note: count(domain),
      to: `/experts?domain=${domain}`,
    })),
  ];
}

function boardNote(questions: number, isWhole: boolean): string {
  const from = `scores, agreement and blocks from the last ${plural(questions, 'settled question')}`;
  return isWhole ? from : `${from}; there are more experts than are shown`;
}

const COLUMNS: readonly Column<ExpertRow, ExpertColumn>[] = [
  {
    id: 'name',
    name: 'Expert',
    first: 'ascending',
    cell: (row) => <Name row={row} />,
  },
  {
    id: 'standing',
    name: 'Standing',
    first: 'descending',
    cell: ({ standing }) => (
      <span class="member" title={standing.why}>
        <Badge tone={standing.tone}>{standing.word}</Badge>
        {standing.word !== 'active' && <span class="member__note member__why">{standing.why}</span>}
      </span>
    ),
  },
  {
    id: 'mean',
    name: 'Reputation',
    first: 'descending',
    hint: 'Mean of its scores with forgetting, and how far it may be off',
    cell: ({ mean, deviation }) =>
      mean === null || deviation === null ? '–' : <ReputationBar mean={mean} deviation={deviation} />,
  },
  {
    id: 'history',
    name: 'Last scores',
    hint: 'Scores of its answers to the last settled questions',
    cell: ({ history }) =>
      history.length < 2 ? (
        <span class="quiet">too few</span>
      ) : (
        <Sparkline
          values={history}
          most={1_000_000}
          label={`Last ${history.length} scores, the newest ${ppmPercent(history.at(-1) ?? 0)}`}
        />
      ),
  },
  {
    id: 'answers',
    name: 'Answers',
    first: 'descending',
    kind: 'num',
    cell: ({ answers }) => (answers === null ? '–' : formatCount(answers)),
  },
  {
    id: 'agreement',
    name: 'Agreement',
    first: 'descending',
    kind: 'num',
    hint: 'How near its judges were to one another: 100 % is all alike',
    cell: ({ agreement }) => (agreement === null ? '–' : ppmPercent(agreement)),
  },
  {
    id: 'latency',
    name: 'Blocks',
    first: 'ascending',
    kind: 'num',
    hint: 'Blocks from asking to settling: for half (p50) and for 95 of 100 (p95) of its questions',
    cell: ({ blocksP50, blocksP95 }) => (blocksP50 === null ? '–' : `${blocksP50} / ${blocksP95}`),
  },
  {
    id: 'price',
    name: 'Price',
    first: 'ascending',
    kind: 'num',
    hint: 'For a thousand written bytes, before load and difficulty',
    cell: ({ price }) => <Syn nano={price * 1_000n} />,
  },
  {
    id: 'stake',
    name: 'Stake',
    first: 'descending',
    kind: 'num',
    hint: 'Its bond, which it loses part of for false work',
    cell: ({ stake }) => <Syn nano={stake} digits={2} />,
  },
];

function Name({ row }: { readonly row: ExpertRow }): VNode {
  const mark = honestyMark({ name: row.model, parameters: null });
  return (
    <span class="member">
      <Go to={pathTo.expert(row.address)}>{row.name}</Go>
      <span class="member__note">
        {row.domain}
        {mark !== null && ` · ${mark}`}
      </span>
    </span>
  );
}

function BoardTable({ rows }: { readonly rows: readonly ExpertRow[] }): VNode {
  const [sorting, setSorting] = useState<Sorting<ExpertColumn>>({ column: 'mean', direction: 'descending' });
  if (rows.length === 0) return <Empty title="No expert in this domain." />;
  return (
    <SortableTable
      caption="Experts with reputation, price and standing"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ address }) => address}
      rowTo={({ address }) => pathTo.expert(address)}
      sorting={sorting}
      onSort={setSorting}
      keyOf={expertKey}
    />
  );
}
