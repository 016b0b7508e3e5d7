/** One block: its header, who signed it, its transactions with their results, and evidence of misconduct in it. */
import type { VNode } from 'preact';
import { callRpc } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import type { Block, BlockEvent, CommitView, TransactionView } from '../../api/rpc-types.ts';
import { useLoad } from '../../api/use-rpc.ts';
import { RawJson } from '../../data/raw-json.tsx';
import { formatCount, plural } from '../../format/numbers.ts';
import { ppmPercent } from '../../format/ratios.ts';
import { formatExact } from '../../format/times.ts';
import { height as head } from '../../live/chain-live.ts';
import type { PageProps } from '../../routes.ts';
import { Badge, Facts, Page, Panel, Table } from '../../ui/panel.tsx';
import { Empty, Show } from '../../ui/states.tsx';
import { Go, Hash, pathTo, Syn, TimeAgo } from '../../ui/values.tsx';
import '../../styles/data.css';
import { rowLink } from '../../tables/sortable-table.tsx';
import { EventsPanel } from './block-events.tsx';
import { commitSummary } from './commit-model.ts';
import { ResultBadge } from './result-badge.tsx';
import { SearchField } from './search-field.tsx';
import { KIND_NAMES, summaryOf } from './transaction-text.ts';

/** Results are asked for one by one; of a block with more transactions only so many are shown with theirs. */
const limits = { resultsMax: 25 } as const;

type Loaded = {
  readonly block: Block;
  /** Null while the block's certificate is not stored, or where it is pruned. */
  readonly commit: CommitView | null;
  readonly results: ReadonlyMap<string, TransactionView['result']>;
  /** Null where the node has not kept what the block did. */
  readonly events: readonly BlockEvent[] | null;
};

export function BlockPage({ params }: PageProps): VNode {
  const wanted = params['height'] ?? 'latest';
  const loaded = useLoad((signal) => loadBlock(wanted, signal), `block ${wanted}`);
  return (
    <Page
      title={/^\d+$/.test(wanted) ? `Block ${formatCount(wanted)}` : 'Block'}
      actions={<Neighbours block={loaded.data?.block ?? null} />}
    >
      <SearchField />
      <Show of={loaded} what="the block" lines={8}>
        {(data) => <Content {...data} />}
      </Show>
    </Page>
  );
}

async function loadBlock(wanted: string, signal: AbortSignal): Promise<Loaded> {
  const which = wanted.startsWith('0x') ? { hash: wanted } : { height: wanted };
  const block = await callRpc('chain_getBlock', which, signal);
  const [commit, did, ...views] = await Promise.all([
    unlessMissing(callRpc('chain_getCommit', { height: block.height }, signal)),
    unlessMissing(callRpc('chain_getBlockEvents', { height: block.height }, signal)),
    ...block.transactions.slice(0, limits.resultsMax).map(({ id }) => unlessMissing(callRpc('tx_get', { id }, signal))),
  ]);
  const results = new Map(views.flatMap((view) => (view === null ? [] : [[view.id, view.result] as const])));
  return { block, commit, results, events: did?.events ?? null };
}

/** Null for what this node does not have; other failures are thrown. */
async function unlessMissing<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (['UNKNOWN', 'FUTURE', 'PRUNED'].includes(problemOf(error).code)) return null;
    throw error;
  }
}

function Neighbours({ block }: { readonly block: Block | null }): VNode | null {
  if (block === null) return null;
  const at = Number(block.height);
  return (
    <nav class="neighbours" aria-label="Neighbouring blocks">
      {at > 1 && (
        <a class="button button--small" href={`#${pathTo.block(at - 1)}`} rel="prev">
          ← {formatCount(at - 1)}
        </a>
      )}
      {at < head.value && (
        <a class="button button--small" href={`#${pathTo.block(at + 1)}`} rel="next">
          {formatCount(at + 1)} →
        </a>
      )}
    </nav>
  );
}

function Content({ block, commit, results, events }: Loaded): VNode {
  return (
    <>
      <div class="columns">
        <Panel title="Header">
          <Facts items={headerFacts(block)} />
        </Panel>
        <Panel title="Who signed" note={commit === null ? undefined : `round ${commit.commit.round}`}>
          {commit === null ? (
            <Empty title="No certificate here yet.">It is stored a moment after the block is decided.</Empty>
          ) : (
            <Signers view={commit} />
          )}
        </Panel>
      </div>
      <Panel title="Transactions" note={plural(block.transactions.length, 'transaction')}>
        {block.transactions.length === 0 ? (
          <Empty title="An empty block.">Blocks are made at the interval also when there is nothing to put in.</Empty>
        ) : (
          <Transactions block={block} results={results} />
        )}
      </Panel>
      <EventsPanel events={events} />
      {block.evidence.length > 0 && <EvidencePanel block={block} />}
      <Panel title="Roots" note="What the header commits to">
        <div class="facts-wide">
          <Facts items={rootFacts(block)} />
        </div>
      </Panel>
      <RawJson method="chain_getBlock" value={block} />
    </>
  );
}

