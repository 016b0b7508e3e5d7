/** One expert: how it stands and why, its model card, the formula of its reputation with its numbers, and its last questions. */
import type { VNode } from 'preact';
import { callRpc, type Result } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import type { ExpertCard, Line, ReputationExplanation } from '../../api/rpc-types.ts';
import { useLoad } from '../../api/use-rpc.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { QuestionTable } from '../../data/question-table.tsx';
import { RawJson } from '../../data/raw-json.tsx';
import { Tile } from '../../data/tile.tsx';
import { formatCount, plural } from '../../format/numbers.ts';
import { ppmOf, ppmPercent, threeDecimals } from '../../format/ratios.ts';
import { height } from '../../live/chain-live.ts';
import type { PageProps } from '../../routes.ts';
import { Badge, Facts, Page, Panel, Table } from '../../ui/panel.tsx';
import { Empty, Show } from '../../ui/states.tsx';
import { Go, Hash, pathTo, Syn } from '../../ui/values.tsx';
import '../../styles/data.css';
import './experts.css';
import { loadSettled } from './board-data.ts';
import { expertStanding } from './expert-model.ts';
import { ModelCard } from './model-card.tsx';
import { workOf } from './recent-work.ts';
import { ReputationBar } from './reputation-bar.tsx';
import { ReputationFormula } from './reputation-formula.tsx';

const EVERY_MS = 4_000;

type Loaded = {
  readonly card: ExpertCard;
  readonly reputation: ReputationExplanation;
  readonly stats: Result<'expert_stats'>;
  readonly settled: Awaited<ReturnType<typeof loadSettled>>;
  /** Its domain's line; null where the domain has learnt nothing. */
  readonly line: Line | null;
  /** Whether it answers with its domain's versions; null where there are none. */
  readonly learns: boolean | null;
};

export function ExpertPage({ params }: PageProps): VNode {
  const address = params['address'] ?? '';
  const loaded = useLoad((signal) => loadExpert(address, signal), address, { everyMs: EVERY_MS });
  const card = loaded.data?.card;
  return (
    <Page
      title={card === undefined ? 'Expert' : card.name}
      lead={<Hash text={address} what="address" to={pathTo.account(address)} />}
    >
      <Show of={loaded} what="the expert" lines={10}>
        {(data) => <Content {...data} />}
      </Show>
    </Page>
  );
}

async function loadExpert(expert: string, signal: AbortSignal): Promise<Loaded> {
  const [card, reputation, stats, settled, lineage] = await Promise.all([
    callRpc('expert_get', { expert }, signal),
    callRpc('reputation_explain', { expert }, signal),
    callRpc('expert_stats', { expert }, signal),
    loadSettled(signal, expert),
    lineageOf(expert, signal),
  ]);
  return { card, reputation, stats, settled, line: lineage?.line ?? null, learns: lineage?.learns ?? null };
}

async function lineageOf(expert: string, signal: AbortSignal) {
  try {
    return await callRpc('model_lineage', { expert, limit: 1 }, signal);
  } catch (error) {
    if (problemOf(error).code === 'LINEAGE_EMPTY') return null;
    throw error;
  }
}

