/**
 * Fits the retrieval's coefficients: how relations compete, the ranking score and the log-odds that the best passage answers on split `train`, the threshold of refusal
 * on split `tune`. One set for all domains, so that domains built by users get it too. Writes
 * packages/inference/src/retrieval/coefficients.json. At most N questions of a domain, split and kind are used.
 * Usage: node bench/domains/fit.ts [--data DIR] [--domains a,b] [--each N] [--failures] [--dry] [--keep]; with --keep nothing is fitted: it tells what the shipped ones do on tune.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Question } from '../../packages/experts/src/questions/question.ts';
import { FEATURES, type FeatureName } from '../../packages/inference/src/retrieval/features.ts';
import {
  type Coefficients,
  leadOf,
  type Rankable,
  rank,
  shippedCoefficients,
  weigh,
} from '../../packages/inference/src/retrieval/rank.ts';
import { RELATION_FEATURES } from '../../packages/inference/src/retrieval/relation-fit.ts';
import { control, type Domain, loadDomains, openEngine, prefetchQuestions } from './load.ts';
import { type Choice, type Example, fitChoice, fitOdds } from './logistic.ts';
import { roughened, type Situation, supports, type Variant, variantsOf } from './variants.ts';

/** One variant with its candidates' features; `right` marks those that answer. */
type Case = {
  readonly domain: string;
  readonly variant: Variant;
  readonly rows: readonly Rankable[];
  readonly right: readonly boolean[];
  readonly texts: readonly string[];
};

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    domains: { type: 'string', default: '' },
    each: { type: 'string', default: '500' },
    failures: { type: 'boolean', default: false },
    dry: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

/** A bounded choice, the same on every machine. */
function bounded(questions: readonly Question[]): Question[] {
  const key = ({ id }: Question) => createHash('sha256').update(id).digest('hex');
  const sorted = questions.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return [...Map.groupBy(sorted, ({ kind, unanswerable }) => `${kind} ${unanswerable}`).values()].flatMap((own) =>
    own.slice(0, Number(values.each)),
  );
}

