/** Blocks that a validator signed and missed: as a strip in a table, and as a grid of links on its page. Colour and height of a cell say the same. */
import type { VNode } from 'preact';
import { formatCount } from '../../format/numbers.ts';
import { pathTo } from '../../ui/values.tsx';
import { cellsOf, type UptimeCell, uptimeText } from './validator-model.ts';

const CELL = 4;
const STRIP_HEIGHT = 16;

/** `letters`: one a height from `from` on, as staking_signingInfo has them. */
export function UptimeStrip({
  letters,
  from,
  operator,
}: {
  readonly letters: string;
  readonly from: number;
  readonly operator: string;
}): VNode {
  const cells = cellsOf(letters, from);
  if (cells.length === 0) return <span class="quiet">none yet</span>;
  const width = cells.length * CELL;
  const label = uptimeText(cells);
  return (
    <svg
      class="uptime-strip"
      viewBox={`0 0 ${width} ${STRIP_HEIGHT}`}
      width={width}
      height={STRIP_HEIGHT}
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      {cells.map(({ height, state }, index) => (
        <rect
          key={`${operator}${height}`}
          class={`uptime uptime--${state}`}
          x={index * CELL}
          width={CELL - 1}
          y={state === 'signed' ? 0 : STRIP_HEIGHT / 2}
          height={state === 'signed' ? STRIP_HEIGHT : STRIP_HEIGHT / 2}
        />
      ))}
    </svg>
  );
}

export function UptimeGrid({ cells }: { readonly cells: readonly UptimeCell[] }): VNode {
  return (
    <>
      <p class="lede">{uptimeText(cells)}</p>
      <ol class="uptime-grid" aria-label="The last blocks, the oldest first">
        {cells.map(({ height, state }) => (
          <li key={height}>
            <a
              class={`uptime-cell uptime-cell--${state}`}
              href={`#${pathTo.block(height)}`}
              title={`Block ${formatCount(height)}: ${WORDS[state]}`}
              tabIndex={state === 'missed' ? 0 : -1}
            >
              <span class="visually-hidden">{`Block ${height}: ${WORDS[state]}`}</span>
            </a>
          </li>
        ))}
      </ol>
      <ul class="marker-key">
        {(['signed', 'missed', 'outside'] as const).map((state) => (
          <li key={state}>
            <span class={`uptime-cell uptime-cell--${state}`} aria-hidden="true" />
            {WORDS[state]}
          </li>
        ))}
      </ul>
    </>
  );
}

const WORDS = { signed: 'signed', missed: 'missed', outside: 'not in the set' } as const;
