/** The dashboard and the alerts ask only for what a node tells: every expression parsed, every metric and label looked up. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { startNode, validatorHome } from '../../packages/cli/test/operating/home.ts';
import { createMemoryNode } from '../../packages/rpc/test/fixture/memory-node.ts';
import { serve } from '../../packages/rpc/test/fixture/serve.ts';
import { type Family, parseExposition } from '../../packages/rpc/test/server/exposition.ts';

const OPS = resolve(import.meta.dirname, '../../ops');

/** Given by whoever scrapes, to every series. */
const SCRAPER_LABELS = ['instance', 'job'];
const SCRAPER_METRICS = ['up'];

type Asked = {
  readonly metrics: readonly string[];
  readonly labels: readonly { name: string; metric: string | null }[];
};

/** What an expression asks for. Throws where it is no PromQL. */
function asked(expression: string): Asked {
  // Grafana puts its own variables in before Prometheus sees them.
  const query = expression.replaceAll('$__range', '1h').replaceAll('$__interval', '1m');
  const metrics: string[] = [];
  const labels: { name: string; metric: string | null }[] = [];
  parser.parse(query).iterate({
    enter(node) {
      const text = query.slice(node.from, node.to);
      if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${query}`);
      if (node.name === 'Identifier') metrics.push(text);
      if (node.name !== 'LabelName') return;
      const isMatcher = node.node.parent?.name === 'UnquotedLabelMatcher';
      labels.push({ name: text, metric: isMatcher ? (metrics.at(-1) ?? null) : null });
    },
  });
  return { metrics, labels };
}

type Panel = {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { expr: string; legendFormat: string }[];
};
type Rule = { readonly alert: string; readonly expr: string; readonly annotations: Readonly<Record<string, string>> };

const dashboard = JSON.parse(readFileSync(join(OPS, 'grafana/synod.json'), 'utf8')) as {
  panels: readonly (Panel & { id: number; description?: string; gridPos: { x: number; w: number } })[];
};
const rules = (parse(readFileSync(join(OPS, 'prometheus-rules.yml'), 'utf8')) as { groups: { rules: Rule[] }[] })
  .groups;

/** Names of series that families bring: histograms have three. */
function seriesOf(families: readonly Family[]): Map<string, Set<string>> {
  const series = new Map<string, Set<string>>(SCRAPER_METRICS.map((name) => [name, new Set()]));
  for (const { name, type, samples } of families) {
    const names = type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
    for (const each of names) {
      const labels = samples.filter((sample) => sample.name === each).flatMap((sample) => Object.keys(sample.labels));
      series.set(each, new Set([...(series.get(each) ?? []), ...labels, ...(each.endsWith('_bucket') ? ['le'] : [])]));
    }
  }
  return series;
}

test('every expression asks for metrics that a real node tells, and for labels that they have', {
  timeout: 60_000,
}, async (t) => {
  const { home } = validatorHome(t);
  const node = startNode(t, home);
  const [, url] = await node.saying(/"rpc":"([^"]+)".*"msg":"node serves requests"/);
  const real = seriesOf(parseExposition(await (await fetch(`${url}/metrics`)).text()));

  // Labels need samples: a node in memory that has done a little of everything, served by the same code.
  const memory = createMemoryNode();
  memory.status = { experts: [memory.experts[0]!.address] };
  const served = await serve(t, {}, memory);
  await served.rpc('query_submit', { prompt: 'hello' });
  const network = { bans: { spam: 1 }, refused: { full: 1 }, bannedNow: 0, dialFailures: 1, knownPeers: 1 };
  const { learningLine } = memory.api;
  const scored = (domain: string) => {
    const line = learningLine(domain);
    return line === null ? null : { ...line, live: { ...line.live, sum: 1_600_000, count: 2 } };
  };
  Object.assign(memory.api, { network: () => network, learningLine: scored });
  const full = seriesOf(parseExposition((await served.get('/metrics')).text));

  const targets = dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map((target) => ({ title, ...target })),
  );
  const expressions = [
    ...targets.map(({ title, expr }) => ({ of: title, expr })),
    ...rules.flatMap((group) => group.rules.map(({ alert, expr }) => ({ of: alert, expr }))),
  ];
  assert.ok(expressions.length > 45, String(expressions.length));
  for (const { of, expr } of expressions) {
    const { metrics, labels } = asked(expr);
    assert.ok(metrics.length > 0, of);
    for (const metric of metrics) assert.ok(real.has(metric) || SCRAPER_METRICS.includes(metric), `${of}: ${metric}`);
    for (const { name, metric } of labels) {
      const known =
        metric === null ? metrics.flatMap((each) => [...(full.get(each) ?? [])]) : [...(full.get(metric) ?? [])];
      assert.ok([...SCRAPER_LABELS, ...known].includes(name), `${of}: label ${name} of ${metric ?? expr}`);
    }
  }
  for (const { title, expr, legendFormat } of targets) {
    const known = asked(expr).metrics.flatMap((each) => [...(full.get(each) ?? [])]);
    for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
      assert.ok([...SCRAPER_LABELS, ...known].includes(label!), `${title}: legend ${label}`);
  }
});

test('what is asked wrongly is found', () => {
  assert.throws(() => asked('sum(rate(synod_x[5m])'), /no PromQL/);
  assert.deepEqual(asked('sum by (le) (rate(a_total{x="1"}[5m]))'), {
    metrics: ['a_total'],
    labels: [
      { name: 'le', metric: null },
      { name: 'x', metric: 'a_total' },
    ],
  });
});

test('the dashboard has a row for each concern, and panels that explain themselves', () => {
  const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);
  assert.deepEqual(rows, ['Validator', 'Network', 'Market', 'Learning']);
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  for (const { type, title, description = '', gridPos } of dashboard.panels) {
    assert.ok(type === 'row' || description.length > 0, title);
    assert.ok(gridPos.x + gridPos.w <= 24, title);
  }
});

test('every alert says what is wrong and what to type, and labels of its text exist', () => {
  const names = rules.flatMap((group) => group.rules.map(({ alert }) => alert));
  assert.equal(new Set(names).size, names.length);
  for (const wanted of [
    'NodeDown',
    'ChainStalled',
    'MissesBlocks',
    'Jailed',
    'FewPeers',
    'DiskLow',
    'ClockSkew',
    'NoWorker',
    'CanaryRolledBack',
  ])
    assert.ok(names.includes(`Synod${wanted}`), wanted);
  for (const { alert, annotations } of rules.flatMap((group) => group.rules)) {
    assert.ok(
      (annotations['summary'] ?? '').length > 0 && /synod|journalctl/.test(annotations['description'] ?? ''),
      alert,
    );
  }
  const prometheus = parse(readFileSync(join(OPS, 'prometheus.yml'), 'utf8'));
  assert.deepEqual(prometheus.rule_files, ['prometheus-rules.yml']);
  assert.equal(prometheus.scrape_configs[0].job_name, 'synod');
});
