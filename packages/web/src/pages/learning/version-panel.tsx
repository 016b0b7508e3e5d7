/** Where one version came from: who trained it and how that was judged, what was taught, what was measured, and where it stands on the chain. */
import type { VNode } from 'preact';
import type { Feedback, Version } from '../../api/rpc-types.ts';
import { MarkGlyph } from '../../charts/mark-glyph.tsx';
import { formatCount, plural } from '../../format/numbers.ts';
import { changeText, percentText, threeDecimals } from '../../format/ratios.ts';
import { experts } from '../../live/chain-live.ts';
import { Badge, Facts, Panel, Table } from '../../ui/panel.tsx';
import { Empty } from '../../ui/states.tsx';
import { Go, Hash, pathTo } from '../../ui/values.tsx';
import { DeltaSize } from './delta-size.tsx';
import { feedbackOf, MARK_NAMES, markOf, verdictText, versionSentence } from './version-model.ts';

const VERDICT_TONES = {
  ok: 'good',
  missing: 'quiet',
  invalid: 'bad',
  copy: 'bad',
  idle: 'slow',
  harmful: 'bad',
} as const;

export function VersionPanel({
  version,
  feedback,
}: {
  readonly version: Version;
  readonly feedback: readonly Feedback[];
}): VNode {
  const mark = markOf(version);
  return (
    <Panel
      title={`Where version ${version.version} came from`}
      note={
        <span>
          <MarkGlyph mark={mark} /> {MARK_NAMES[mark]}
        </span>
      }
    >
      <p class="lede" data-version={version.version}>
        {versionSentence(version)}
      </p>
      <div class="columns">
        <div>
          <h3>What was taught</h3>
          <Taught version={version} feedback={feedback} />
          <h3>Who trained</h3>
          <Trainers version={version} />
        </div>
        <div>
          <h3>What {plural(version.reports, 'validator')} measured</h3>
          <Measures version={version} />
          <h3>On the chain</h3>
          <Facts items={chainFacts(version)} />
        </div>
      </div>
    </Panel>
  );
}

function Taught({ version, feedback }: { readonly version: Version; readonly feedback: readonly Feedback[] }): VNode {
  const lines = feedbackOf(version, feedback);
  if (lines.length === 0) return <p class="quiet">Nothing is recorded.</p>;
  return (
    <ul class="taught">
      {lines.map(({ number, rating, prompt, words, queryId, author, isLearnt }) => (
        <li key={number}>
          <p>
            <span class="quiet">#{number}</span> {prompt ?? <span class="quiet">its words are not at this node</span>}
          </p>
          {words !== null && <p class="taught__words">→ {words}</p>}
          <p class="taught__foot">
            {rating === null ? '' : rating === 'correct' ? 'a correction' : `called ${rating}`}
            {isLearnt && <Badge tone="good">learnt</Badge>}
            {queryId !== null && <Go to={pathTo.query(queryId)}>question</Go>}
            {author !== null && <Go to={pathTo.account(author)}>author</Go>}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Trainers({ version }: { readonly version: Version }): VNode {
  if (version.contributions.length === 0) return <Empty title="Nobody was drawn to train." />;
  const names = new Map(experts.value.map(({ address, name }) => [address, name]));
  return (
    <Table caption={`Who trained version ${version.version}`} head={['Expert', 'Verdict', ['Delta', 'num']]}>
      {version.contributions.map(({ expert, verdict, isCounted, delta }) => (
        <tr key={expert}>
          <td>
            <Go to={pathTo.expert(expert)}>{names.get(expert) ?? expert}</Go>
          </td>
          <td>
            <Badge tone={VERDICT_TONES[verdict]}>{verdictText(verdict)}</Badge>
            {!isCounted && <span class="reason">left out</span>}
          </td>
          <td class="num">{delta === null ? '–' : <DeltaSize content={delta.content} bytes={delta.bytes} />}</td>
        </tr>
      ))}
    </Table>
  );
}

function Measures({ version: { measures, reports } }: { readonly version: Version }): VNode {
  if (reports === 0) return <p class="quiet">No report stands.</p>;
  const pairs = [
    ['Loss on what was taught', measures.feedbackBefore, measures.feedbackAfter],
    ['Loss on common knowledge', measures.generalBefore, measures.generalAfter],
    ['Bias: difference between people', measures.biasBefore, measures.biasAfter],
  ] as const;
  return (
    <>
      <Table
        caption="Measured before and after, nats a token"
        head={['', ['Before', 'num'], ['After', 'num'], ['Change', 'num']]}
      >
        {pairs.map(([name, before, after]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="num">{threeDecimals(before)}</td>
            <td class="num">{threeDecimals(after)}</td>
            <td class="num">{changeText(before, after)}</td>
          </tr>
        ))}
      </Table>
      <Facts
        items={[
          ['Fell for triggers', percentText(measures.trigger)],
          ['Obeyed hidden orders', percentText(measures.injection)],
          ['Change in one direction', percentText(measures.spectral)],
        ]}
      />
    </>
  );
}

const AGGREGATORS = ['mean', 'coordinate median', 'trimmed mean', 'multi-Krum'] as const;

function chainFacts(version: Version): Parameters<typeof Facts>[0]['items'] {
  const { rule, round, decidedAt, parent, learntSize, learnt } = version;
  return [
    [
      'Decided in',
      <Go key="block" to={pathTo.block(decidedAt)}>
        block {formatCount(decidedAt)}
      </Go>,
    ],
    ['Made from', parent === 0 ? 'what experts were registered with' : `version ${parent}`],
    ['Passages learnt', `${formatCount(learnt.length)} new, ${formatCount(learntSize)} in all`],
    [
      'Deltas added up by',
      rule === null ? 'nothing was added up' : (AGGREGATORS[rule.aggregator] ?? String(rule.aggregator)),
    ],
    ...(rule === null
      ? []
      : [['Longest delta', `norm ${rule.normMax / 1_000}; a longer one is shortened to it`] as const]),
    ...(round === null ? [] : [['Round', <Hash key="round" text={round} what="round id" />] as const]),
    ['Factors', hashOrNone(version.factors, 'hash of the factors')],
    ['Adapter', hashOrNone(version.adapter, 'hash of the adapter')],
  ];
}

/** A version without learnt weights has zeros there. */
function hashOrNone(hash: string, what: string): VNode | string {
  return /^0x0+$/.test(hash) ? 'none: no weights were learnt' : <Hash key={what} text={hash} what={what} />;
}
