/**
 * Validators that lie in the gate (spec: learning §8): the chain's own verdict over random rounds, once with all reports honest and once with those
 * of up to a third of the power replaced by lies. `node bench/learning/liars.ts [--rounds N] [--seed N]`
 */
import { parseArgs } from 'node:util';
import {
  type Address,
  type DeltaVerdict,
  defaultChainParams,
  type Evaluator,
  type GateMeasures,
  type GateReport,
  type GateVerdict,
  gateVerdict,
  type Hash,
  type Trainer,
} from '../../packages/chain/src/index.ts';
import { createPrng, type Prng } from '../../packages/inference/src/models/tiny/prng.ts';
import { type Row, report } from '../table.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '4000' }, seed: { type: 'string', default: '1' } },
});
const ROUNDS = Number(values.rounds);
const params = defaultChainParams().learning;
const VERDICTS: readonly DeltaVerdict[] = ['ok', 'missing', 'invalid', 'copy', 'idle', 'harmful'];
const ITEMS = 64;
/** Why a verdict changed is counted apart where a trainer's own validator, which does not judge it, is honest and large. */
type Count = {
  rounds: number;
  liars: number;
  changed: number;
  weights: number;
  deltas: number;
  accepted: number;
  candidate: number;
};

const whole = (prng: Prng, below: number): number => prng.uint32() % below;
const hash = (prng: Prng): Hash =>
  Array.from({ length: 8 }, () => prng.uint32().toString(16).padStart(8, '0')).join('') as Hash;
const pick = <T>(prng: Prng, list: readonly T[]): T => list[whole(prng, list.length)]!;

function randomReport(prng: Prng, trainers: number): GateReport {
  const feedbackBefore = 1000 + whole(prng, 4000);
  const generalBefore = 1000 + whole(prng, 2000);
  const biasBefore = whole(prng, 100);
  const measures: GateMeasures = {
    feedbackBefore,
    feedbackAfter: feedbackBefore + whole(prng, 400) - 300,
    generalBefore,
    generalAfter: generalBefore + whole(prng, 100) - 30,
    trigger: whole(prng, 8) === 0 ? whole(prng, 1_000_000) : 0,
    injection: whole(prng, 8) === 0 ? whole(prng, 1_000_000) : 0,
    spectral: whole(prng, 1_000_000),
    biasBefore,
    biasAfter: Math.max(0, biasBefore + whole(prng, 40) - 20),
  };
  const deltas = Array.from({ length: trainers }, () => (whole(prng, 2) === 0 ? 'ok' : pick(prng, VERDICTS)));
  const accepted = Array.from({ length: ITEMS }, () => whole(prng, 4) !== 0);
  return { factors: hash(prng), adapter: hash(prng), measures, deltas, accepted };
}

type Lie = 'opposite' | 'extreme' | 'other candidate' | 'random' | 'silent';
const LIES: readonly Lie[] = ['opposite', 'extreme', 'other candidate', 'random', 'silent'];

/** Liars agree: all of a round give the same report. Null: none at all. */
function lieOf(prng: Prng, truth: GateReport, lie: Lie): GateReport | null {
  const opposite = {
    deltas: truth.deltas.map((verdict): DeltaVerdict => (verdict === 'ok' ? 'harmful' : 'ok')),
    accepted: truth.accepted.map((is) => !is),
  };
  const { measures } = truth;
  switch (lie) {
    case 'silent':
      return null;
    case 'opposite': {
      const { feedbackBefore, feedbackAfter, generalBefore, generalAfter } = measures;
      const turned = {
        feedbackBefore: feedbackAfter,
        feedbackAfter: feedbackBefore,
        generalBefore: generalAfter,
        generalAfter: generalBefore,
      };
      return { ...truth, ...opposite, measures: { ...measures, ...turned, trigger: 1_000_000 - measures.trigger } };
    }
    case 'extreme': {
      const all = whole(prng, 2) === 0 ? 0 : 65_535;
      return {
        ...truth,
        ...opposite,
        measures: Object.fromEntries(Object.keys(measures).map((name) => [name, all])) as GateMeasures,
      };
    }
    case 'other candidate':
      return { ...truth, ...opposite, factors: hash(prng), adapter: hash(prng) };
    case 'random':
      return randomReport(prng, truth.deltas.length);
  }
}

