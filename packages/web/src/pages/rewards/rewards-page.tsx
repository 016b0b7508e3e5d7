/** What epochs paid: one epoch's table of experts and scorers, what was issued of what could be, and the table as CSV. */
import type { VNode } from 'preact';
import { callRpc, type Result } from '../../api/client.ts';
import type { Epoch, EpochTable } from '../../api/rpc-types.ts';
import { useLoad, useRpc } from '../../api/use-rpc.ts';
import { download } from '../../data/download.ts';
import { replacePlace } from '../../data/replace-place.ts';
import { Tile } from '../../data/tile.tsx';
import { formatCount, plural, shorten } from '../../format/numbers.ts';
import { percentText, ppbPercent, ppbText, threeDecimals } from '../../format/ratios.ts';
import { experts, height } from '../../live/chain-live.ts';
import type { PageProps } from '../../routes.ts';
import { DataTable } from '../../tables/data-table.tsx';
import { rowLink } from '../../tables/sortable-table.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Facts, Page, Panel } from '../../ui/panel.tsx';
import { Empty, Show } from '../../ui/states.tsx';
import { Go, pathTo, Syn } from '../../ui/values.tsx';
import '../../styles/data.css';
import './rewards.css';
import { csvName, rewardsCsv } from './rewards-csv.ts';

const EVERY_MS = 5_000;

type Loaded = { readonly epochs: readonly Epoch[]; readonly epochEnd: string };

export function RewardsPage({ query }: PageProps): VNode {
  const loaded = useLoad(loadEpochs, 'epochs', { everyMs: EVERY_MS });
  const wanted = Number(query.get('epoch') ?? NaN);
  return (
    <Page title="Rewards" lead="What the chain issued at the end of each epoch, to whom, and why.">
      <Show of={loaded} what="epochs" lines={6}>
        {({ epochs, epochEnd }) => {
          const shown = epochs.find(({ epoch }) => epoch === wanted) ?? epochs[0];
          if (shown === undefined) return <NoEpoch epochEnd={epochEnd} />;
          return (
            <>
              {!Number.isNaN(wanted) && shown.epoch !== wanted && (
                <p class="lede">Epoch {wanted} is not kept here. This is the last one that is.</p>
              )}
              <Epochs epochs={epochs} shown={shown.epoch} epochEnd={epochEnd} />
              <EpochView key={shown.epoch} epoch={shown.epoch} />
            </>
          );
        }}
      </Show>
    </Page>
  );
}

async function loadEpochs(signal: AbortSignal): Promise<Loaded> {
  const [{ items }, staking] = await Promise.all([
    callRpc('reward_epochs', {}, signal),
    callRpc('staking_params', {}, signal),
  ]);
  return { epochs: items, epochEnd: staking.epochEnd };
}

function NoEpoch({ epochEnd }: { readonly epochEnd: string }): VNode {
  const left = Math.max(0, Number(epochEnd) - height.value);
  return (
    <Panel>
      <Empty title="No epoch has ended yet.">
        The first ends with block {formatCount(epochEnd)}, in {plural(left, 'block')}. Experts whose answers were scored
        and validators who scored are paid then.
      </Empty>
    </Panel>
  );
}

function Epochs({
  epochs,
  shown,
  epochEnd,
}: {
  readonly epochs: readonly Epoch[];
  readonly shown: number;
  readonly epochEnd: string;
}): VNode {
  return (
    <div class="toolbar">
      <label class="field field--inline">
        <span class="field__label">Epoch</span>
        <select
          class="input"
          value={String(shown)}
          onChange={(event) => replacePlace(`/rewards?epoch=${event.currentTarget.value}`)}
        >
          {epochs.map(({ epoch, height: at }) => (
            <option key={epoch} value={String(epoch)}>
              {epoch}, ended with block {formatCount(at)}
            </option>
          ))}
        </select>
      </label>
      <p class="quiet">
        The present one ends with block {formatCount(epochEnd)}, in{' '}
        {plural(Math.max(0, Number(epochEnd) - height.value), 'block')}.
      </p>
    </div>
  );
}

function EpochView({ epoch }: { readonly epoch: number }): VNode {
  const loaded = useRpc('reward_epoch', { epoch });
  return (
    <Show of={loaded} what={`epoch ${epoch}`} lines={8}>
      {(table) => <Tables table={table} />}
    </Show>
  );
}

