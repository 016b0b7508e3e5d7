/** Experts at fault: have one lie, dawdle or say nothing, and watch what the network makes of it. */
import type { VNode } from 'preact';
import { callRpc } from '../../api/client.ts';
import { Panel, Table } from '../../ui/panel.tsx';
import { Empty } from '../../ui/states.tsx';
import { Go, pathTo } from '../../ui/values.tsx';
import { act, isActing } from './actions.ts';
import type { DevStatus, PanelProps } from './devnet-page.tsx';

type DevFault = DevStatus['experts'][number]['fault'];

const faults: readonly (readonly [DevFault, string])[] = [
  ['none', 'honest'],
  ['lie', 'lies'],
  ['slow', 'is slow'],
  ['drop', 'says nothing'],
];

export function Experts({ devnet, reload }: PanelProps): VNode {
  const set = async (expert: { readonly expert: string; readonly name: string }, fault: DevFault) => {
    await act(`${expert.name} ${faults.find(([name]) => name === fault)?.[1]}`, async () => {
      await callRpc('dev_setFault', { expert: expert.expert, fault });
      return 'set';
    });
    reload();
  };
  return (
    <Panel title="Experts" note="what they do to their answers">
      {devnet.experts.length === 0 ? (
        <Empty title="No expert runs.">Start a node that hosts one, or start the devnet with a model.</Empty>
      ) : (
        <Table caption="Experts" head={['Expert', 'Node', 'Behaviour']}>
          {devnet.experts.map((expert) => (
            <tr key={expert.expert}>
              <td>
                <Go to={pathTo.expert(expert.expert)}>{expert.name}</Go>
              </td>
              <td>{expert.node}</td>
              <td>
                <select
                  class={`input input--short ${expert.fault === 'none' ? '' : 'input--fault'}`}
                  aria-label={`Behaviour of ${expert.name}`}
                  value={expert.fault}
                  disabled={isActing.value}
                  onChange={(event) => set(expert, event.currentTarget.value as DevFault)}
                >
                  {faults.map(([fault, words]) => (
                    <option key={fault} value={fault}>
                      {words}
                    </option>
                  ))}
                </select>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
