/** The devnet's processes: pause, kill, start, slow them down, or cut the network between them. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { callRpc } from '../../api/client.ts';
import { status } from '../../live/chain-live.ts';
import { Badge, Panel, Table } from '../../ui/panel.tsx';
import { act, isActing } from './actions.ts';
import type { DevStatus, PanelProps } from './devnet-page.tsx';

const tones = { running: 'good', paused: 'slow', down: 'bad' } as const;
const latencies = [0, 50, 200, 1_000, 5_000] as const;

export function Nodes({ devnet, reload }: PanelProps): VNode {
  const [apart, setApart] = useState<ReadonlySet<string>>(new Set());
  const names = devnet.nodes.map(({ name }) => name);
  const isCut = devnet.groups !== null;
  const isSensible = apart.size > 0 && apart.size < names.length;
  const cut = async () => {
    const groups = [names.filter((name) => apart.has(name)), names.filter((name) => !apart.has(name))];
    await act(`Cutting ${groups.map((group) => group.join(' ')).join(' | ')}`, async () => {
      await callRpc('dev_partition', { groups });
      return 'cut';
    });
    reload();
  };
  const heal = async () => {
    await act('Joining the network again', async () => {
      await callRpc('dev_heal', {});
      return 'no cut, no latency, no fault';
    });
    reload();
  };
  const toggle = (name: string, isOn: boolean) => {
    const next = new Set(apart);
    if (isOn) next.add(name);
    else next.delete(name);
    setApart(next);
  };
  return (
    <Panel
      title="Nodes"
      note={
        <span class="control__row">
          {isCut && <span>cut: {devnet.groups?.map((group) => group.join(' ')).join(' | ')}</span>}
          <button type="button" class="button button--small" disabled={isActing.value || !isSensible} onClick={cut}>
            Cut off those ticked
          </button>
          <button type="button" class="button button--small" disabled={isActing.value} onClick={heal}>
            Heal all
          </button>
        </span>
      }
    >
      <Table caption="Nodes" head={['Cut off', 'Node', 'State', 'Latency', 'Do']}>
        {devnet.nodes.map((node) => (
          <NodeRow key={node.name} node={node} reload={reload} isApart={apart.has(node.name)} onApart={toggle} />
        ))}
      </Table>
    </Panel>
  );
}

type DevNode = DevStatus['nodes'][number];

type RowProps = {
  readonly node: DevNode;
  readonly reload: () => void;
  readonly isApart: boolean;
  readonly onApart: (name: string, isOn: boolean) => void;
};

function NodeRow({ node, reload, isApart, onApart }: RowProps): VNode {
  const { name, state, latencyMs } = node;
  const isThis = status.value?.name === name;
  const options = latencies.some((ms) => ms === latencyMs) ? latencies : [latencyMs, ...latencies];
  const delay = async (ms: number) => {
    await act(`Latency of ${name}: ${ms} ms`, async () => {
      await callRpc('dev_setLatency', { node: name, latencyMs: ms });
      return 'set';
    });
    reload();
  };
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          aria-label={`Cut off ${name}`}
          checked={isApart}
          onChange={(event) => onApart(name, event.currentTarget.checked)}
        />
      </td>
      <td>
        {name}
        {isThis && <span class="reason">serves this page</span>}
      </td>
      <td>
        <Badge tone={tones[state]}>{state}</Badge>
      </td>
      <td>
        <select
          class="input input--short"
          aria-label={`Latency of ${name}`}
          value={latencyMs}
          disabled={isActing.value || state !== 'running'}
          onChange={(event) => delay(Number(event.currentTarget.value))}
        >
          {options.map((ms) => (
            <option key={ms} value={ms}>
              {ms} ms
            </option>
          ))}
        </select>
      </td>
      <td>
        <NodeButtons node={node} isThis={isThis} reload={reload} />
      </td>
    </tr>
  );
}

const commands = {
  pause: ['dev_pauseNode', 'Pausing', 'paused'],
  resume: ['dev_resumeNode', 'Resuming', 'goes on'],
  kill: ['dev_killNode', 'Killing', 'killed'],
  start: ['dev_startNode', 'Starting', 'started'],
} as const;

function NodeButtons({
  node,
  isThis,
  reload,
}: Pick<RowProps, 'node' | 'reload'> & { readonly isThis: boolean }): VNode {
  const { name, state } = node;
  const run = async (command: keyof typeof commands) => {
    const [method, doing, done] = commands[command];
    await act(`${doing} ${name}`, async () => {
      await callRpc(method, { node: name });
      return done;
    });
    reload();
  };
  const offered: readonly (keyof typeof commands)[] =
    state === 'running' ? ['pause', 'kill'] : state === 'paused' ? ['resume', 'kill'] : ['start'];
  const why = isThis
    ? 'It serves this page, and could not be asked to undo it. Open the page of another node.'
    : undefined;
  return (
    <span class="control__row">
      {offered.map((command) => (
        <button
          key={command}
          type="button"
          class={`button button--small ${command === 'kill' ? 'button--danger' : ''}`}
          aria-label={`${command} ${name}`}
          title={why}
          disabled={isActing.value || (isThis && state === 'running')}
          onClick={() => run(command)}
        >
          {command}
        </button>
      ))}
    </span>
  );
}
