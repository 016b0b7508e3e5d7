/** What a block did, beside what its transactions say: one row an event, in the order in which they happened. */
import type { VNode } from 'preact';
import type { BlockEvent } from '../../api/rpc-types.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { Panel, Table } from '../../ui/panel.tsx';
import { Empty } from '../../ui/states.tsx';
import { eventFields, eventName } from './event-text.ts';
import { FieldView } from './field-view.tsx';

/** Rows that are shown; the raw JSON of `chain_getBlockEvents` has all of them. */
const limits = { rowsMax: 200 } as const;

export function EventsPanel({ events }: { readonly events: readonly BlockEvent[] | null }): VNode {
  if (events === null) {
    return (
      <Panel title="What it did">
        <Empty title="Not kept here.">
          This node restored its state after this block, or applied it with a program that kept no events.
        </Empty>
      </Panel>
    );
  }
  const left = events.length - limits.rowsMax;
  return (
    <Panel title="What it did" note={plural(events.length, 'event')}>
      {events.length === 0 ? (
        <Empty title="Nothing.">No money moved, no question went on, and the validators stayed the same.</Empty>
      ) : (
        <Table caption="What the block did, in order" head={['Event', 'Details']}>
          {events.slice(0, limits.rowsMax).map((event, index) => (
            <tr key={index}>
              <th scope="row">{eventName(event)}</th>
              <td>
                {eventFields(event).map((field) => (
                  <span key={field.label} class="event-field">
                    <span class="quiet">{field.label}</span> <FieldView field={field} />
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {left > 0 && <p class="quiet">{formatCount(left)} more are in chain_getBlockEvents.</p>}
    </Panel>
  );
}
