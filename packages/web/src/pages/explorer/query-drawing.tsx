/** How the respondents of a question were drawn: every candidate with its weight, chance and factors, and the draws. */
import type { VNode } from 'preact';
import type { Selection } from '../../api/rpc-types.ts';
import { formatCount } from '../../format/numbers.ts';
import { percentText, threeDecimals } from '../../format/ratios.ts';
import { Badge, Panel } from '../../ui/panel.tsx';
import { Hash, pathTo, Go } from '../../ui/values.tsx';
import { drawLines } from './query-model.ts';

export function Drawing({ selection }: { readonly selection: Selection }): VNode {
  const lines = drawLines(selection);
  return (
    <Panel title="How they were drawn" note="weight = quality to a power × load × price; the chance of the first draw is its part of all weights">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <section class="table data-table" aria-label="Candidates" tabIndex={0}>
        <table>
          <caption class="visually-hidden">Candidates with weights and what they are made of, the heaviest first</caption>
          <thead>
            <tr>
              <th scope="col">Expert</th>
              <th scope="col">Drawn</th>
              <th scope="col" class="num">Chance</th>
              <th scope="col" class="num">Weight</th>
              <th scope="col" class="num">Mean</th>
              <th scope="col" class="num">± deviation</th>
              <th scope="col" class="num">Quality</th>
              <th scope="col" class="num">Load</th>
              <th scope="col" class="num">Price</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ expert, name, drawn, share, weight, factors }) => (
              <tr key={expert}>
                <th scope="row">
                  <Go to={pathTo.expert(expert)}>{name ?? expert}</Go>
                </th>
                <td>{drawn === null ? <span class="quiet">no</span> : <Badge tone="accent">{ordinal(drawn)}</Badge>}</td>
                <td class="num">{percentText(share)}</td>
                <td class="num">{formatCount(weight)}</td>
                <td class="num">{factors === null ? '–' : threeDecimals(factors.mean)}</td>
                <td class="num">{factors === null ? '–' : threeDecimals(factors.deviation)}</td>
                <td class="num">{factors === null ? '–' : threeDecimals(factors.quality)}</td>
                <td class="num">{factors === null ? '–' : threeDecimals(factors.load)}</td>
                <td class="num">{factors === null ? '–' : threeDecimals(factors.price)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
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
