/** All versions of a domain as a table: the lineage, and the text behind the curves. */
import type { VNode } from 'preact';
import type { Line, Version } from '../../api/rpc-types.ts';
import { MarkGlyph } from '../../charts/mark-glyph.tsx';
import { formatCount } from '../../format/numbers.ts';
import { changeText, threeDecimals } from '../../format/ratios.ts';
import { DataTable } from '../../tables/data-table.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Go, pathTo } from '../../ui/values.tsx';
import { markOf, stateText } from './version-model.ts';

type Props = {
  readonly versions: readonly Version[];
  readonly line: Line;
  readonly selected: number | null;
  readonly onSelect: (version: number) => void;
};

export function VersionTable({ versions, line, selected, onSelect }: Props): VNode {
  const newestFirst = versions.toSorted((a, b) => b.version - a.version);
  return (
    <Panel title="Lineage" note="The newest first">
      <DataTable
        caption="Versions with their state, losses before and after, and scores"
        head={[
          'Version',
          'State',
          ['From', 'num'],
          ['Held-out loss', 'num'],
          ['General loss', 'num'],
          ['Bias', 'num'],
          ['Feedback', 'num'],
          ['Live score', 'num'],
          ['Block', 'num'],
        ]}
      >
        {newestFirst.map((version) => (
          <tr key={version.version} class={version.version === selected ? 'row--selected' : ''}>
            <th scope="row">
              <button
                type="button"
                class="row-button"
                aria-pressed={version.version === selected}
                onClick={() => onSelect(version.version)}
              >
                <MarkGlyph mark={markOf(version)} /> v{version.version}
              </button>
            </th>
            <td>{stateText(version)}</td>
            <td class="num">{version.version === 0 ? '–' : `v${version.parent}`}</td>
            <Loss {...{ version }} before={version.measures.feedbackBefore} after={version.measures.feedbackAfter} />
            <Loss {...{ version }} before={version.measures.generalBefore} after={version.measures.generalAfter} />
            <Loss {...{ version }} before={version.measures.biasBefore} after={version.measures.biasAfter} />
            <td class="num">{formatCount(version.items.length)}</td>
            <td class="num">{liveScore(version.version, line)}</td>
            <td class="num">
              <Go to={pathTo.block(version.decidedAt)}>{formatCount(version.decidedAt)}</Go>
            </td>
          </tr>
        ))}
      </DataTable>
    </Panel>
  );
}

function Loss({
  version,
  before,
  after,
}: {
  readonly version: Version;
  readonly before: string;
  readonly after: string;
}): VNode {
  if (version.version === 0 || version.reports === 0) return <td class="num">–</td>;
  return (
    <td class="num" title={`${threeDecimals(before)} to ${threeDecimals(after)}`}>
      {threeDecimals(after)} <span class="unit">{changeText(before, after)}</span>
    </td>
  );
}

/** The chain keeps scores of the versions in use only. */
function liveScore(version: number, { stable, canary, control, live, baseline }: Line): string {
  const scores =
    version === canary?.version ? canary.scores : version === stable ? live : version === control ? baseline : null;
  return scores?.mean == null ? '–' : threeDecimals(scores.mean);
}
