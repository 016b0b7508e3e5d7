/** What users said, the newest first, with what became of each. */
import type { VNode } from 'preact';
import type { Feedback } from '../../api/rpc-types.ts';
import { formatCount } from '../../format/numbers.ts';
import { Badge, Panel, Table } from '../../ui/panel.tsx';
import { Empty } from '../../ui/states.tsx';
import { Go, pathTo } from '../../ui/values.tsx';
import { feedbackStateText } from './version-model.ts';

const TONES = {
  pending: 'slow',
  available: 'accent',
  training: 'accent',
  used: 'good',
  refused: 'bad',
  lost: 'bad',
} as const;
const RATINGS = { good: 'good', bad: 'bad', correct: 'correction' } as const;

export function FeedbackPanel({
  domain,
  feedback,
  count,
}: {
  readonly domain: string;
  readonly feedback: readonly Feedback[];
  readonly count: number;
}): VNode {
  const note = feedback.length < count ? `the last ${feedback.length} of ${formatCount(count)}` : formatCount(count);
  return (
    <Panel title="Feedback" note={note}>
      {feedback.length === 0 ? (
        <Empty title={`Nothing was said about ${domain} yet.`} />
      ) : (
        <Table
          caption={`Feedback on ${domain}, the newest first`}
          head={['Question', 'Said', 'What became of it', ['Block', 'num']]}
        >
          {feedback.map((item) => (
            <tr key={item.number}>
              <th scope="row" class="clip">
                <Go to={pathTo.query(item.queryId)}>{item.text?.prompt ?? `#${item.number}`}</Go>
              </th>
              <td class="clip">{item.text?.correction ?? RATINGS[item.rating]}</td>
              <td>
                <Badge tone={TONES[item.state]}>{feedbackStateText(item)}</Badge>
              </td>
              <td class="num">
                <Go to={pathTo.block(item.givenAt)}>{formatCount(item.givenAt)}</Go>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
