/**
 * Does reputation send questions to those who know? The chain selects respondents for recorded questions of four domains and pays, scores and
 * remembers as in production; beside it the same questions under random choice, round robin, the best fixed choice and an oracle.
 * Usage: node bench/market/selection.ts [--respondents 1,2,3] [--runs 10] [--sharpness N] [--exploration PPM] [--forgetting PPM].
 * Writes bench/results/market-selection.json.
 */
import { parseArgs } from 'node:util';
import { type Row, report } from '../table.ts';
import type { ExpertPlan } from './market-chain.ts';
import { MarketRun } from './market-run.ts';
import { PARAM_FLAGS, paramFlags } from './param-flags.ts';
import { DOMAINS } from './population.ts';
import type { RecordedQuestion } from './recording.ts';
import { deliveredAnswer, expertOf, loadRecordings, permutationP, recordedScript, SCORERS } from './replay.ts';
import { shuffled } from './shuffle.ts';
import {
  atRandom,
  bestFixed,
  bestOf,
  byOracle,
  type Delivered,
  deliveredBy,
  inTurn,
  meanDelivered,
} from './strategies.ts';

/** Two that know, two that only write, two that are wrong: one in good faith, one not. */
const POPULATION = ['good', 'lesser-85', 'generic', 'generic-adapted', 'stranger', 'liar'];

const { values } = parseArgs({
  options: {
    ...PARAM_FLAGS,
    respondents: { type: 'string', default: '1,2,3' },
    runs: { type: 'string', default: '10' },
  },
});
const params = paramFlags();
const runs = Number(values.runs);
const recordings = loadRecordings();
const domains = DOMAINS.filter((name) => recordings.questions.some(({ domain }) => domain === name));
const experts: ExpertPlan[] = domains.flatMap((domain) =>
  POPULATION.map((plays) => expertOf(recordings, `${domain}-${plays}`, domain)),
);
const roles = new Map(domains.flatMap((domain) => POPULATION.map((plays) => [`${domain}-${plays}`, plays] as const)));

/** What the market delivered, by question; the questions come in another order in every run. */
function byReputation(count: number, seed: string): Map<string, Delivered> {
  const run = new MarketRun({ seed, scorers: SCORERS, experts, params }, recordedScript(recordings, roles));
  const delivered = new Map<string, Delivered>();
  for (const question of shuffled(recordings.questions, seed)) {
    const receipt = run.ask({ prompt: question.question, domain: question.domain, respondents: count });
    delivered.set(question.id, deliveredBy(deliveredAnswer(receipt, question)));
  }
  if (!run.chain.state.supply().ok) throw new Error('money was lost');
  return delivered;
}

type Strategy = (question: RecordedQuestion, at: number) => Delivered;

function strategies(count: number): Record<string, Strategy> {
  const fixed = new Map(
    domains.map((name) => [
      name,
      bestFixed(
        recordings.questions.filter(({ domain }) => domain === name),
        POPULATION,
        count,
      ),
    ]),
  );
  return {
    random: (question) => atRandom(question, POPULATION, count),
    'round robin': (question, at) => inTurn(question, POPULATION, count, at),
    'best fixed': (question) => deliveredBy(bestOf(question, fixed.get(question.domain)!)),
    oracle: (question) => byOracle(question, POPULATION),
  };
}

/** Right answers over the best fixed choice's, on the questions that came after half of a run had taught the chain. */
function laterHalf(measured: readonly Map<string, Delivered>[], best: ReadonlyMap<string, Delivered>): number {
  const shares = measured.map((run) => {
    const later = [...run.keys()].slice(run.size / 2);
    const rightOf = (each: ReadonlyMap<string, Delivered>) => later.reduce((sum, id) => sum + each.get(id)!.right, 0);
    return rightOf(run) / rightOf(best);
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const rows: Row[] = [];
const details: Record<string, unknown> = {};

for (const count of values.respondents.split(',').map(Number)) {
  const others = Object.entries(strategies(count)).map(([name, strategy]) => {
    const each = new Map(recordings.questions.map((question, at) => [question.id, strategy(question, at)]));
    return { name, each };
  });
  const measured = Array.from({ length: runs }, (_, i) => byReputation(count, `selection ${i}`));
  const pooled = new Map(
    recordings.questions.map(({ id }) => [id, meanDelivered(measured.map((run) => run.get(id)!))]),
  );
  const all = [{ name: 'reputation', each: pooled }, ...others];
  const summary = Object.fromEntries(all.map(({ name, each }) => [name, meanDelivered([...each.values()])]));
  const best = summary['best fixed']!;
  const own = summary['reputation']!;
  const random = others.find(({ name }) => name === 'random')!.each;
  const differences = (run: Map<string, Delivered>) =>
    recordings.questions.map(({ id }) => run.get(id)!.right - random.get(id)!.right);
  const worstP = Math.max(...measured.map((run, i) => permutationP(differences(run), `permutation ${i}`)));
  const share = own.right / best.right;
  const laterShare = laterHalf(measured, others.find(({ name }) => name === 'best fixed')!.each);
  rows.push(
    ...all.map(({ name }) => ({
      figure: `${count} respondents, ${name}: right / exact / score`,
      value: `${percent(summary[name]!.right)} / ${percent(summary[name]!.exact)} / ${percent(summary[name]!.score)}`,
      goal: '–',
      met: null,
    })),
    {
      figure: `${count} respondents: right answers, share of the best fixed choice's`,
      value: percent(share),
      goal: '≥ 95 %',
      met: share >= 0.95,
    },
    {
      figure: `${count} respondents: the same in the later half of each run`,
      value: percent(laterShare),
      goal: '–',
      met: null,
    },
    {
      figure: `${count} respondents: against random, largest p of ${runs} runs`,
      value: worstP.toExponential(1),
      goal: '< 0.01',
      met: worstP < 0.01,
    },
  );
  details[`respondents ${count}`] = {
    summary,
    laterShare,
    worstP,
    byRun: measured.map((run) => meanDelivered([...run.values()])),
  };
}
report('market-selection', rows, {
  params,
  population: POPULATION,
  questions: recordings.questions.length,
  runs,
  ...details,
});
