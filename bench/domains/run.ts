/**
 * Are the experts worth asking? Measures, on split `test` of every domain's questions: retrieval (R@1/3/5), answers (contains, strict, F1,
 * citation that supports), refusals in every situation, calibration, latency, and the comparison of systems on the same questions.
 * `--each N` looks at N questions a domain and kind of refusal, half of them by hand; `--sample N` of those go to the systems.
 * Usage: node bench/domains/run.ts [--data DIR] [--domains a,b] [--systems bare,passages-1,quote,ours] [--sample N] [--each N] [--adapters DIR]
 *   [--seeds N] [--failures] [--cards]. Writes bench/results/domains.json; with --cards also each domain's scores.json, which cards show.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Question } from '../../packages/experts/src/questions/question.ts';
import { contains, f1, strict } from '../../packages/experts/src/questions/scoring.ts';
import { rank, shippedCoefficients } from '../../packages/inference/src/retrieval/rank.ts';
import { quantile, type Row, report } from '../table.ts';
import { control, type Domain, loadDomains, openEngine, prefetchQuestions } from './load.ts';
import { adaptersOf, createSystems, type System } from './systems.ts';
import { type Situation, supports, variantsOf } from './variants.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    domains: { type: 'string', default: '' },
    systems: { type: 'string', default: 'quote,ours' },
    each: { type: 'string', default: '0' },
    sample: { type: 'string', default: '0' },
    adapters: { type: 'string' },
    seeds: { type: 'string', default: '3' },
    failures: { type: 'boolean', default: false },
    cards: { type: 'boolean', default: false },
  },
});

const percent = (value: number) => (Number.isNaN(value) ? '–' : `${(100 * value).toFixed(1)} %`);
const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
const share = <T>(list: readonly T[], is: (item: T) => boolean) => mean(list.map((item) => (is(item) ? 1 : 0)));

/** What retrieval alone does with one variant of a question. */
type Looked = {
  readonly domain: string;
  readonly question: Question;
  readonly text: string;
  readonly situation: Situation;
  readonly probability: number;
  /** Place of the first passage that supports the answer, from 1; 0 when none was found. */
  readonly place: number;
  readonly best: string;
  readonly ms: number;
};

async function look(domain: Domain, question: Question): Promise<Looked[]> {
  const { retriever, passages } = domain.knowledge;
  const looked: Looked[] = [];
  for (const variant of variantsOf(question)) {
    const startedMs = performance.now();
    const found = await retriever.candidates(variant.text, control, (i) => variant.without(passages[i]!));
    const ranked = rank(found, shippedCoefficients);
    const ms = performance.now() - startedMs;
    const place = 1 + ranked.findIndex(({ row }) => supports(passages[found[row]!.index]!, variant.question));
    const first = ranked[0];
    looked.push({
      domain: domain.name,
      question,
      text: variant.text,
      situation: variant.situation,
      probability: first?.probability ?? 0,
      place,
      best: first === undefined ? '' : passages[found[first.row]!.index]!.text,
      ms,
    });
  }
  return looked;
}

function printRetrieval(all: readonly Looked[]): void {
  console.log('\nretrieval, questions that have an answer: share whose passage supports it');
  const answerable = all.filter(({ situation }) => situation === 'answerable');
  for (const [name, own] of groups(answerable, ({ domain, question }) => `${domain} ${question.kind}`)) {
    const at = (k: number) => percent(share(own, ({ place }) => place >= 1 && place <= k)).padStart(8);
    console.log(`  ${name.padEnd(22)} ${String(own.length).padStart(5)}  R@1 ${at(1)}  R@3 ${at(3)}  R@5 ${at(5)}`);
  }
}

const isRefused = ({ probability }: Looked) => probability < shippedCoefficients.threshold;

function printRefusals(all: readonly Looked[]): void {
  console.log(`\nrefusals (threshold ${shippedCoefficients.threshold}, chosen on split tune)`);
  for (const [name, own] of groups(
    all,
    ({ situation, domain, question }) => `${situation} / ${domain} ${question.kind}`,
  )) {
    console.log(`  ${name.padEnd(44)} ${String(own.length).padStart(5)}  refused ${percent(share(own, isRefused))}`);
  }
}

function printCalibration(all: readonly Looked[]): void {
  console.log('\ncalibration: said probability against share right, over all situations');
  for (let low = 0; low < 1; low += 0.1) {
    const own = all.filter(({ probability }) => probability >= low && (probability < low + 0.1 || low > 0.85));
    if (own.length === 0) continue;
    const right = share(own, ({ place, situation }) => situation === 'answerable' && place === 1);
    const said = mean(own.map(({ probability }) => probability));
    console.log(
      `  ${low.toFixed(1)}–${(low + 0.1).toFixed(1)}  ${String(own.length).padStart(5)}  said ${percent(said).padStart(7)}  right ${percent(right)}`,
    );
  }
}