function Content({ card, reputation, stats, settled, line, learns }: Loaded): VNode {
  const standing = expertStanding(card, height.value);
  const work = workOf(card.address, settled);
  return (
    <>
      <p class="lede">
        <Badge tone={standing.tone}>{standing.word}</Badge> {standing.why}
      </p>
      <dl class="tiles">
        <Tile
          name={`Reputation in ${reputation.domain}`}
          value={<ReputationBar mean={ppmOf(reputation.mean)} deviation={ppmOf(reputation.deviation)} />}
          note={`after ${plural(reputation.answers, 'answer')}`}
        />
        <Tile
          name="Last scores"
          value={
            work.scores.length < 2 ? (
              '–'
            ) : (
              <Sparkline values={work.scores} most={1_000_000} label={`Its last ${work.scores.length} scores`} />
            )
          }
          note={`mean ${stats.meanScore === null ? '–' : threeDecimals(stats.meanScore)} of ${plural(stats.scored, 'scored answer')}`}
        />
        <Tile
          name="Agreement of its judges"
          value={work.agreement === null ? '–' : ppmPercent(work.agreement)}
          note={`over its last ${plural(settled.length, 'question')}`}
        />
        <Tile
          name="Earned"
          value={<Syn nano={stats.paid} />}
          note={`blocks ${formatCount(stats.from)} to ${formatCount(stats.to)}`}
        />
      </dl>
      <div class="columns">
        <Panel title="Work" note={`blocks ${formatCount(stats.from)} to ${formatCount(stats.to)}`}>
          <Facts items={workFacts({ stats, work, card, line, learns })} />
          <Versions stats={stats} />
        </Panel>
        <Panel title="Terms">
          <Facts items={termFacts(card)} />
        </Panel>
      </div>
      <ModelCard card={card} />
      <ReputationFormula explained={reputation} />
      <Panel title="Its last questions">
        {settled.length === 0 ? (
          <Empty title="None of its questions has settled yet.">
            <Go to="/ask">Ask something in {card.domain}</Go>.
          </Empty>
        ) : (
          <QuestionTable
            items={settled.map(({ listed }) => listed).toReversed()}
            caption={`Last questions of ${card.name}`}
          />
        )}
      </Panel>
      <RawJson method="expert_get" value={card} />
    </>
  );
}

type WorkInput = Pick<Loaded, 'stats' | 'card' | 'line' | 'learns'> & { readonly work: ReturnType<typeof workOf> };

function workFacts({ stats, work, card, line, learns }: WorkInput): Parameters<typeof Facts>[0]['items'] {
  return [
    ['Drawn for', plural(stats.assignments, 'question')],
    ['Answered', `${formatCount(stats.answered)}, ${formatCount(stats.best)} of them best`],
    ['Blocks to settle', work.blocksP50 === null ? '–' : `${work.blocksP50} for half, ${work.blocksP95} for 95 of 100`],
    [
      'Run again',
      `${stats.verdicts.match} matched, ${stats.verdicts.mismatch} did not, ${stats.verdicts.other} undecided`,
    ],
    ['Lost of its bond', <Syn key="slashed" nano={stats.slashed} />],
    ['At work now', `${card.active} of ${card.capacity} at a time`],
    ['Answers with', versionText(card, line, learns)],
  ];
}

function versionText(card: ExpertCard, line: Line | null, learns: boolean | null): VNode | string {
  if (line === null || line.stable === 0) return 'what it was registered with';
  if (learns === false) return `what it was registered with: it declines ${card.domain}'s versions`;
  return (
    <Go to={`/learning?domain=${card.domain}&version=${line.stable}`}>
      version {line.stable} of {card.domain}
    </Go>
  );
}

function Versions({ stats }: { readonly stats: Result<'expert_stats'> }): VNode | null {
  if (stats.versions.length < 2) return null;
  return (
    <Table caption="Answers by version" head={['Version', ['Answers', 'num'], ['Mean score', 'num']]}>
      {stats.versions.map(({ version, answers, meanScore }) => (
        <tr key={version}>
          <td>{version === 0 ? 'as registered' : `version ${version}`}</td>
          <td class="num">{formatCount(answers)}</td>
          <td class="num">{meanScore === null ? '–' : threeDecimals(meanScore)}</td>
        </tr>
      ))}
    </Table>
  );
}

function termFacts(card: ExpertCard): Parameters<typeof Facts>[0]['items'] {
  return [
    [
      'Domain',
      <Go key="domain" to={`/experts?domain=${card.domain}`}>
        {card.domain}
      </Go>,
    ],
    ['Operator', <Hash key="operator" text={card.operator} what="address" to={pathTo.account(card.operator)} />],
    ['1,000 bytes read', <Syn key="in" nano={BigInt(card.priceInPerByte) * 1_000n} digits={9} />],
    ['1,000 bytes written', <Syn key="out" nano={BigInt(card.priceOutPerByte) * 1_000n} digits={9} />],
    ['1,000 bytes quoted', <Syn key="quote" nano={BigInt(card.priceQuotePerByte) * 1_000n} digits={9} />],
    ['Bond', <Syn key="bond" nano={card.bond} />],
    [
      'Registered in',
      <Go key="at" to={pathTo.block(card.registeredAt)}>
        block {formatCount(card.registeredAt)}
      </Go>,
    ],
  ];
}
