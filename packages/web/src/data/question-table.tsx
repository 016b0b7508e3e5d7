/** Questions as rows: what was asked, where it stands, what it cost. */
import type { VNode } from 'preact';
import type { Result } from '../api/client.ts';
import { formatCount } from '../format/numbers.ts';
import { threeDecimals } from '../format/ratios.ts';
import { DataTable } from '../tables/data-table.tsx';
import { rowLink } from '../tables/sortable-table.tsx';
import { Badge, type Tone } from '../ui/panel.tsx';
import { Go, Hash, pathTo, Syn } from '../ui/values.tsx';

export type ListedQuestion = Result<'query_list'>['items'][number];

export function QuestionTable({
  items,
  caption,
}: {
  readonly items: readonly ListedQuestion[];
  readonly caption: string;
}): VNode {
  return (
    <DataTable
      caption={caption}
      head={['Question', 'Domain', 'State', ['Score', 'num'], ['Cost', 'num'], 'Asked by', ['Block', 'num']]}
    >
      {items.map((item) => (
        <tr key={item.queryId} {...rowLink(pathTo.query(item.queryId))}>
          <th scope="row" class="clip">
            <Go to={pathTo.query(item.queryId)}>{item.prompt ?? 'a private question'}</Go>
          </th>
          <td>{item.domain}</td>
          <td>
            <State {...item} />
          </td>
          <td class="num">{item.score === null ? '–' : threeDecimals(item.score)}</td>
          <td class="num">{item.cost === null ? '–' : <Syn nano={item.cost} />}</td>
          <td>
            <Hash text={item.requester} what="address" to={pathTo.account(item.requester)} />
          </td>
          <td class="num">
            <Go to={pathTo.block(item.openedAt)}>{formatCount(item.openedAt)}</Go>
          </td>
        </tr>
      ))}
    </DataTable>
  );
}

const OUTCOMES: Readonly<Record<NonNullable<ListedQuestion['outcome']>, readonly [word: string, tone: Tone]>> = {
  answered: ['answered', 'good'],
  belowThreshold: ['below threshold', 'slow'],
  unscored: ['unscored', 'slow'],
  noAnswer: ['no answer', 'bad'],
  noExperts: ['no expert', 'bad'],
  cancelled: ['cancelled', 'quiet'],
};

function State({ outcome, phase }: ListedQuestion): VNode {
  const [word, tone] = outcome === null ? ([phase, 'accent'] as const) : OUTCOMES[outcome];
  return <Badge tone={tone}>{word}</Badge>;
}