async function casesOf(domain: Domain, questions: readonly Question[]): Promise<Case[]> {
  const { retriever, passages } = domain.knowledge;
  const cases: Case[] = [];
  const variants = questions.flatMap(variantsOf).map(roughened);
  await prefetchQuestions(
    domain,
    variants.map(({ text }) => text),
  );
  for (const variant of variants) {
    const found = await retriever.candidates(variant.text, control, (i) => variant.without(passages[i]!));
    if (found.length === 0) continue;
    const right = found.map(({ index }) => supports(passages[index]!, variant.question));
    cases.push({
      domain: domain.name,
      variant,
      rows: found,
      right,
      texts: found.map(({ index }) => passages[index]!.text),
    });
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

/** What each feature may count for (logistic.ts). */
const SIGNS: Record<FeatureName, -1 | 0 | 1> = {
  bias: 0,
  cosine: 1,
  maskedCosine: 1,
  relationCosine: 1,
  relationLead: 1,
  relationOdds: 1,
  relationSure: 1,
  named: 1,
  nameRarity: 1,
  subjectCovered: 1,
  otherNamed: -1,
  nameMissing: -1,
  nothingNamed: -1,
  covered: 1,
  rarestUncovered: -1,
  nameUncovered: -1,
  numberUncovered: -1,
  relationCovered: 1,
  relationNamed: 1,
  valueInQuestion: 1,
  valueKind: 1,
  document: 0,
};
const signs = FEATURES.map((name) => SIGNS[name]);

/** Set, not fitted, as the questions know of no documents: what a user wrote wins over a shipped fact that fits about as well. */
const DOCUMENT_BONUS = 2.5;

/** Which of all relations of the index is asked for, seen from the right name; hand-written questions weigh as much as templates. */
async function fitRelationWeights(all: readonly Domain[]): Promise<Coefficients['relations']> {
  const choices: Choice[] = [];
  const groups: string[] = [];
  for (const domain of all) {
    const asked = bounded(
      domain.questions.filter(({ split, unanswerable }) => split === 'train' && unanswerable === null),
    );
    const variants = asked.map((question) => roughened(variantsOf(question)[0]!));
    await prefetchQuestions(
      domain,
      variants.map(({ text }) => text),
    );
    for (const { text, question } of variants) {
      const found = await domain.knowledge.retriever.relationRows(text, question.subject, control);
      const right = found?.names.map((name) => name === question.relation) ?? [];
      if (found === null || !right.includes(true)) continue;
      choices.push({ rows: found.rows, right });
      groups.push(`${domain.name} ${question.kind}`);
    }
  }
  const counts = Map.groupBy(groups, (group) => group);
  const weights = groups.map((group) => 1 / counts.get(group)!.length);
  const fitted = fitChoice(
    choices,
    weights,
    RELATION_FEATURES.map(() => 1),
  );
  return Object.fromEntries(RELATION_FEATURES.map((name, i) => [name, round(fitted[i]!)])) as Coefficients['relations'];
}

function fitRank(cases: readonly Case[]): Coefficients['rank'] {
  const usable = cases.filter(({ variant, right }) => variant.situation === 'answerable' && right.includes(true));
  return {
    ...named(
      fitChoice(
        usable.map(({ rows, right }) => ({ rows: rows.map(({ features }) => features), right })),
        weightsOf(usable),
        signs,
      ),
    ),
    document: DOCUMENT_BONUS,
  };
}

function fitAnswers(cases: readonly Case[], rankWeights: Coefficients['rank']): Coefficients['answers'] {
  const examples = cases.map(({ rows, right }): Example => {
    const scores = rows.map(({ features }) => weigh(features, rankWeights));
    const order = scores.map((_, i) => i).toSorted((a, b) => scores[b]! - scores[a]!);
    const best = order[0]!;
    return { row: [...rows[best]!.features, scores[best]!, leadOf(rows, scores, best, order)], right: right[best]! };
  });
  const fitted = fitOdds(examples, weightsOf(cases), [...signs, 1, 1]);
  const [score, lead] = fitted.slice(FEATURES.length);
  return { ...named(fitted), score: round(score!), lead: round(lead!) };
}

type Judged = {
  readonly situation: Situation;
  readonly kind: Question['kind'];
  readonly probability: number;
  readonly right: boolean;
};

function judge(cases: readonly Case[], coefficients: Coefficients): Judged[] {
  return cases.map(({ variant, rows, right }) => {
    const best = rank(rows, coefficients)[0]!;
    return {
      situation: variant.situation,
      kind: variant.question.kind,
      probability: best.probability,
      right: right[best.row]!,
    };
  });
}

const share = <T>(items: readonly T[], is: (item: T) => boolean) =>
  items.length === 0 ? Number.NaN : items.filter(is).length / items.length;

/** Fewer questions of a kind than this weigh by their number. */
const KIND_MIN = 50;

/** Share refused; people's questions weigh as much as templates, of which there are many more. */
function refusedShare(judged: readonly Judged[], threshold: number): number {
  const isRefused = ({ probability }: Judged) => probability < threshold;
  const kinds = [...Map.groupBy(judged, ({ kind }) => kind).values()];
  if (kinds.some(({ length }) => length < KIND_MIN)) return share(judged, isRefused);
  return kinds.reduce((sum, own) => sum + share(own, isRefused), 0) / kinds.length;
}

/** The threshold whose worst figure is best, false refusals and invented answers each measured against their goal. */
function chooseThreshold(judged: readonly Judged[]): number {
  const bySituation = Map.groupBy(judged, ({ situation }) => situation);
  const cost = (threshold: number) => {
    const falseRefusals = refusedShare(bySituation.get('answerable') ?? [], threshold);
    const refusals = [...bySituation].filter(([situation]) => situation !== 'answerable');
    const worst = Math.min(...refusals.map(([, all]) => refusedShare(all, threshold)));
    return Math.max(falseRefusals / 0.12, (1 - worst) / 0.15);
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
/** Fails of the tuning split, for those who improve retrieval; the test split stays unseen. */
function listFailures(cases: readonly Case[], coefficients: Coefficients): void {
  for (const { variant, rows, right, texts } of cases) {
    const [best] = rank(rows, coefficients);
    const refused = best!.probability < coefficients.threshold;
    if (variant.situation === 'answerable' ? right[best!.row] && !refused : refused) continue;
    const gold = variant.question.passage ?? variant.question.gold.join(' | ');
    console.log(
      `✖ ${variant.situation} p=${best!.probability.toFixed(2)} ${variant.text}\n   → ${texts[best!.row]}\n   ≠ ${gold}`,
    );
  }
}
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;

function describeAll(name: string, cases: readonly Case[], coefficients: Coefficients): void {
  const told = (group: string, own: readonly Case[]) =>
    describe(group, judge(own, coefficients), coefficients.threshold);
  told(name, cases);
  for (const [domain, own] of Map.groupBy(cases, (one) => one.domain)) told(`${name} ${domain}`, own);
  for (const [kind, own] of Map.groupBy(cases, ({ variant }) => variant.question.kind)) told(`${name} ${kind}`, own);
}

const engine = await openEngine();
const wanted = { data: values.data, only: values.domains.split(',').filter(Boolean) };
const split = async (all: readonly Domain[], name: Question['split']) => {
  const cases: Case[] = [];
  for (const domain of all)
    cases.push(...(await casesOf(domain, bounded(domain.questions.filter((q) => q.split === name)))));
  return cases;
};
if (values.keep) {
  const tune = await split(await loadDomains(engine, wanted), 'tune');
  describeAll('tune', tune, shippedCoefficients);
  console.log(`threshold that tune would choose: ${chooseThreshold(judge(tune, shippedCoefficients))}`);
  if (values.failures) listFailures(tune, shippedCoefficients);
} else {
  await fitAll();
}
await engine.close();

async function fitAll(): Promise<void> {
  const relations = await fitRelationWeights(await loadDomains(engine, wanted));
  console.log(JSON.stringify(relations));
  const domains = await loadDomains(engine, { ...wanted, coefficients: { ...shippedCoefficients, relations } });
  const train = await split(domains, 'train');
  const tune = await split(domains, 'tune');
  const rankWeights = fitRank(train);
  const answers = fitAnswers(train, rankWeights);
  const untuned = { relations, rank: rankWeights, answers, threshold: 0.5 };
  const coefficients = { ...untuned, threshold: chooseThreshold(judge(tune, untuned)) };
  console.log(JSON.stringify(coefficients, null, 1));
  describeAll('train', train, coefficients);
  describeAll('tune', tune, coefficients);
  if (values.failures) listFailures(tune, coefficients);
  if (values.dry) return;
  const file = new URL('../../packages/inference/src/retrieval/coefficients.json', import.meta.url);
  writeFileSync(file, `${JSON.stringify(coefficients, null, 2)}\n`);
}
