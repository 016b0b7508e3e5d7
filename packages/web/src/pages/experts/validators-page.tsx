/** Validators side by side: how each stands and why, power, stake, and which of the last blocks it signed. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { callRpc, type Result } from '../../api/client.ts';
import type { ValidatorView } from '../../api/rpc-types.ts';
import { useLoad } from '../../api/use-rpc.ts';
import { allPages } from '../../data/all-pages.ts';
import { formatCount, plural, shorten } from '../../format/numbers.ts';
import { percentText, ppmPercent } from '../../format/ratios.ts';
import { type Column, SortableTable } from '../../tables/sortable-table.tsx';
import type { Sorting } from '../../tables/sorting.ts';
import { Badge, Page, Panel } from '../../ui/panel.tsx';
import { Show } from '../../ui/states.tsx';
import { Go, pathTo, Syn } from '../../ui/values.tsx';
import '../../styles/data.css';
import './experts.css';
import { MembersTabs } from './members-tabs.tsx';
import { UptimeStrip } from './uptime-grid.tsx';
import { powerShare, standingTone, type ValidatorColumn, validatorKey } from './validator-model.ts';

const limits = { page: 100, everyMs: 3_000, heights: 40 } as const;

type Loaded = { readonly all: readonly ValidatorView[]; readonly signing: Result<'staking_signingInfo'> };
type Row = { readonly view: ValidatorView; readonly share: number; readonly letters: string; readonly from: number };

export function ValidatorsPage(): VNode {
  const loaded = useLoad(loadValidators, 'validators', { everyMs: limits.everyMs });
  return (
    <Page title="Validators" lead="Who judges answers, signs blocks, and stands in for it with stake.">
      <MembersTabs current="validators" />
      <Show of={loaded} what="validators" lines={6}>
        {(data) => <Board {...data} />}
      </Show>
    </Page>
  );
}

async function loadValidators(signal: AbortSignal): Promise<Loaded> {
  const [{ items }, signing] = await Promise.all([
    allPages((cursor) =>
      callRpc('staking_validators', { limit: limits.page, ...(cursor === null ? {} : { cursor }) }, signal),
    ),
    callRpc('staking_signingInfo', { heights: limits.heights }, signal),
  ]);
  return { all: items, signing };
}

const COLUMNS: readonly Column<Row, ValidatorColumn>[] = [
  {
    id: 'operator',
    name: 'Validator',
    first: 'ascending',
    cell: ({ view }) => (
      <Go to={pathTo.validator(view.operator)}>
        <span class="hash__text" title={view.operator}>
          {shorten(view.operator)}
        </span>
      </Go>
    ),
  },
  {
    id: 'standing',
    name: 'Standing',
    first: 'descending',
    cell: ({ view }) => (
      <span class="member" title={view.reason}>
        <Badge tone={standingTone(view.standing)}>{view.standing}</Badge>
        {view.standing !== 'signing' && <span class="member__note member__why">{view.reason}</span>}
      </span>
    ),
  },
  { id: 'power', name: 'Power', first: 'descending', kind: 'num', cell: ({ share }) => ppmPercent(share) },
  {
    id: 'stake',
    name: 'Stake',
    first: 'descending',
    kind: 'num',
    cell: ({ view }) => <Syn nano={view.tokens} digits={2} />,
  },
  {
    id: 'commission',
    name: 'Commission',
    first: 'ascending',
    kind: 'num',
    cell: ({ view }) => percentText(view.commission),
  },
  {
    id: 'missed',
    name: 'Missed',
    first: 'descending',
    kind: 'num',
    hint: 'Of the blocks within the window after which it is jailed',
    cell: ({ view }) => formatCount(view.missed),
  },
  {
    id: 'signed',
    name: 'Last blocks',
    first: 'descending',
    hint: 'Signed and missed, the newest at the right; sorted by the last one signed',
    cell: ({ letters, from, view }) => <UptimeStrip letters={letters} from={from} operator={view.operator} />,
  },
];

function Board({ all, signing }: Loaded): VNode {
  const [sorting, setSorting] = useState<Sorting<ValidatorColumn>>({ column: 'power', direction: 'descending' });
  const letters = new Map(signing.items.map(({ operator, heights }) => [operator, heights]));
  const rows = all.map((view) => ({
    view,
    share: powerShare(view.power, all),
    letters: letters.get(view.operator) ?? '',
    from: Number(signing.from),
  }));
  const inSet = all.filter(({ power }) => power !== '0').length;
  return (
    <Panel title="The set" note={`${plural(inSet, 'validator')} in it, ${formatCount(all.length)} ever`}>
      <SortableTable
        caption="Validators with standing, power and uptime"
        columns={COLUMNS}
        rows={rows}
        rowKey={({ view }) => view.operator}
        rowTo={({ view }) => pathTo.validator(view.operator)}
        sorting={sorting}
        onSort={setSorting}
        keyOf={({ view }, column) => validatorKey(view, column)}
      />
    </Panel>
  );
}