function groups<T>(list: readonly T[], key: (item: T) => string): [string, T[]][] {
  const byKey = [...Map.groupBy(list, key)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [...byKey, ['all', [...list]]];
}

type Scored = {
  readonly domain: string;
  readonly question: Question;
  readonly text: string;
  readonly grounding: string;
  readonly contains: boolean;
  readonly strict: boolean;
  readonly f1: number;
  readonly supported: boolean;
  readonly refused: boolean;
  readonly ms: number;
};

async function score(system: System, domain: Domain, question: Question): Promise<Scored> {
  const startedMs = performance.now();
  const reply = await system.reply(domain, question.question);
  const ms = performance.now() - startedMs;
  const cited = reply.cited === null ? undefined : domain.knowledge.passages[reply.cited];
  return {
    domain: domain.name,
    question,
    text: reply.text,
    grounding: reply.grounding,
    contains: contains(reply.text, question),
    strict: strict(reply.text, question),
    f1: f1(reply.text, question),
    supported: cited !== undefined && supports(cited, question),
    refused: reply.refused,
    ms,
  };
}

/** Share among the answers that are given: a refusal is no wrong answer. */
function ofGiven(scored: readonly Scored[], is: (one: Scored) => boolean): number {
  return share(
    scored.filter(({ refused }) => !refused),
    is,
  );
}

function summary(scored: readonly Scored[]) {
  return {
    questions: scored.length,
    contains: mean(scored.map((one) => (one.contains ? 1 : 0))),
    supported: mean(scored.map((one) => (one.contains && one.supported ? 1 : 0))),
    strict: mean(scored.map((one) => (one.strict ? 1 : 0))),
    supportedOfGiven: ofGiven(scored, (one) => one.contains && one.supported),
    strictOfGiven: ofGiven(scored, (one) => one.strict),
    f1: mean(scored.map((one) => one.f1)),
    refused: mean(scored.map((one) => (one.refused ? 1 : 0))),
    phrased: mean(scored.map((one) => (one.grounding === 'phrased' ? 1 : 0))),
    msMedian: quantile(
      scored.map(({ ms }) => ms),
      0.5,
    ),
    msP95: quantile(
      scored.map(({ ms }) => ms),
      0.95,
    ),
  };
}

function printScores(name: string, scored: readonly Scored[]): void {
  console.log(`\n${name}`);
  for (const [group, own] of groups(scored, ({ domain, question }) => `${domain} ${question.kind}`)) {
    const s = summary(own);
    const cells = [s.contains, s.supported, s.strict, s.f1, s.refused].map((value) => percent(value).padStart(8));
    console.log(
      `  ${group.padEnd(22)} ${String(s.questions).padStart(5)}  contains ${cells[0]}  cited ${cells[1]}  strict ${cells[2]}  F1 ${cells[3]}  refused ${cells[4]}  ms ${s.msMedian.toFixed(0)} / ${s.msP95.toFixed(0)}`,
    );
  }
}

/** An equal share of each domain and kind, the same on every machine; all of them for 0. */
function sampled(questions: readonly Question[], count: number): Question[] {
  if (count === 0) return [...questions];
  const key = ({ id, question }: Question) =>
    createHash('sha256')
      .update(id + question)
      .digest('hex');
  const hand = questions.filter(({ kind }) => kind === 'hand');
  const rest = questions.filter(({ kind }) => kind !== 'hand');
  const take = (list: Question[], n: number) => list.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)).slice(0, n);
  return [...take(hand, Math.ceil(count / 2)), ...take(rest, Math.floor(count / 2))];
}

const engine = await openEngine();
const domains = await loadDomains(engine, { data: values.data, only: values.domains.split(',').filter(Boolean) });
const testOf = (domain: Domain) => {
  const own = domain.questions.filter(({ split }) => split === 'test');
  const bySituation = Map.groupBy(own, ({ unanswerable }) => unanswerable ?? 'none');
  return [...bySituation.values()].flatMap((questions) => sampled(questions, Number(values.each)));
};

const looked: Looked[] = [];
for (const domain of domains) {
  await prefetchQuestions(
    domain,
    testOf(domain)
      .flatMap(variantsOf)
      .map(({ text }) => text),
  );
  for (const question of testOf(domain)) looked.push(...(await look(domain, question)));
}
printRetrieval(looked);
printRefusals(looked);
printCalibration(looked);
if (values.failures) printFailures(looked);

