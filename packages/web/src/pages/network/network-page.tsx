/** The network as the node that serves the page sees it: its health in a sentence, validators, peers, and the node itself. */
import type { VNode } from 'preact';
import { formatSyn } from '../../format/amounts.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { health, isAsked, peers, peersAskedAt, status, statusProblem, validators } from '../../live/chain-live.ts';
import { Hemicycle } from '../../ui/hemicycle.tsx';
import { Badge, Facts, Page, Panel, Table } from '../../ui/panel.tsx';
import { Empty, Failure, Loading } from '../../ui/states.tsx';
import { Go, Hash, pathTo, TimeAgo } from '../../ui/values.tsx';

export function NetworkPage(): VNode {
  const now = status.value;
  return (
    <Page title="Network" lead="Is it working? Who signs blocks, who is connected, and what this node does.">
      {statusProblem.value !== null && <Failure problem={statusProblem.value} />}
      {!isAsked.value && <Loading what="the network" lines={6} />}
      {now !== null && (
        <>
          <Verdict />
          <Validators />
          <div class="columns">
            <ThisNode />
            <Peers />
          </div>
        </>
      )}
    </Page>
  );
}

function Verdict(): VNode {
  const { level, word, sentence, seats, signing } = health.value;
  const warnings = status.value?.warnings ?? [];
  return (
    <section class={`verdict verdict--${level}`}>
      <Hemicycle
        label={`${signing} of ${plural(seats.length, 'validator')} signing`}
        seats={seats.map(({ operator, state }) => ({ key: operator, state, title: `${operator}: ${state}` }))}
      />
      <div>
        <p class="verdict__word">{word}</p>
        <p class="verdict__sentence">{sentence}</p>
        {warnings.map((warning) => (
          <p key={warning} class="verdict__warning">
            {warning}
          </p>
        ))}
      </div>
    </section>
  );
}

const tones = {
  signing: 'good',
  joining: 'slow',
  waiting: 'quiet',
  jailed: 'bad',
  exited: 'quiet',
  tombstoned: 'bad',
} as const;

function Validators(): VNode {
  const all = validators.value;
  const total = all.reduce((sum, { power }) => sum + BigInt(power), 0n);
  return (
    <Panel
      title="Validators"
      note={<span>{formatCount(all.filter(({ power }) => power !== '0').length)} in the set</span>}
    >
      <Table
        caption="Validators"
        head={['Validator', 'Standing', ['Power', 'num'], ['Stake', 'num'], ['Missed', 'num'], ['Last signed', 'num']]}
      >
        {all.map((validator) => (
          <tr key={validator.operator}>
            <td>
              <Hash text={validator.operator} what="address" to={pathTo.validator(validator.operator)} />
            </td>
            <td>
              <Badge tone={tones[validator.standing]}>{validator.standing}</Badge>
              {validator.standing !== 'signing' && <span class="reason">{validator.reason}</span>}
            </td>
            <td class="num">{share(validator.power, total)}</td>
            <td class="num" title={`${formatCount(validator.tokens)} nano`}>
              {formatSyn(validator.tokens, 2)}
            </td>
            <td class="num">{formatCount(validator.missed)}</td>
            <td class="num">
              <Go to={pathTo.block(validator.lastSignedHeight)}>{formatCount(validator.lastSignedHeight)}</Go>
            </td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

function share(power: string, total: bigint): string {
  return total === 0n ? '–' : `${(Number((BigInt(power) * 1_000n) / total) / 10).toFixed(1)} %`;
}

function ThisNode(): VNode | null {
  const now = status.value;
  if (now === null) return null;
  const { worker } = now;
  return (
    <Panel title="This node">
      <Facts
        items={[
          ['Name', now.name],
          ['Version', now.version],
          ['Role', now.roleReason === null ? now.role : `${now.role}: ${now.roleReason}`],
          [
            'Operator',
            now.operator === null ? (
              'none'
            ) : (
              <Hash text={now.operator} what="address" to={pathTo.account(now.operator)} />
            ),
          ],
          [
            'Head',
            <Go key="head" to={pathTo.block(now.head.height)}>
              {formatCount(now.head.height)}
            </Go>,
          ],
          ['Head decided', <TimeAgo key="time" timeMs={Number(now.head.time)} />],
          ['Finalized', formatCount(now.finalized.height)],
          ['Round', now.round < 0 ? 'between two blocks' : formatCount(now.round)],
          ['Mempool', plural(now.mempoolTransactions, 'transaction')],
          ['Open queries', formatCount(now.openQueries)],
          ['Model', worker.model === null ? 'none' : worker.model],
          ['Worker', `${worker.state}, ${plural(worker.queued, 'job')} waiting`],
          ['Chain', now.chainId],
          ['Genesis', <Hash key="genesis" text={now.genesisHash} what="genesis hash" />],
        ]}
      />
    </Panel>
  );
}

function Peers(): VNode {
  const items = peers.value ?? [];
  const head = peersAskedAt.value;
  return (
    <Panel title="Peers" note={plural(items.length, 'connection')}>
      {items.length === 0 ? (
        <Empty title="Nobody is connected.">
          Check that the machine is online and that no firewall blocks the p2p port.
        </Empty>
      ) : (
        <Table caption="Peers" head={['Peer', 'Operator', 'Direction', ['Behind', 'num']]}>
          {items.map((peer) => (
            <tr key={peer.peerId}>
              <td>
                <Hash text={peer.peerId} what="peer id" />
              </td>
              <td>
                {peer.operator === null ? (
                  'unknown yet'
                ) : (
                  <Hash text={peer.operator} what="address" to={pathTo.account(peer.operator)} />
                )}
              </td>
              <td>{peer.direction}</td>
              <td class="num">{peer.height === null ? '–' : formatCount(Math.max(0, head - Number(peer.height)))}</td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