function headerFacts(block: Block): Parameters<typeof Facts>[0]['items'] {
  const timeMs = Number(block.time);
  return [
    ['Height', formatCount(block.height)],
    ['Hash', <Hash key="hash" text={block.hash} what="hash" />],
    [
      'Time',
      <span key="time">
        {formatExact(timeMs)}{' '}
        <span class="quiet">
          (<TimeAgo timeMs={timeMs} />)
        </span>
      </span>,
    ],
    ['Proposer', <Hash key="proposer" text={block.proposer} what="address" to={pathTo.validator(block.proposer)} />],
    [
      'Parent',
      <Hash
        key="parent"
        text={block.parentHash}
        what="hash"
        {...(block.height === '1' ? {} : { to: pathTo.block(Number(block.height) - 1) })}
      />,
    ],
    ['Chain', block.chainId],
    ['Protocol', String(block.protocolVersion)],
  ];
}

function rootFacts(block: Block): Parameters<typeof Facts>[0]['items'] {
  const roots: readonly (readonly [string, string | null])[] = [
    ['State before', block.stateRoot],
    ['State after', block.stateRootAfter],
    ['Results of the block before', block.resultsRoot],
    ['Transactions', block.transactionsRoot],
    ['Last commit', block.lastCommitRoot],
    ['Vote extensions', block.extensionsRoot],
    ['Evidence', block.evidenceRoot],
    ['Validators', block.validatorsHash],
    ['Next validators', block.nextValidatorsHash],
    ['Parameters', block.paramsHash],
  ];
  return roots.map(([name, root]) => [
    name,
    root === null ? 'not known yet' : <Hash key={name} text={root} what="hash" />,
  ]);
}

function Signers({ view }: { readonly view: CommitView }): VNode {
  const { signers, signed, signedPower, power, isQuorum } = commitSummary(view);
  const part = power === 0n ? 0 : Number((signedPower * 1_000_000n) / power);
  return (
    <>
      <p class="lede">
        {signed} of {plural(signers.length, 'validator')} with {ppmPercent(part)} of the power
        {isQuorum ? ': more than two thirds, so the block is final.' : ': not more than two thirds.'}
      </p>
      <Table caption="Validators and whether they signed" head={['Validator', ['Power', 'num'], 'Vote']}>
        {signers.map(({ operator, power: own, hasSigned }) => (
          <tr key={operator}>
            <td>
              <Hash text={operator} what="address" to={pathTo.validator(operator)} />
            </td>
            <td class="num">{formatCount(own)}</td>
            <td>{hasSigned ? <Badge tone="good">signed</Badge> : <Badge tone="bad">missed</Badge>}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function Transactions({ block, results }: Omit<Loaded, 'commit' | 'events'>): VNode {
  return (
    <Table
      caption="Transactions of the block"
      head={['Transaction', 'What it says', 'Sender', 'Result', ['Fee', 'num']]}
    >
      {block.transactions.map(({ id, payload, sender }) => {
        const result = results.get(id) ?? null;
        return (
          <tr key={id} {...rowLink(pathTo.tx(id))}>
            <th scope="row">
              <Go to={pathTo.tx(id)}>{KIND_NAMES[payload.type]}</Go>
            </th>
            <td class="clip">{summaryOf(payload)}</td>
            <td>
              <Hash text={sender} what="address" to={pathTo.account(sender)} />
            </td>
            <td>{result === null ? '–' : <ResultBadge code={result.code} />}</td>
            <td class="num">{result === null ? '–' : <Syn nano={result.fee} />}</td>
          </tr>
        );
      })}
    </Table>
  );
}

const EVIDENCE_NAMES = {
  'duplicate.vote': 'Signed two votes',
  'duplicate.proposal': 'Made two proposals',
  'light.attack': 'Signed a false block',
} as const;

function EvidencePanel({ block }: { readonly block: Block }): VNode {
  return (
    <Panel title="Evidence of misconduct">
      <Table caption="Evidence in the block" head={['What', 'Who', ['Height', 'num'], ['Round', 'num']]}>
        {block.evidence.map(({ kind, offenders, height, round }) => (
          <tr key={`${kind}${offenders.join()}${height}`}>
            <td>{EVIDENCE_NAMES[kind]}</td>
            <td>
              {offenders.map((operator) => (
                <Hash key={operator} text={operator} what="address" to={pathTo.validator(operator)} />
              ))}
            </td>
            <td class="num">{formatCount(height)}</td>
            <td class="num">{round}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}