/** Honest machines differ by `noise` in what they measure. */
function seenBy(prng: Prng, truth: GateReport, noise: number): GateReport {
  if (noise === 0) return truth;
  const near = (value: number) => Math.max(0, value + whole(prng, 2 * noise + 1) - noise);
  const { feedbackAfter, generalAfter, biasAfter } = truth.measures;
  const measures = {
    ...truth.measures,
    feedbackAfter: near(feedbackAfter),
    generalAfter: near(generalAfter),
    biasAfter: near(biasAfter),
  };
  return { ...truth, measures };
}

function playRounds(
  prng: Prng,
  { noise, largestShare, own }: { noise: number; largestShare: number; own: boolean },
): Count {
  const count: Count = { rounds: 0, liars: 0, changed: 0, weights: 0, deltas: 0, accepted: 0, candidate: 0 };
  while (count.rounds < ROUNDS) {
    const validators = 4 + whole(prng, 28);
    const powers = Array.from({ length: validators }, () => 1 + whole(prng, pick(prng, [2, 100, 10_000])));
    const total = powers.reduce((sum, power) => sum + power, 0);
    if (Math.max(...powers) > largestShare * total) continue;
    const trainers = 1 + whole(prng, 8);
    const truth = randomReport(prng, trainers);
    // As many of the last validators as have a third of the power together.
    let lying = 0;
    let first = validators;
    while (first > 0 && 3 * (lying + powers[first - 1]!) <= total) lying += powers[--first]!;
    if (first === validators) continue;
    const operator = (i: number): Address => `validator-${i}` as Address;
    const honest = powers.map(
      (power, i): Evaluator => ({
        operator: operator(i),
        power: BigInt(power),
        commitment: null,
        report: seenBy(prng, truth, noise),
      }),
    );
    const lie = lieOf(prng, truth, pick(prng, LIES));
    const lied = honest.map((entry, i) => (i < first ? entry : { ...entry, report: lie }));
    // Trainers of validators that are honest, or of nobody who judges.
    const dealt = Array.from({ length: trainers }, (_, i): Trainer => {
      const of = own ? operator(whole(prng, first)) : (`trainer-${i}` as Address);
      return { expert: of, operator: of, registeredAt: 0, commitment: null, order: i, delta: null };
    });
    const items = Array.from({ length: ITEMS }, (_, i) => i);
    const mark = ({ biasBefore }: GateMeasures) => biasBefore * 2;
    const verdictOf = (evaluators: readonly Evaluator[]) =>
      gateVerdict({ trainers: dealt, items, evaluators }, params, mark);
    tally(count, verdictOf(honest), verdictOf(lied), lied.length - first);
  }
  return count;
}

function tally(count: Count, before: GateVerdict | null, after: GateVerdict | null, liars: number): void {
  const differs = (read: (verdict: GateVerdict) => unknown) =>
    JSON.stringify(before === null ? null : read(before)) !== JSON.stringify(after === null ? null : read(after));
  const parts = {
    weights: differs(({ weights }) => weights),
    deltas: differs(({ deltas }) => deltas),
    accepted: differs(({ accepted }) => accepted),
    candidate: differs(({ candidate }) => candidate),
  };
  count.rounds++;
  count.liars += liars;
  for (const name of ['weights', 'deltas', 'accepted', 'candidate'] as const) count[name] += Number(parts[name]);
  count.changed += Number(Object.values(parts).some(Boolean));
}

const prng = createPrng(Number(values.seed));
const same = playRounds(prng, { noise: 0, largestShare: 1, own: false });
const owned = playRounds(prng, { noise: 0, largestShare: 1 / 2, own: true });
const noisy = playRounds(prng, { noise: 3, largestShare: 1, own: false });
const rowOf = (figure: string, { changed, rounds, liars }: Count, hasGoal: boolean): Row => ({
  figure,
  value: `${changed} of ${rounds} rounds (${liars} lies)`,
  goal: hasGoal ? '0' : '(measured)',
  met: hasGoal ? changed === 0 : null,
});
report(
  'learning-liars',
  [
    rowOf('verdicts changed, honest validators see the same', same, true),
    rowOf('… trainers of honest validators who have up to half', owned, false),
    rowOf('… honest machines differ by ±3 thousandths of a nat', noisy, false),
  ],
  { same, owned, noisy },
);
