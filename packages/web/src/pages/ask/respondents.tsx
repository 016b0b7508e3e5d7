/** Who answered a question: the council that was drawn, with weights, scores and pay. */
import type { QueryJson } from '@synod/rpc/client';
import type { VNode } from 'preact';
import { formatSyn } from '../../format/amounts.ts';
import { formatCount, formatPercent, plural } from '../../format/numbers.ts';
import { Hemicycle } from '../../ui/hemicycle.tsx';
import { Badge, Table } from '../../ui/panel.tsx';
import { Go, pathTo } from '../../ui/values.tsx';
import { type RespondentRow, respondentRows } from './provenance.ts';

export function Respondents({ query }: { readonly query: QueryJson }): VNode {
  const rows = respondentRows(query);
  const judges = new Set(query.scores.map(({ validator }) => validator)).size;
  const winners = new Set(rows.filter(({ agrees }) => agrees).map(({ expert }) => expert));
  const drawn = new Set(rows.map(({ expert }) => expert));
  const seats = (query.candidates.length > 0 ? query.candidates : rows).map(({ expert }) => ({
    key: expert,
    state: winners.has(expert) ? 'won' : drawn.has(expert) ? 'drawn' : 'passed',
    title: `${rows.find((row) => row.expert === expert)?.name ?? expert}: ${winners.has(expert) ? 'gave the answer' : drawn.has(expert) ? 'answered otherwise' : 'was not drawn'}`,
  }));
  return (
    <details class="council" open>
      <summary>
        <Hemicycle seats={seats} label={`${rows.length} of ${plural(seats.length, 'candidate')} were drawn`} />
        <span>
          {plural(rows.length, 'expert')} answered, {plural(judges, 'validator')} judged
        </span>
      </summary>
      <Table
        caption="Experts that answered"
        head={['Expert', ['Weight', 'num'], ['Score', 'num'], 'Agrees', ['Tokens', 'num'], ['Paid', 'num']]}
      >
        {rows.map((row) => (
          <Row key={row.expert} row={row} />
        ))}
      </Table>
    </details>
  );
}

function Row({ row }: { readonly row: RespondentRow }): VNode {
  return (
    <tr>
      <td>
        <Go to={pathTo.expert(row.expert)}>{row.name}</Go> <span class="council__version">v{row.version}</span>{' '}
        {row.verdict !== null && row.verdict !== 'match' && <Badge tone="bad">{row.verdict}</Badge>}
      </td>
      <td class="num" title="Chance of being drawn first">
        {formatPercent(row.weight)}
      </td>
      <td class="num">{row.score === null ? '–' : Number(row.score).toFixed(2)}</td>
      <td>{row.agrees === null ? '–' : row.agrees ? 'yes' : 'no'}</td>
      <td class="num">{row.tokens === null ? '–' : formatCount(row.tokens)}</td>
      <td class="num">{row.paid === null ? '–' : `${formatSyn(row.paid)} SYN`}</td>
    </tr>
  );
}