function Tables({ table }: { readonly table: EpochTable }): VNode {
  const names = new Map(experts.value.map(({ address, name }) => [address, name]));
  const nameOf = (address: string) => names.get(address) ?? '';
  const save = () => download({ name: csvName(table), type: 'text/csv', text: rewardsCsv(table, nameOf) });
  return (
    <>
      <dl class="tiles">
        <Tile
          name="Issued"
          value={<Syn nano={table.issued} />}
          note={
            <>
              of at most <Syn nano={table.emission} />
            </>
          }
        />
        <Tile
          name="Experts"
          value={formatCount(table.experts.length)}
          note={`share ${percentText(table.settings.expertsShare)} of the emission`}
        />
        <Tile name="Scorers" value={formatCount(table.scorers.length)} note="share the rest" />
        <Tile
          name="Paid in"
          value={<Go to={pathTo.block(table.height)}>block {formatCount(table.height)}</Go>}
          note="the epoch's last"
        />
      </dl>
      {table.issued === '0' && (
        <p class="lede">No answer that counts was scored in this epoch, so nothing was issued.</p>
      )}
      <Panel
        title="Experts by incentive"
        note={
          <button type="button" class="button button--small" onClick={save}>
            <Icon name="download" />
            Table as CSV
          </button>
        }
      >
        <ExpertRows table={table} nameOf={nameOf} />
      </Panel>
      <Panel title="Scorers by dividend">
        <ScorerRows table={table} />
      </Panel>
      <SettingsPanel settings={table.settings} />
    </>
  );
}

function ExpertRows({
  table,
  nameOf,
}: {
  readonly table: EpochTable;
  readonly nameOf: (address: string) => string;
}): VNode {
  if (table.experts.length === 0) return <Empty title="No expert's answer was scored in this epoch." />;
  return (
    <DataTable
      caption={`Experts of epoch ${table.epoch} by incentive, with what they were paid`}
      head={['Expert', 'Incentive', ['Consensus', 'num'], ['Bond', 'num'], ['Paid', 'num'], 'Why']}
    >
      {table.experts.map(({ expert, incentive, consensus, collateral, payment }) => (
        <tr key={expert} {...rowLink(`/reward/${table.epoch}/${expert}`)}>
          <th scope="row" title={expert}>
            <Go to={pathTo.expert(expert)}>{nameOf(expert) || shorten(expert)}</Go>
          </th>
          <td>
            <Bar ppb={incentive} />
          </td>
          <td class="num">{ppbText(consensus)}</td>
          <td class="num">
            <Syn nano={collateral} digits={2} />
          </td>
          <td class="num">
            <Syn nano={payment} digits={9} />
          </td>
          <td>
            <Go to={`/reward/${table.epoch}/${expert}`}>formula</Go>
          </td>
        </tr>
      ))}
    </DataTable>
  );
}

function ScorerRows({ table }: { readonly table: EpochTable }): VNode {
  if (table.scorers.length === 0) return <Empty title="Nobody scored in this epoch." />;
  return (
    <DataTable
      caption={`Scorers of epoch ${table.epoch} by dividend, with what they were paid`}
      head={[
        'Validator',
        'Dividend',
        ['Stake', 'num'],
        ['Accuracy', 'num'],
        ['Attendance', 'num'],
        ['Paid', 'num'],
        'Why',
      ]}
    >
      {table.scorers.map(({ operator, dividend, stake, accuracy, attendance, payment }) => (
        <tr key={operator} {...rowLink(`/reward/${table.epoch}/${operator}`)}>
          <th scope="row" title={operator}>
            <Go to={pathTo.validator(operator)}>{shorten(operator)}</Go>
          </th>
          <td>
            <Bar ppb={dividend} />
          </td>
          <td class="num">{formatCount(stake)}</td>
          <td class="num">{threeDecimals(accuracy)}</td>
          <td class="num">{threeDecimals(attendance)}</td>
          <td class="num">
            <Syn nano={payment} digits={9} />
          </td>
          <td>
            <Go to={`/reward/${table.epoch}/${operator}`}>formula</Go>
          </td>
        </tr>
      ))}
    </DataTable>
  );
}

/** A part of one with its bar. */
function Bar({ ppb }: { readonly ppb: number }): VNode {
  return (
    <span class="share">
      <progress max={1_000_000_000} value={ppb} aria-hidden="true" />
      {ppbPercent(ppb)}
    </span>
  );
}

function SettingsPanel({ settings }: { readonly settings: Result<'reward_epoch'>['settings'] }): VNode {
  return (
    <Panel title="Settings in force" note="a vote can change them">
      <div class="facts-wide">
        <Facts
          items={[
            ['Agreement needed (κ)', percentText(settings.kappa)],
            ['Penalty for exaggerating', percentText(settings.bondsPenalty)],
            ['Bonds move by (α)', `${percentText(settings.alphaLow)} to ${percentText(settings.alphaHigh)} an epoch`],
            ['Answers counted as worthless at first', String(settings.priorAnswers)],
            ["Experts' share", percentText(settings.expertsShare)],
            ['An expert is shared by', settings.columnShare === 'bonds' ? 'bonds' : 'bonds weighed by power'],
          ]}
        />
      </div>
    </Panel>
  );
}
