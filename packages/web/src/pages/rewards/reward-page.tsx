/** Why one account was paid what it was paid in an epoch: every formula with its numbers, reckoned again here. */
import type { VNode } from 'preact';
import type { RewardExplanation } from '../../api/rpc-types.ts';
import { useRpc } from '../../api/use-rpc.ts';
import { RawJson } from '../../data/raw-json.tsx';
import { formatCount, shorten } from '../../format/numbers.ts';
import { experts } from '../../live/chain-live.ts';
import type { PageProps } from '../../routes.ts';
import { DataTable, ScrollRegion } from '../../tables/data-table.tsx';
import { Page, Panel } from '../../ui/panel.tsx';
import { Empty, Show } from '../../ui/states.tsx';
import { Go, Hash, pathTo, Syn } from '../../ui/values.tsx';
import '../../styles/data.css';
import './rewards.css';
import { type FormulaPart, type FormulaStep, formulaParts } from './formula.ts';

export function RewardPage({ params }: PageProps): VNode {
  const address = params['address'] ?? '';
  const epoch = params['epoch'] ?? '';
  const loaded = useRpc('reward_explain', { address, epoch });
  return (
    <Page
      title={`Why, in epoch ${epoch}`}
      lead={<Hash text={address} what="address" to={pathTo.account(address)} />}
      actions={
        <a class="button button--small" href={`#/rewards?epoch=${epoch}`}>
          The whole epoch
        </a>
      }
    >
      <Show of={loaded} what="the explanation" lines={8}>
        {(data) => <Explanation data={data} />}
      </Show>
    </Page>
  );
}

function Explanation({ data }: { readonly data: RewardExplanation }): VNode {
  const parts = formulaParts(data);
  return (
    <>
      <p class="lede">
        Epoch {data.epoch} ended with <Go to={pathTo.block(data.height)}>block {formatCount(data.height)}</Go>. At most{' '}
        <Syn nano={data.emission} /> could be issued.
      </p>
      {parts.length === 0 && (
        <Panel>
          <Empty title="It had no part in this epoch.">It neither answered nor scored.</Empty>
        </Panel>
      )}
      {parts.map((part) => (
        <Part key={part.title} part={part} />
      ))}
      <details class="raw">
        <summary>
          The same as text <span class="quiet">as synod rewards explain prints it</span>
        </summary>
        <ScrollRegion label="The explanation as text">
          <pre>{data.text}</pre>
        </ScrollRegion>
      </details>
      <RawJson method="reward_explain" value={data} />
    </>
  );
}

function Part({ part: { title, steps, inputs } }: { readonly part: FormulaPart }): VNode {
  const names = new Map(experts.value.map(({ address, name }) => [address, name]));
  return (
    <Panel title={title} note="✓ reckoned again in this page, to the nano">
      <dl class="formula">
        {steps.map((step) => (
          <Step key={step.name} step={step} />
        ))}
      </dl>
      <h3>What went in</h3>
      <p class="quiet">{inputs.caption}</p>
      {inputs.rows.length === 0 ? (
        <Empty title="Nothing." />
      ) : (
        <DataTable
          caption={inputs.caption}
          head={inputs.head.map((name, index) => (index === 0 ? name : ([name, 'num'] as const)))}
        >
          {inputs.rows.map(({ address, cells }) => (
            <tr key={address}>
              <th scope="row" title={address}>
                <Go to={pathTo.account(address)}>{names.get(address) ?? shorten(address)}</Go>
              </th>
              {cells.map((cell, index) => (
                <td key={inputs.head[index + 1]} class="num">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </DataTable>
      )}
    </Panel>
  );
}

function Step({ step: { name, formula, filled, result, isRight } }: { readonly step: FormulaStep }): VNode {
  return (
    <div class="formula__step">
      <dt>{name}</dt>
      <dd>
        <span class="formula__symbols">{formula}</span>
        <span class="formula__filled">= {filled}</span>
        <span class="formula__result">
          = <strong>{result}</strong>{' '}
          {isRight !== null && (
            <span
              class={isRight ? 'checks__yes' : 'checks__no'}
              title={isRight ? 'Reckoned again here: right' : 'Reckoned again here: not the same'}
            >
              <span aria-hidden="true">{isRight ? '✓' : '✗'}</span>
              <span class="visually-hidden">
                {isRight ? 'reckoned again here: right' : 'reckoned again here: not the same'}
              </span>
            </span>
          )}
        </span>
      </dd>
    </div>
  );
}
