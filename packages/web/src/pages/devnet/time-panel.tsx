/** Blocks and time: how blocks are paced, some at once, the end of the epoch, clocks turned ahead. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { callRpc } from '../../api/client.ts';
import { useRpc } from '../../api/use-rpc.ts';
import { plural } from '../../format/numbers.ts';
import { height } from '../../live/chain-live.ts';
import { Panel } from '../../ui/panel.tsx';
import { act, isActing } from './actions.ts';
import type { DevStatus, PanelProps } from './devnet-page.tsx';

const modes: readonly (readonly [DevStatus['mode'], string, string])[] = [
  ['interval', 'steady', 'a block after every interval'],
  ['auto', 'on demand', 'blocks only while there is something to put in'],
  ['manual', 'by hand', 'only when you make one'],
];

const steps: readonly (readonly [string, number])[] = [
  ['1 minute', 60],
  ['1 hour', 3_600],
  ['1 day', 86_400],
];

export function Time({ devnet, reload }: PanelProps): VNode {
  const [blocks, setBlocks] = useState('5');
  const params = useRpc('staking_params', {}, { everyMs: 5_000 }).data;
  const left = params === null ? null : Math.max(0, Number(params.epochEnd) - height.value);
  const count = /^([1-9]\d{0,2}|1000)$/.test(blocks) ? Number(blocks) : null;
  const mine = (wanted: number) =>
    act(`Making ${plural(wanted, 'block')}`, async () => {
      const { from, to } = await callRpc('dev_mine', { blocks: wanted });
      return `from ${from} to ${to}`;
    });
  return (
    <Panel
      title="Blocks and time"
      note={devnet.clockOffsetMs > 0 ? `clocks are ${Math.round(devnet.clockOffsetMs / 1000)} s ahead` : ''}
    >
      <Pace devnet={devnet} reload={reload} />
      <div class="control">
        <form
          class="control__row"
          onSubmit={(event) => {
            event.preventDefault();
            if (count !== null) void mine(count);
          }}
        >
          <button type="button" class="button" disabled={isActing.value} onClick={() => mine(1)}>
            Make a block
          </button>
          <label class="control__row">
            <span class="visually-hidden">How many blocks</span>
            <input
              class="input input--short"
              inputMode="numeric"
              value={blocks}
              aria-invalid={count === null}
              onInput={(event) => setBlocks(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="button" disabled={isActing.value || count === null}>
            Make {count ?? '…'}
          </button>
          <button
            type="button"
            class="button"
            disabled={isActing.value}
            onClick={() =>
              act('Going to the end of the epoch', async () => `at block ${(await callRpc('dev_advanceEpoch', {})).to}`)
            }
          >
            End the epoch{left === null ? '' : ` (${plural(left, 'block')})`}
          </button>
        </form>
      </div>
      <fieldset class="control">
        <legend class="field__label">Turn clocks ahead by</legend>
        <div class="control__row">
          {steps.map(([name, seconds]) => (
            <button
              key={name}
              type="button"
              class="button button--small"
              disabled={isActing.value}
              onClick={async () => {
                await act(
                  `Turning clocks ahead by ${name}`,
                  async () => `block ${(await callRpc('dev_advanceTime', { seconds })).to} is that late`,
                );
                reload();
              }}
            >
              {name}
            </button>
          ))}
        </div>
      </fieldset>
    </Panel>
  );
}

function Pace({ devnet, reload }: PanelProps): VNode {
  const [interval, setIntervalText] = useState('');
  const ms = /^\d{2,5}$/.test(interval) ? Number(interval) : null;
  const set = async (mode: DevStatus['mode'], intervalMs: number | null) => {
    const params = intervalMs === null ? { mode } : { mode, intervalMs };
    await act(`Pacing blocks ${modes.find(([name]) => name === mode)?.[1]}`, async () => {
      await callRpc('dev_setBlockTime', params);
      return intervalMs === null ? 'set' : `every ${intervalMs} ms`;
    });
    reload();
  };
  return (
    <fieldset class="control">
      <legend class="field__label">Blocks come</legend>
      <div class="segments">
        {modes.map(([mode, name, hint]) => (
          <label key={mode} title={hint}>
            <input type="radio" name="pace" checked={devnet.mode === mode} onChange={() => set(mode, null)} />
            <span>{name}</span>
          </label>
        ))}
      </div>
      {devnet.mode === 'interval' && (
        <form
          class="control__row"
          onSubmit={(event) => {
            event.preventDefault();
            if (ms !== null) void set('interval', ms);
          }}
        >
          <label class="control__row">
            every
            <input
              class="input input--short"
              inputMode="numeric"
              placeholder={devnet.intervalMs === null ? 'default' : String(devnet.intervalMs)}
              value={interval}
              aria-invalid={interval !== '' && ms === null}
              onInput={(event) => setIntervalText(event.currentTarget.value)}
            />
            ms
          </label>
          <button type="submit" class="button button--small" disabled={ms === null}>
            Set
          </button>
        </form>
      )}
    </fieldset>
  );
}
