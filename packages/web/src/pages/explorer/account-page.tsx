/** One account: what it has, what it has staked, what it is beside an account, and its last transactions. */
import type { VNode } from 'preact';
import { callRpc, type Result } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import type { ExpertCard, ValidatorView } from '../../api/rpc-types.ts';
import { useLoad } from '../../api/use-rpc.ts';
import { RawJson } from '../../data/raw-json.tsx';
import { sumNano } from '../../format/exact.ts';
import { formatCount } from '../../format/numbers.ts';
import type { PageProps } from '../../routes.ts';
import { Badge, Facts, Page, Panel, Table } from '../../ui/panel.tsx';
import { Show } from '../../ui/states.tsx';
import { Go, Hash, pathTo, Syn } from '../../ui/values.tsx';
import '../../styles/data.css';
import { AccountHistory } from './account-history.tsx';
import { SearchField } from './search-field.tsx';

const limits = { everyMs: 3_000, stakes: 100 } as const;

type Loaded = {
  readonly account: Result<'state_getAccount'>;
  readonly delegations: Result<'staking_delegations'>['items'];
  readonly unbonding: Result<'staking_unbonding'>['items'];
  readonly expert: ExpertCard | null;
  readonly validator: ValidatorView | null;
};

export function AccountPage({ params }: PageProps): VNode {
  const address = params['address'] ?? '';
  const loaded = useLoad((signal) => loadAccount(address, signal), address, { everyMs: limits.everyMs });
  return (
    <Page title="Account" lead={<Hash text={address} what="address" />}>
      <SearchField />
      <Show of={loaded} what="the account" lines={5}>
        {(data) => <Content {...data} />}
      </Show>
      <AccountHistory address={address} />
    </Page>
  );
}

async function loadAccount(address: string, signal: AbortSignal): Promise<Loaded> {
  const page = { address, limit: limits.stakes };
  const [account, delegations, unbonding, expert, validator] = await Promise.all([
    callRpc('state_getAccount', { address }, signal),
    callRpc('staking_delegations', page, signal),
    callRpc('staking_unbonding', page, signal),
    unlessUnknown(callRpc('expert_get', { expert: address }, signal)),
    unlessUnknown(callRpc('staking_validator', { address }, signal)),
  ]);
  return { account, delegations: delegations.items, unbonding: unbonding.items, expert, validator };
}

async function unlessUnknown<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (problemOf(error).code === 'UNKNOWN') return null;
    throw error;
  }
}

function Content(data: Loaded): VNode {
  const { account, delegations, unbonding } = data;
  return (
    <>
      <div class="columns">
        <Panel title="What it has">
          <Facts
            items={[
              ['Balance', <Syn key="balance" nano={account.balance} digits={9} />],
              ['Staked', <Syn key="staked" nano={sumNano(delegations.map(({ amount }) => amount))} digits={9} />],
              ['Leaving', <Syn key="leaving" nano={sumNano(unbonding.map(({ amount }) => amount))} digits={9} />],
            ]}
          />
          {!account.exists && <p class="panel__foot">Nobody has paid this address yet.</p>}
        </Panel>
        <Panel title="What it is">
          <Roles {...data} />
        </Panel>
      </div>
      {delegations.length > 0 && <Delegations items={delegations} />}
      {unbonding.length > 0 && <Unbonding items={unbonding} />}
      <RawJson method="state_getAccount" value={account} />
    </>
  );
}

function Roles({ expert, validator }: Pick<Loaded, 'expert' | 'validator'>): VNode {
  if (expert === null && validator === null) return <p>An account: it is no expert and runs no validator.</p>;
  return (
    <ul class="plain-list">
      {expert !== null && (
        <li>
          <Badge tone="accent">expert</Badge> <Go to={pathTo.expert(expert.address)}>{expert.name}</Go> in{' '}
          {expert.domain}
        </li>
      )}
      {validator !== null && (
        <li>
          <Badge tone="accent">validator</Badge> <Go to={pathTo.validator(validator.operator)}>its page</Go>:{' '}
          {validator.reason}
        </li>
      )}
    </ul>
  );
}

function Delegations({ items }: { readonly items: Loaded['delegations'] }): VNode {
  return (
    <Panel title="Stake">
      <Table caption="Stake by validator" head={['With', ['Worth', 'num'], ['Shares', 'num']]}>
        {items.map(({ validator, amount, shares }) => (
          <tr key={validator}>
            <td>
              <Hash text={validator} what="address" to={pathTo.validator(validator)} />
            </td>
            <td class="num">
              <Syn nano={amount} />
            </td>
            <td class="num">{formatCount(shares)}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

function Unbonding({ items }: { readonly items: Loaded['unbonding'] }): VNode {
  return (
    <Panel title="Stake that leaves or moved" note="It still answers for its former validator until then">
      <Table caption="Stake that leaves or moved" head={['From', 'To', ['Amount', 'num'], ['Free after block', 'num']]}>
        {items.map(({ validator, to, amount, maturesAt, kind }) => (
          <tr key={`${kind}${validator}${maturesAt}${amount}`}>
            <td>
              <Hash text={validator} what="address" to={pathTo.validator(validator)} />
            </td>
            <td>{to === null ? 'its balance' : <Hash text={to} what="address" to={pathTo.validator(to)} />}</td>
            <td class="num">
              <Syn nano={amount} />
            </td>
            <td class="num">{formatCount(maturesAt)}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}
