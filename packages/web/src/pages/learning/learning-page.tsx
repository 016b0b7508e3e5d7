/** Learning, domain by domain: curves with a marker for each version, where the selected one came from, rounds under way, feedback. */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Line } from '../../api/rpc-types.ts';
import { useLoad } from '../../api/use-rpc.ts';
import { replacePlace } from '../../data/replace-place.ts';
import { Tabs } from '../../data/tabs.tsx';
import { Tile } from '../../data/tile.tsx';
import { formatCount, plural } from '../../format/numbers.ts';
import { threeDecimals } from '../../format/ratios.ts';
import { experts } from '../../live/chain-live.ts';
import type { PageProps } from '../../routes.ts';
import { Page, Panel } from '../../ui/panel.tsx';
import { Empty, Loading, Show } from '../../ui/states.tsx';
import { Go } from '../../ui/values.tsx';
import '../../styles/data.css';
import './learning.css';
import { domainsOf } from '../experts/expert-model.ts';
import { Curves } from './curves.tsx';
import { FeedbackPanel } from './feedback-panel.tsx';
import { type DomainLearning, loadDomain, loadLines } from './learning-data.ts';
import { Rounds } from './rounds-panel.tsx';
import { VersionPanel } from './version-panel.tsx';
import { VersionTable } from './version-table.tsx';

const limits = { domainEveryMs: 2_000, linesEveryMs: 10_000 } as const;

export function LearningPage({ query }: PageProps): VNode {
  const domains = domainsOf(experts.value);
  const lines = useLoad((signal) => loadLines(domains, signal), domains.join(), {
    everyMs: limits.linesEveryMs,
    when: domains.length > 0,
  });
  const domain = query.get('domain') ?? firstDomain(domains, lines.data);
  return (
    <Page title="Learning" lead="What users taught, what became of it, and whether it helped.">
      {domain === null ? (
        <Loading what="domains" lines={4} />
      ) : (
        <>
          <Tabs
            label="Domains"
            items={domains.map((name) => ({
              key: name,
              text: name,
              note: lineNote(lines.data?.get(name) ?? null),
              to: `/learning?domain=${name}`,
            }))}
            current={domain}
          />
          <Domain key={domain} domain={domain} wanted={versionOf(query)} />
        </>
      )}
    </Page>
  );
}

/** The domain with most versions, and of equal ones that with most feedback. Null while nothing is known. */
function firstDomain(domains: readonly string[], lines: ReadonlyMap<string, Line | null> | null): string | null {
  if (lines === null) return null;
  const weight = (name: string) => (lines.get(name)?.last ?? -1) * 1_000_000 + (lines.get(name)?.feedback ?? 0);
  return domains.toSorted((a, b) => weight(b) - weight(a))[0] ?? null;
}

function lineNote(line: Line | null): string {
  if (line === null) return '';
  return line.last === 0 ? plural(line.feedback, 'feedback', 'feedback') : `v${line.stable}`;
}

function versionOf(query: URLSearchParams): number | null {
  const text = query.get('version');
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function Domain({ domain, wanted }: { readonly domain: string; readonly wanted: number | null }): VNode {
  const loaded = useLoad((signal) => loadDomain(domain, signal), domain, { everyMs: limits.domainEveryMs });
  return (
    <Show of={loaded} what={`what ${domain} learnt`} lines={8}>
      {(data) =>
        data.line === null ? (
          <NothingTaught domain={domain} />
        ) : (
          <Learnt domain={domain} data={data} line={data.line} wanted={wanted} />
        )
      }
    </Show>
  );
}

function NothingTaught({ domain }: { readonly domain: string }): VNode {
  return (
    <Panel>
      <Empty title={`Nobody has taught ${domain} anything yet.`}>
        <p>Ask something, say what is right, and its experts train on it in the next round.</p>
        <HowToTeach domain={domain} />
      </Empty>
    </Panel>
  );
}

function HowToTeach({ domain }: { readonly domain: string }): VNode {
  return (
    <div class="how-to">
      <p>
        On the <Go to="/ask">Ask page</Go>, use the buttons under an answer. Or in a terminal:
      </p>
      <pre>{`synod ask --domain ${domain} "…"\nsynod feedback QUERY --correct "the right answer"`}</pre>
    </div>
  );
}

function Learnt(props: {
  readonly domain: string;
  readonly data: DomainLearning;
  readonly line: Line;
  readonly wanted: number | null;
}): VNode {
  const { domain, data, line, wanted } = props;
  const made = useMemo(() => data.versions.filter(({ version }) => version > 0), [data.versions]);
  const selected = made.find(({ version }) => version === wanted) ?? made.at(-1) ?? null;
  const select = (version: number) => replacePlace(`/learning?domain=${domain}&version=${version}`);
  return (
    <>
      <Summary line={line} rounds={data.rounds.length} />
      {made.length === 0 ? (
        <Panel title="Versions">
          <Empty title="No version yet.">
            <p>A round begins when enough feedback is in, or at the end of the epoch with what there is.</p>
            <HowToTeach domain={domain} />
          </Empty>
        </Panel>
      ) : (
        <Curves domain={domain} versions={data.versions} selected={selected?.version ?? null} onSelect={select} />
      )}
      {selected !== null && <VersionPanel version={selected} feedback={data.feedback} />}
      <Rounds rounds={data.rounds} />
      {made.length > 0 && (
        <VersionTable versions={data.versions} line={line} selected={selected?.version ?? null} onSelect={select} />
      )}
      <FeedbackPanel domain={domain} feedback={data.feedback} count={line.feedback} />
    </>
  );
}

function Summary({ line, rounds }: { readonly line: Line; readonly rounds: number }): VNode {
  const { live, baseline, canary } = line;
  return (
    <dl class="tiles">
      <Tile
        name="In use"
        value={line.stable === 0 ? 'as registered' : `version ${line.stable}`}
        note={canary === null ? 'no canary' : `canary: version ${canary.version}`}
      />
      <Tile
        name="Live score"
        value={live.mean === null ? '–' : threeDecimals(live.mean)}
        note={scoreNote(live.answers, baseline)}
      />
      <Tile
        name="Feedback"
        value={formatCount(line.feedback)}
        note={`${formatCount(line.waiting.length)} waiting for a round`}
      />
      <Tile name="Rounds under way" value={formatCount(rounds)} note={`${plural(line.last, 'version')} made`} />
    </dl>
  );
}

function scoreNote(answers: number, baseline: Line['baseline']): string {
  const over = `over ${plural(answers, 'answer')}`;
  return baseline.mean === null ? over : `${over}; the version before had ${threeDecimals(baseline.mean)}`;
}
