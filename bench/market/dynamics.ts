/**
 * How fast does reputation move? On recorded answers through the chain: queries until it tells good experts from bad ones, until an expert
 * that turns bad loses its share of the queries, and what a good newcomer gets of its fair share.
 * Usage: node bench/market/dynamics.ts [--runs 8] [--respondents 2] [--sharpness N] [--exploration PPM] [--forgetting PPM].
 * Writes bench/results/market-dynamics.json.
 */
import { parseArgs } from 'node:util';
import { readReputation, reputationMean } from '@synod/chain';
import { auc } from '../judge/statistics.ts';
import { quantile, type Row, report } from '../table.ts';
import { type ExpertPlan, nameOf, partyOf } from './market-chain.ts';
import { MarketRun } from './market-run.ts';
import { PARAM_FLAGS, paramFlags } from './param-flags.ts';
import { DOMAINS, type DomainName } from './population.ts';
import { expertOf, loadRecordings, recordedScript, SCORERS, sharesOf } from './replay.ts';
import { shuffled } from './shuffle.ts';

const GOOD = ['good', 'quoting', 'lesser-85', 'lesser-70', 'lesser-70b'];
const BAD = ['generic-adapted', 'stranger', 'liar', 'refuser', 'stuffer'];
const POPULATION = [...GOOD, ...BAD];
const SEPARATED_AUC = 0.95;
/** Queries before anything changes, and the most that are waited for a change to show. */
const SETTLED_AFTER = 60;
const WATCHED = 120;
const NEWCOMER_WATCHED = 60;

const { values } = parseArgs({
  options: {
    ...PARAM_FLAGS,
    runs: { type: 'string', default: '8' },
    respondents: { type: 'string', default: '2' },
  },
});
const params = paramFlags();
const respondents = Number(values.respondents);
const recordings = loadRecordings();
const domains = DOMAINS.filter((name) => recordings.questions.some(({ domain }) => domain === name));

class Scene {
  readonly run: MarketRun;
  readonly roles: Map<string, string>;
  readonly #domain: DomainName;
  readonly #questions: readonly (typeof recordings.questions)[number][];
  #asked = 0;

  constructor(domain: DomainName, names: readonly string[], seed: string) {
    this.#domain = domain;
    this.roles = new Map(names.map((name) => [name, name]));
    const experts: ExpertPlan[] = names.map((name) => expertOf(recordings, name, domain));
    this.run = new MarketRun({ seed, scorers: SCORERS, experts, params }, recordedScript(recordings, this.roles));
    const own = recordings.questions.filter((question) => question.domain === domain);
    this.#questions = shuffled(own, seed);
  }

  /** Names of those selected for the next question; the list begins anew when it ends. */
  ask(): string[] {
    const question = this.#questions[this.#asked % this.#questions.length]!;
    this.#asked += 1;
    const receipt = this.run.ask({ prompt: question.question, domain: this.#domain, respondents });
    return receipt.respondents.map(({ expert }) => nameOf(expert));
  }

  mean(name: string): number {
    return reputationMean(readReputation(this.run.chain.state, partyOf(name).address, this.#domain));
  }

  shares(): Map<string, number> {
    return sharesOf(this.run, this.#domain);
  }
}

/** Area under the curve after each query: the chance that a good expert's reputation lies above a bad one's. */
function aucByQuery(domain: DomainName, seed: string): number[] {
  const scene = new Scene(domain, POPULATION, seed);
  return Array.from({ length: WATCHED }, () => {
    scene.ask();
    const means = (names: readonly string[]) => names.map((name) => scene.mean(name));
    return auc(means(GOOD), means(BAD));
  });
}

/** Queries after which the curve is and stays at the goal; WATCHED + 1 when it never does. */
function untilSeparated(curve: readonly number[]): number {
  return curve.findLastIndex((area) => area < SEPARATED_AUC) + 2;
}

/** Queries from the turn until an expert that was good has less than half an equal share. */
function untilShareLost(domain: DomainName, seed: string): number {
  const scene = new Scene(domain, POPULATION, seed);
  for (let asked = 0; asked < SETTLED_AFTER; asked++) scene.ask();
  const [first] = [...scene.shares()].toSorted(([, a], [, b]) => b - a)[0]!;
  scene.roles.set(first, 'liar');
  for (let asked = 1; asked <= WATCHED; asked++) {
    scene.ask();
    if (scene.shares().get(first)! < 0.5 / POPULATION.length) return asked;
  }
  return WATCHED;
}

/** A good newcomer's selections within its first queries, over what an equal part among the good would be. */
function newcomersShare(domain: DomainName, seed: string): number {
  const old = POPULATION.filter((name) => name !== 'quoting');
  const scene = new Scene(domain, old, seed);
  for (let asked = 0; asked < SETTLED_AFTER; asked++) scene.ask();
  scene.roles.set('newcomer', 'quoting');
  scene.run.join(expertOf(recordings, 'newcomer', domain));
  let chosen = 0;
  for (let asked = 0; asked < NEWCOMER_WATCHED; asked++) chosen += Number(scene.ask().includes('newcomer'));
  return chosen / ((NEWCOMER_WATCHED * respondents) / GOOD.length);
}

const seeds = Array.from({ length: Number(values.runs) }, (_, i) => `dynamics ${i}`);
const everywhere = <T>(measure: (domain: DomainName, seed: string) => T): T[] =>
  domains.flatMap((domain) => seeds.map((seed) => measure(domain, seed)));
const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;

const curves = everywhere(aucByQuery);
const separated = curves.map(untilSeparated);
const meanCurve = Array.from({ length: WATCHED }, (_, at) => mean(curves.map((curve) => curve[at]!)));
const lost = everywhere(untilShareLost);
const newcomer = everywhere(newcomersShare);
const spread = (list: readonly number[]) =>
  `median ${quantile(list, 0.5)}, 90 % within ${quantile(list, 0.9)}, worst ${Math.max(...list)}`;
const rows: Row[] = [
  {
    figure: `queries until reputation separates good from bad (mean AUC ≥ ${SEPARATED_AUC})`,
    value: `${untilSeparated(meanCurve)}; mean AUC after 30 ${meanCurve[29]!.toFixed(3)}`,
    goal: '≤ 30',
    met: untilSeparated(meanCurve) <= 30,
  },
  { figure: '  in single runs', value: spread(separated), goal: '–', met: null },
  {
    figure: 'queries until an expert turned bad has less than half an equal share',
    value: spread(lost),
    goal: '≤ 40',
    met: quantile(lost, 0.5) <= 40,
  },
  {
    figure: `a good newcomer's part of its fair share within ${NEWCOMER_WATCHED} queries`,
    value: `mean ${(100 * mean(newcomer)).toFixed(0)} %, least ${(100 * Math.min(...newcomer)).toFixed(0)} %`,
    goal: '≥ 50 %',
    met: mean(newcomer) >= 0.5,
  },
];
report('market-dynamics', rows, {
  params,
  meanCurve,
  good: GOOD,
  bad: BAD,
  respondents,
  runs: seeds.length,
  domains,
  separated,
  lost,
  newcomer,
});
