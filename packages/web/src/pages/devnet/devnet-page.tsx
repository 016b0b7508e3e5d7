/** Controls of a devnet: money, time, nodes, cuts, faults, states. What they do is the supervisor's; the same stands in `synod devnet`. */
import './devnet.css';
import type { VNode } from 'preact';
import { callRpc, type Result } from '../../api/client.ts';
import { type Loaded, useLoad } from '../../api/use-rpc.ts';
import { isAsked, isDevnet, status } from '../../live/chain-live.ts';
import { Page, Panel } from '../../ui/panel.tsx';
import { Empty, Loading, Show } from '../../ui/states.tsx';
import { Go, TimeAgo } from '../../ui/values.tsx';
import { record } from './actions.ts';
import { Experts } from './experts-panel.tsx';
import { Faucet } from './faucet-panel.tsx';
import { Nodes } from './nodes-panel.tsx';
import { Snapshots } from './snapshots-panel.tsx';
import { Time } from './time-panel.tsx';

const STATUS_EVERY_MS = 2_000;

export type DevStatus = Result<'dev_getStatus'>;

/** What every panel gets: how the devnet stands, and how to look again after a change. */
export type PanelProps = { readonly devnet: DevStatus; readonly reload: () => void };

export function DevnetPage(): VNode {
  const loaded = useLoad((signal) => callRpc('dev_getStatus', {}, signal), 'devnet', {
    everyMs: STATUS_EVERY_MS,
    when: isDevnet.value,
  });
  return (
    <Page
      title="Devnet"
      lead="This chain is yours to break: give money, make time pass, silence nodes, have experts lie."
    >
      {!isAsked.value && <Loading what="the devnet" lines={6} />}
      {status.value !== null && !isDevnet.value && (
        <Empty title="This chain is no devnet.">
          Nothing here works on it. Start one of your own with <code>synod devnet</code>, or{' '}
          <Go to="/ask">ask something</Go>.
        </Empty>
      )}
      {isDevnet.value && <Controls loaded={loaded} />}
    </Page>
  );
}

function Controls({ loaded }: { readonly loaded: Loaded<DevStatus> }): VNode {
  return (
    <>
      <Record />
      <Show of={loaded} what="the devnet" lines={8}>
        {(devnet) => (
          <>
            <div class="columns">
              <Time devnet={devnet} reload={loaded.reload} />
              <Faucet />
            </div>
            <Nodes devnet={devnet} reload={loaded.reload} />
            <div class="columns">
              <Experts devnet={devnet} reload={loaded.reload} />
              <Snapshots devnet={devnet} reload={loaded.reload} />
            </div>
          </>
        )}
      </Show>
    </>
  );
}

/** What was done here, the newest first. */
function Record(): VNode | null {
  if (record.value.length === 0) return null;
  return (
    <Panel title="Done here">
      <ol class="record" aria-live="polite">
        {record.value.map(({ key, atMs, what, outcome }) => (
          <li key={key} class={`record__entry record__entry--${outcome?.kind ?? 'running'}`}>
            <span class="record__what">{what}</span>
            <span>
              {outcome === null && 'under way'}
              {outcome?.kind === 'done' && outcome.text}
              {outcome?.kind === 'failed' && [outcome.problem.what, outcome.problem.next].filter(Boolean).join(' ')}
            </span>
            <TimeAgo timeMs={atMs} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}
