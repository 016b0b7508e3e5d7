/**
 * Fits the retrieval's coefficients: the ranking score and the log-odds that the best passage answers on split `train`, the threshold of refusal
 * on split `tune`. One set for all domains, so that domains built by users get it too. Writes
 * packages/inference/src/retrieval/coefficients.json. Usage: node bench/domains/fit.ts [--data DIR] [--domains a,b] [--dry]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Question } from '../../packages/experts/src/questions/question.ts';
import { FEATURES } from '../../packages/inference/src/retrieval/features.ts';
import { type Coefficients, leadOf, rank, weigh } from '../../packages/inference/src/retrieval/rank.ts';
import { control, type Domain, loadDomains, openEngine } from './load.ts';
import { type Example, fitChoice, fitOdds } from './logistic.ts';
import { type Situation, supports, type Variant, variantsOf } from './variants.ts';

/** One variant with its candidates' features; `right` marks those that answer. */
type Case = {
  readonly domain: string;
  readonly variant: Variant;
  readonly rows: readonly (readonly number[])[];
  readonly right: readonly boolean[];
};

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    domains: { type: 'string', default: '' },
    dry: { type: 'boolean', default: false },
  },
});

async function casesOf(domain: Domain, questions: readonly Question[]): Promise<Case[]> {
  const { retriever, passages } = domain.knowledge;
  const cases: Case[] = [];
  for (const variant of questions.flatMap(variantsOf)) {
    const found = await retriever.candidates(variant.text, control, (i) => variant.without(passages[i]!));
    if (found.length === 0) continue;
    const rows = found.map(({ features }) => features);
    const right = found.map(({ index }) => supports(passages[index]!, variant.question));
    cases.push({ domain: domain.name, variant, rows, right });
  }
  return cases;
}

/** Each domain and each situation weighs the same, however many questions it has. */
function weightsOf(cases: readonly Case[]): number[] {
  const key = ({ domain, variant }: Case) => `${domain} ${variant.situation} ${variant.question.kind}`;
  const counts = Map.groupBy(cases, key);
  return cases.map((one) => (one.variant.situation === 'answerable' ? 2 : 1) / counts.get(key(one))!.length);
}

const named = (weights: readonly number[]) =>
  Object.fromEntries(FEATURES.map((name, i) => [name, round(weights[i]!)])) as Coefficients['rank'];
const round = (value: number) => Math.round(value * 10_000) / 10_000;

function fitRank(cases: readonly Case[]): Coefficients['rank'] {
  const usable = cases.filter(({ variant, right }) => variant.situation === 'answerable' && right.includes(true));
  return named(fitChoice(usable, weightsOf(usable)));
}

function fitAnswers(cases: readonly Case[], rankWeights: Coefficients['rank']): Coefficients['answers'] {
  const examples = cases.map(({ rows, right }): Example => {
    const scores = rows.map((row) => weigh(row, rankWeights));
    const order = scores.map((_, i) => i).toSorted((a, b) => scores[b]! - scores[a]!);
    const best = order[0]!;
    return { row: [...rows[best]!, scores[best]!, leadOf(scores, best, order[1])], right: right[best]! };
  });
  const fitted = fitOdds(examples, weightsOf(cases));
  const [score, lead] = fitted.slice(FEATURES.length);
  return { ...named(fitted), score: round(score!), lead: round(lead!) };
}

type Judged = { readonly situation: Situation; readonly probability: number; readonly right: boolean };

function judge(cases: readonly Case[], coefficients: Coefficients): Judged[] {
  return cases.map(({ variant, rows, right }) => {
    const best = rank(rows, coefficients)[0]!;
    return { situation: variant.situation, probability: best.probability, right: right[best.row]! };
  });
}

const share = <T>(items: readonly T[], is: (item: T) => boolean) =>
  items.length === 0 ? Number.NaN : items.filter(is).length / items.length;

/** The threshold that loses least: a false refusal counts as much as an invented answer in each situation's mean. */
function chooseThreshold(judged: readonly Judged[]): number {
  const bySituation = Map.groupBy(judged, ({ situation }) => situation);
  const cost = (threshold: number) => {
    const falseRefusals = share(bySituation.get('answerable') ?? [], ({ probability }) => probability < threshold);
    const refusals = [...bySituation].filter(([situation]) => situation !== 'answerable');
    const worst = Math.min(...refusals.map(([, all]) => share(all, ({ probability }) => probability < threshold)));
    return falseRefusals / 0.12 + (1 - worst) / 0.15;
  };
  const tried = Array.from({ length: 97 }, (_, i) => (i + 2) / 100);
  return tried.reduce((best, threshold) => (cost(threshold) < cost(best) ? threshold : best));
}

function describe(name: string, judged: readonly Judged[], threshold: number): void {
  for (const [situation, all] of Map.groupBy(judged, (one) => one.situation)) {
    const refused = share(all, ({ probability }) => probability < threshold);
    const right = situation === 'answerable' ? `, best passage right ${percent(share(all, (one) => one.right))}` : '';
    console.log(
      `  ${name.padEnd(18)} ${situation.padEnd(18)} ${String(all.length).padStart(5)}  refused ${percent(refused)}${right}`,
    );
  }
}
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;

const engine = await openEngine();
const domains = await loadDomains(engine, { data: values.data, only: values.domains.split(',').filter(Boolean) });
const split = async (name: Question['split']) => {
  const all: Case[] = [];
  for (const domain of domains)
    all.push(
      ...(await casesOf(
        domain,
        domain.questions.filter((q) => q.split === name),
      )),
    );
  return all;
};
const train = await split('train');
const tune = await split('tune');
const rankWeights = fitRank(train);
const answers = fitAnswers(train, rankWeights);
const untuned = { rank: rankWeights, answers, threshold: 0.5 };
const coefficients = { ...untuned, threshold: chooseThreshold(judge(tune, untuned)) };
console.log(JSON.stringify(coefficients, null, 1));
for (const [name, cases] of [
  ['train', train],
  ['tune', tune],
] as const) {
  describe(name, judge(cases, coefficients), coefficients.threshold);
  for (const domain of domains) {
    const own = cases.filter((one) => one.domain === domain.name);
    describe(`${name} ${domain.name}`, judge(own, coefficients), coefficients.threshold);
  }
}
if (!values.dry) {
  const file = new URL('../../packages/inference/src/retrieval/coefficients.json', import.meta.url);
  writeFileSync(file, `${JSON.stringify(coefficients, null, 2)}\n`);
}
await engine.close();
