/** One validator: how it stands, why, until when and what helps; the blocks it signed and missed; its stake and what epochs paid it. */
import type { VNode } from 'preact';
import { callRpc, type Result } from '../../api/client.ts';
import type { ValidatorView } from '../../api/rpc-types.ts';
import { useLoad } from '../../api/use-rpc.ts';
import { RawJson } from '../../data/raw-json.tsx';
import { Tile } from '../../data/tile.tsx';
import { formatCount } from '../../format/numbers.ts';
import { percentText, ppmPercent } from '../../format/ratios.ts';
import { validators } from '../../live/chain-live.ts';
import type { PageProps } from '../../routes.ts';
import { Badge, Facts, Page, Panel, Table } from '../../ui/panel.tsx';
import { Empty, Show } from '../../ui/states.tsx';
import { Go, Hash, pathTo, Syn } from '../../ui/values.tsx';
import '../../styles/data.css';
import './experts.css';
import { UptimeGrid } from './uptime-grid.tsx';
import { cellsOf, nextStepText, powerShare, standingTone } from './validator-model.ts';

const limits = { everyMs: 3_000, heights: 200 } as const;

type Loaded = {
  readonly view: ValidatorView;
  readonly signing: Result<'staking_signingInfo'>;
  readonly rewards: Result<'staking_rewards'>;
};

export function ValidatorPage({ params }: PageProps): VNode {
  const address = params['address'] ?? '';
  const loaded = useLoad((signal) => loadValidator(address, signal), address, { everyMs: limits.everyMs });
  return (
    <Page title="Validator" lead={<Hash text={address} what="address" to={pathTo.account(address)} />}>
      <Show of={loaded} what="the validator" lines={8}>
        {(data) => <Content {...data} />}
      </Show>
    </Page>
  );
}

async function loadValidator(address: string, signal: AbortSignal): Promise<Loaded> {
  const [view, signing, rewards] = await Promise.all([
    callRpc('staking_validator', { address }, signal),
    callRpc('staking_signingInfo', { address, heights: limits.heights }, signal),
    callRpc('staking_rewards', { address }, signal),
  ]);
  return { view, signing, rewards };
}

function Content({ view, signing, rewards }: Loaded): VNode {
  const next = nextStepText(view);
  const cells = cellsOf(signing.items[0]?.heights ?? '', Number(signing.from));
  return (
    <>
      <p class="lede">
        <Badge tone={standingTone(view.standing)}>{view.standing}</Badge> {view.reason} {next}
      </p>
      <dl class="tiles">
        <Tile
          name="Power"
          value={ppmPercent(powerShare(view.power, validators.value))}
          note={`${formatCount(view.power)} votes`}
        />
        <Tile
          name="Stake"
          value={<Syn nano={view.tokens} digits={2} />}
          note={
            <>
              its own: <Syn nano={view.selfBond} digits={2} />
            </>
          }
        />
        <Tile
          name="Missed"
          value={formatCount(view.missed)}
          note={`of the last ${formatCount(signing.window)}; jailed above ${formatCount(signing.missedMax)}`}
        />
        <Tile
          name="Last signed"
          value={<Go to={pathTo.block(view.lastSignedHeight)}>{formatCount(view.lastSignedHeight)}</Go>}
          note="block"
        />
      </dl>
      <Panel
        title="Blocks signed and missed"
        note={cells.length === 0 ? undefined : `${formatCount(signing.from)} to ${formatCount(signing.to)}`}
      >
        {cells.length === 0 ? <Empty title="No block is recorded yet." /> : <UptimeGrid cells={cells} />}
      </Panel>
      <div class="columns">
        <Panel title="Facts">
          <Facts items={facts(view)} />
        </Panel>
        <Panel title="What epochs paid it" note={<Syn nano={rewards.total} />}>
          <Paid rewards={rewards} operator={view.operator} />
        </Panel>
      </div>
      <RawJson method="staking_validator" value={view} />
    </>
  );
}

function facts(view: ValidatorView): Parameters<typeof Facts>[0]['items'] {
  return [
    ['Power in the next block', formatCount(view.powerNext)],
    ['Power after the epoch', formatCount(view.powerWanted)],
    ['Commission', percentText(view.commission)],
    ['Consensus key', <Hash key="key" text={view.publicKey} what="key" />],
    ['Randomness key', <Hash key="vrf" text={view.vrfKey} what="key" />],
    ...(view.rotation === null
      ? []
      : [['Keys to come', `act from block ${formatCount(view.rotation.actsFrom)}`] as const]),
    [
      'Jailed last',
      view.jailedAt === null ? (
        'never'
      ) : (
        <Go key="jailed" to={pathTo.block(view.jailedAt)}>
          block {formatCount(view.jailedAt)}
        </Go>
      ),
    ],
  ];
}

function Paid({ rewards, operator }: { readonly rewards: Loaded['rewards']; readonly operator: string }): VNode {
  if (rewards.items.length === 0) return <Empty title="No epoch has ended yet." />;
  return (
    <Table
      caption="Payments by epoch"
      head={[['Epoch', 'num'], ['As a scorer', 'num'], ['To its experts', 'num'], 'Why']}
    >
      {rewards.items.map(({ epoch, asScorer, experts }) => (
        <tr key={epoch}>
          <td class="num">
            <Go to={`/rewards?epoch=${epoch}`}>{epoch}</Go>
          </td>
          <td class="num">
            <Syn nano={asScorer} />
          </td>
          <td class="num">
            <Syn nano={experts.reduce((sum, { payment }) => sum + BigInt(payment), 0n)} />
          </td>
          <td>
            <Go to={`/reward/${epoch}/${operator}`}>formula</Go>
          </td>
        </tr>
      ))}
    </Table>
  );
}
