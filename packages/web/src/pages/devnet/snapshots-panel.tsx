/** States of the whole devnet, kept by name and taken back. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { callRpc } from '../../api/client.ts';
import { useLoad } from '../../api/use-rpc.ts';
import { formatCount } from '../../format/numbers.ts';
import { Panel, Table } from '../../ui/panel.tsx';
import { Empty, Show } from '../../ui/states.tsx';
import { act, isActing } from './actions.ts';
import type { PanelProps } from './devnet-page.tsx';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function Snapshots({ devnet, reload }: PanelProps): VNode {
  const [name, setName] = useState('');
  const list = useLoad((signal) => callRpc('dev_listSnapshots', {}, signal), `snapshots ${devnet.operation?.state}`);
  const isRunning = devnet.operation?.state === 'running';
  const isName = NAME.test(name);
  const take = async () => {
    await act(`Snapshot "${name}"`, async () => {
      await callRpc('dev_snapshot', { name });
      return 'nodes stop for a moment, and go on';
    });
    setName('');
    reload();
  };
  const restore = async (wanted: string) => {
    await act(`Going back to "${wanted}"`, async () => {
      await callRpc('dev_restore', { name: wanted });
      return 'nodes start again from it';
    });
    reload();
  };
  return (
    <Panel
      title="Snapshots"
      note={isRunning ? `${devnet.operation?.kind} "${devnet.operation?.name}" is under way` : ''}
    >
      <form
        class="control__row"
        onSubmit={(event) => {
          event.preventDefault();
          if (isName) void take();
        }}
      >
        <input
          class="input input--name"
          aria-label="Name of the snapshot"
          placeholder="before-the-attack"
          value={name}
          aria-invalid={name !== '' && !isName}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" class="button" disabled={isActing.value || isRunning || !isName}>
          Take a snapshot
        </button>
      </form>
      {name !== '' && !isName && <p class="field__problem">Letters, digits, dots and dashes, at most 64.</p>}
      {devnet.operation?.error != null && <p class="field__problem">{devnet.operation.error.message}</p>}
      <Show of={list} what="snapshots" lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="None yet.">Take one before you break something.</Empty>
          ) : (
            <Table caption="Snapshots" head={['Name', ['Block', 'num'], ['Size', 'num'], '']}>
              {items.map((snapshot) => (
                <tr key={snapshot.name}>
                  <td>{snapshot.name}</td>
                  <td class="num">{formatCount(snapshot.height)}</td>
                  <td class="num">{(snapshot.bytes / 1e6).toFixed(1)} MB</td>
                  <td>
                    <RestoreButton name={snapshot.name} isOff={isActing.value || isRunning} onRestore={restore} />
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Show>
    </Panel>
  );
}

type RestoreProps = {
  readonly name: string;
  readonly isOff: boolean;
  readonly onRestore: (name: string) => Promise<void>;
};

/** Asks once more, in place: blocks after the snapshot are lost. */
function RestoreButton({ name, isOff, onRestore }: RestoreProps): VNode {
  const [isSure, setSure] = useState(false);
  if (!isSure) {
    return (
      <button type="button" class="button button--small" disabled={isOff} onClick={() => setSure(true)}>
        Restore
      </button>
    );
  }
  return (
    <span class="control__row">
      <button
        type="button"
        class="button button--small button--danger"
        disabled={isOff}
        onClick={() => {
          setSure(false);
          void onRestore(name);
        }}
      >
        Later blocks are lost: restore
      </button>
      <button type="button" class="button button--small" onClick={() => setSure(false)}>
        No
      </button>
    </span>
  );
}
