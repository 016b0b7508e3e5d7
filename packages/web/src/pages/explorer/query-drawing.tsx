/** How the respondents of a question were drawn: every candidate with its weight, chance and factors, and the draws. */
import type { VNode } from 'preact';
import type { Selection } from '../../api/rpc-types.ts';
import { formatCount } from '../../format/numbers.ts';
import { percentText, threeDecimals } from '../../format/ratios.ts';
import { DataTable } from '../../tables/data-table.tsx';
import { Badge, Panel } from '../../ui/panel.tsx';
import { Go, Hash, pathTo } from '../../ui/values.tsx';
import { drawLines } from './query-model.ts';

type Factors = NonNullable<Selection['candidates'][number]['factors']>;

const FACTORS: readonly { readonly name: string; readonly of: (factors: Factors) => string }[] = [
  { name: 'Mean', of: ({ mean }) => mean },
  { name: '± deviation', of: ({ deviation }) => deviation },
  { name: 'Quality', of: ({ quality }) => quality },
  { name: 'Load', of: ({ load }) => load },
  { name: 'Price', of: ({ price }) => price },
];

export function Drawing({ selection }: { readonly selection: Selection }): VNode {
  const lines = drawLines(selection);
  const areFactorsKept = lines.some(({ factors }) => factors !== null);
  return (
    <Panel
      title="How they were drawn"
      note="weight = quality to a power × load × price; the chance of the first draw is its part of all weights"
    >
      <DataTable
        caption="Candidates with weights and what they are made of, the heaviest first"
        head={[
          'Expert',
          'Drawn',
          ['Chance', 'num'],
          ['Weight', 'num'],
          ...(areFactorsKept ? FACTORS.map(({ name }) => [name, 'num'] as const) : []),
        ]}
      >
        {lines.map(({ expert, name, drawn, share, weight, factors }) => (
          <tr key={expert}>
            <th scope="row">
              <Go to={pathTo.expert(expert)}>{name ?? expert}</Go>
            </th>
            <td>{drawn === null ? <span class="quiet">no</span> : <Badge tone="accent">{ordinal(drawn)}</Badge>}</td>
            <td class="num">{percentText(share)}</td>
            <td class="num">{formatCount(weight)}</td>
            {areFactorsKept &&
              FACTORS.map(({ name: factor, of }) => (
                <td key={factor} class="num">
                  {factors === null ? '–' : threeDecimals(of(factors))}
                </td>
              ))}
          </tr>
        ))}
      </DataTable>
      {!areFactorsKept && (
        <p class="panel__foot quiet">
          What the weights are made of is known while the node keeps the state before the draw: 128 blocks. Weights and
          draws stay in the receipt.
        </p>
      )}
      <Draws selection={selection} />
    </Panel>
  );
}

function Draws({ selection: { draws, excluded, seed } }: { readonly selection: Selection }): VNode {
  return (
    <div class="panel__foot">
      {draws.length > 0 && (
        <ol class="plain-list">
          {draws.map(({ expert, name, drawn, total }) => (
            <li key={expert}>
              The number {formatCount(drawn)} below {formatCount(total)} falls on {name ?? expert}.
            </li>
          ))}
        </ol>
      )}
      {seed !== null && (
        <p>
          Seed, out of the block's beacon and the query's id: <Hash text={seed} what="seed" />
        </p>
      )}
      {excluded !== null && excluded.length > 0 && (
        <p>
          Left out:{' '}
          {excluded.map(({ expert, name, reason }, index) => (
            <span key={expert}>
              {index > 0 && ', '}
              <Go to={pathTo.expert(expert)}>{name ?? expert}</Go> ({reason})
            </span>
          ))}
        </p>
      )}
    </div>
  );
}

function ordinal(place: number): string {
  const ends: Readonly<Record<number, string>> = { 1: 'st', 2: 'nd', 3: 'rd' };
  const isTeen = Math.floor(place / 10) % 10 === 1;
  return `${place}${isTeen ? 'th' : (ends[place % 10] ?? 'th')}`;
}
