/** What a question cost, as a bill that adds up: every line with how it comes about, the sum, the refund, and the checks. */
import type { VNode } from 'preact';
import type { Query } from '../../api/rpc-types.ts';
import { Check } from '../../data/check.tsx';
import { exactSyn } from '../../format/exact.ts';
import { shorten } from '../../format/numbers.ts';
import { Panel } from '../../ui/panel.tsx';
import { Empty } from '../../ui/states.tsx';
import { Go, pathTo } from '../../ui/values.tsx';
import { checkBill } from './query-model.ts';

const WHO = { respondent: 'Expert', coordinator: 'Coordinator', scorer: 'Scorer' } as const;

export function Bill({ query, maxFee }: { readonly query: Query; readonly maxFee: string | null }): VNode {
  const check = checkBill(query, maxFee);
  if (check === null || query.cost === null || query.refund === null) {
    return (
      <Panel title="Bill">
        <Empty title="Not settled yet.">Nothing is paid before the answers are scored.</Empty>
      </Panel>
    );
  }
  const names = new Map(query.respondents.map(({ expert, name }) => [expert, name]));
  return (
    <Panel title="Bill" note="to the nano">
      <table class="bill">
        <caption class="visually-hidden">What was paid to whom, and how each amount comes about</caption>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Paid to</th>
            <th scope="col">Amount</th>
          </tr>
        </thead>
        <tbody>
          {query.bill.map(({ kind, account, amount, text }, index) => (
            <tr key={`${kind}${account}${index}`}>
              <th scope="row">
                {WHO[kind]}{' '}
                <Go to={kind === 'scorer' ? pathTo.validator(account) : pathTo.account(account)}>
                  {names.get(account) || shorten(account)}
                </Go>
                <span class="bill__how">{text}</span>
              </th>
              <td>{exactSyn(amount)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr class="bill__sum">
            <th scope="row">Cost</th>
            <td data-cost={query.cost}>{exactSyn(query.cost)}</td>
          </tr>
          <tr>
            <th scope="row">Refunded</th>
            <td>{exactSyn(query.refund)}</td>
          </tr>
          <tr class="bill__escrow">
            <th scope="row">Held until settled</th>
            <td>{exactSyn(check.escrow)}</td>
          </tr>
        </tfoot>
      </table>
      <ul class="checks">
        <Check
          is={check.isSum}
          yes="The lines add up to the cost."
          no={`The lines add up to ${exactSyn(check.linesSum)}, which is not the cost.`}
        />
        {check.isEscrow !== null && (
          <Check
            is={check.isEscrow}
            yes="Cost and refund together are what the contract set aside."
            no="Cost and refund are not what the contract set aside."
          />
        )}
      </ul>
    </Panel>
  );
}