function printFailures(all: readonly Looked[]): void {
  for (const one of all) {
    const isWrong = one.situation === 'answerable' ? one.place !== 1 || isRefused(one) : !isRefused(one);
    if (!isWrong) continue;
    console.log(
      `✖ ${one.situation} ${one.domain} ${one.question.kind} p=${one.probability.toFixed(2)} place ${one.place}`,
    );
    console.log(`   ${one.text}\n   → ${one.best}\n   ≠ ${one.question.passage ?? one.question.gold.join(' | ')}`);
  }
}

const systemNames = values.systems.split(',').filter(Boolean);
const trained = new Set(['adapter', 'adapter+passages-1']);
const tables: Record<string, ReturnType<typeof summary>[]> = {};
const scoredBy = new Map<string, readonly Scored[]>();
for (const name of systemNames) {
  const seeds = trained.has(name) ? Number(values.seeds) : 1;
  tables[name] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const adapter = (domain: string) => adaptersOf(domain, values.adapters)[seed] ?? null;
    if (trained.has(name) && domains.every((domain) => adapter(domain.name) === null)) break;
    const system = createSystems(engine, adapter).get(name);
    if (system === undefined) throw new Error(`There is no system "${name}".`);
    const scored: Scored[] = [];
    for (const domain of domains) {
      const answerable = testOf(domain).filter(({ unanswerable }) => unanswerable === null);
      for (const question of sampled(answerable, Number(values.sample)))
        scored.push(await score(system, domain, question));
    }
    printScores(seeds === 1 ? name : `${name}, adapter ${seed + 1}`, scored);
    tables[name].push(summary(scored));
    scoredBy.set(name, scored);
  }
}
await engine.close();

const refusedIn = (situation: Situation) =>
  share(
    looked.filter((one) => one.situation === situation),
    isRefused,
  );
const answerable = looked.filter(({ situation }) => situation === 'answerable');
const goal = (figure: string, value: number, least: number): Row => ({
  figure,
  value: percent(value),
  goal: `≥ ${100 * least} %`,
  met: value >= least,
});
const own = tables['ours']?.[0];
const falseRefusals = share(answerable, isRefused);
const rows: Row[] = [
  goal(
    'R@1: the best passage supports the answer',
    share(answerable, ({ place }) => place === 1),
    0.92,
  ),
  ...(own === undefined
    ? []
    : [
        goal('answers that contain the gold, citation supports; refusals are wrong', own.supported, 0.92),
        goal('the same among the answers given', own.supportedOfGiven, 0.92),
        goal('strict short answers; refusals are wrong', own.strict, 0.75),
        goal('the same among the answers given', own.strictOfGiven, 0.75),
      ]),
  goal('refused: supporting passages removed', refusedIn('gold removed'), 0.85),
  goal('refused: whole relation removed', refusedIn('relation removed'), 0.85),
  goal('refused: unknown entity', refusedIn('unknown entity'), 0.85),
  goal('refused: unknown relation', refusedIn('unknown relation'), 0.85),
  { figure: 'false refusals', value: percent(falseRefusals), goal: '≤ 12 %', met: falseRefusals <= 0.12 },
  {
    figure: 'retrieval time, median / p95',
    value: `${quantile(
      answerable.map(({ ms }) => ms),
      0.5,
    ).toFixed(0)} / ${quantile(
      answerable.map(({ ms }) => ms),
      0.95,
    ).toFixed(0)} ms`,
    goal: '–',
    met: null,
  },
];
if (values.cards) for (const domain of domains) writeScores(domain);

/** Percentages of one domain, for its card; they hold for the passages of this root alone. */
function writeScores({ name, folder, knowledge }: Domain): void {
  const whole = (value: number) => Math.round(1_000 * value) / 10;
  const figures = ['quote', 'ours'].flatMap((system): [string, number][] => {
    const own = scoredBy.get(system)?.filter(({ domain }) => domain === name) ?? [];
    if (own.length === 0) return [];
    const { questions, contains: held, supported, strict: short, refused } = summary(own);
    const label = system === 'ours' ? 'answer' : 'best passage';
    return [
      [`questions of split test, ${label}`, questions],
      [`${label} holds the gold, %`, whole(held)],
      [`${label} is cited rightly, %`, whole(supported)],
      [`${label} says little else, %`, whole(short)],
      ...(system === 'ours' ? [['refused though known, %', whole(refused)] as [string, number]] : []),
    ];
  });
  const scores = { root: knowledge.card.root, figures: Object.fromEntries(figures) };
  writeFileSync(join(folder, 'scores.json'), `${JSON.stringify(scores, null, 2)}\n`);
}

report('domains', rows, { threshold: shippedCoefficients.threshold, systems: tables });
