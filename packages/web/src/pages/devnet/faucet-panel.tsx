/** Money from nowhere, to any account. */
import type { VNode } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { callRpc } from '../../api/client.ts';
import { formatSyn, parseSyn } from '../../format/amounts.ts';
import { shorten } from '../../format/numbers.ts';
import { Panel, Table } from '../../ui/panel.tsx';
import { Hash, pathTo } from '../../ui/values.tsx';
import { accounts, followAccounts } from '../ask/account.ts';
import { act, isActing } from './actions.ts';

export function Faucet(): VNode {
  useEffect(followAccounts, []);
  const [to, setTo] = useState('');
  const [amount, setAmount] = useState('100');
  const id = useId();
  const nano = parseSyn(amount);
  const isAmount = nano !== null && nano > 0n;
  const target = to.trim();
  const send = () =>
    act(`${amount} SYN for ${shorten(target, 10)}`, async () => {
      const { height } = await callRpc('dev_faucet', { to: target, amount: (nano ?? 0n).toString() });
      return height === null ? 'waits for a block' : `in block ${height}`;
    });
  return (
    <Panel title="Faucet">
      <form
        class="control__row control__row--end"
        onSubmit={(event) => {
          event.preventDefault();
          if (target !== '' && isAmount) void send();
        }}
      >
        <div class="field field--grow">
          <label class="field__label" for={`${id}-to`}>
            To
          </label>
          <input
            id={`${id}-to`}
            class="input"
            list={`${id}-names`}
            placeholder="alice, or syn1…"
            value={to}
            onInput={(event) => setTo(event.currentTarget.value)}
          />
          <datalist id={`${id}-names`}>
            {accounts.value.map(({ name }) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </div>
        <div class="field">
          <label class="field__label" for={`${id}-amount`}>
            SYN
          </label>
          <input
            id={`${id}-amount`}
            class="input input--short"
            inputMode="decimal"
            value={amount}
            aria-invalid={!isAmount}
            onInput={(event) => setAmount(event.currentTarget.value)}
          />
        </div>
        <button type="submit" class="button button--main" disabled={isActing.value || target === '' || !isAmount}>
          Send
        </button>
      </form>
      {accounts.value.length > 0 && (
        <Table caption="Accounts" head={['Account', 'Address', ['Balance', 'num']]}>
          {accounts.value.map(({ name, address, balance }) => (
            <tr key={address}>
              <td>{name}</td>
              <td>
                <Hash text={address} what="address" to={pathTo.account(address)} />
              </td>
              <td class="num">{formatSyn(balance, 4)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
