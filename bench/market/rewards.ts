/**
 * What the epoch rewards make of copiers, cabals and split identities, by the production arithmetic. Owns the choice of worlds and the
 * verdicts. Usage: node bench/market/rewards.ts. Writes bench/results/market-rewards.json.
 */
import { epochRewards, REWARD_SETTINGS, type RewardSettings } from '../../packages/chain/src/index.ts';
import { type Row, report } from '../table.ts';
import { leastUtility } from './rewards/cabal.ts';
import { type Accuracy, type Lazy, runCopier } from './rewards/copier.ts';
import { denseInput } from './rewards/dense.ts';
import { average, halfWidth } from './rewards/draws.ts';
import { expertIncome, type ScorerStyle, scorerIncome, type WeightRule } from './rewards/splitting.ts';

const production = REWARD_SETTINGS;
const parts = [2, 4, 8, 16];
const seedsTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Worlds where 50 %, 69 % and 90 % of the answers are right, and lazy scorers with 5 % and with 30 % of the stake. */
function copierRuns(style: Lazy, accuracy: Accuracy) {
  const world = {
    honest: 19,
    experts: 30,
    queries: 150,
    respondents: 5,
    epochs: 60,
    warmup: 20,
    drift: 0.3,
    calibrationShare: 0.05,
  };
  return [0, 0.8, 2.2].flatMap((quality) =>
    [0.05, 0.3].map((lazyStake) => {
      const runs = seedsTo(2).map((seed) =>
        runCopier({ ...world, lazy: style, accuracy, quality, lazyStake, seed }, production),
      );
      const mean = (of: 'lazy' | 'honest' | 'leastHonest') => average(runs.map((run) => run[of]));
      return {
        style,
        accuracy,
        quality,
        lazyStake,
        lazy: mean('lazy'),
        honest: mean('honest'),
        leastHonest: mean('leastHonest'),
      };
    }),
  );
}

function copierRow(style: Lazy, accuracy: Accuracy, goal: boolean) {
  const runs = copierRuns(style, accuracy);
  const most = Math.max(...runs.map(({ lazy }) => lazy));
  const loss = 1 - Math.min(...runs.map(({ honest }) => honest));
  const least = Math.min(...runs.map(({ leastHonest }) => leastHonest));
  const row: Row = {
    figure: `${style}, accuracy ${accuracy}: most dividends / stake; honest loss; least honest`,
    value: `${most.toFixed(3)}; ${(100 * loss).toFixed(2)} %; ${least.toFixed(3)}`,
    goal: goal ? '≤ 0.90; < 1 %' : '–',
    met: goal ? most <= 0.9 && loss < 0.01 : null,
  };
  return { row, runs };
}

function cabalRow(name: string, settings: RewardSettings, goal: boolean) {
  const curve = leastUtility(0.4, [0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 1], seedsTo(2), settings);
  const worst = Math.max(...curve.map(({ utility }) => utility));
  const row: Row = {
    figure: `cabal of 40 %, σ = 0.4, ${name}: least honest utility that keeps 60 %`,
    value: worst.toFixed(4),
    goal: goal ? '≤ 0.73' : '–',
    met: goal ? worst <= 0.73 : null,
  };
  return { row, curve };
}

/** Incomes over the seeds: the parts' mean gain over the whole's mean income, with its 95 % interval. */
function splitGains(income: (count: number, seed: number) => bigint, seeds: readonly number[]) {
  const whole = seeds.map((seed) => Number(income(1, seed)));
  return parts.map((count) => {
    const gains = seeds.map((seed, index) => (Number(income(count, seed)) - whole[index]!) / average(whole));
    return { parts: count, gain: average(gains), halfWidth: halfWidth(gains), most: Math.max(...gains) };
  });
}

function expertRow(rule: WeightRule, others: number, seeds: number, goal: boolean) {
  const game = { others, queries: others * 10, respondents: 3, epochs: 2, rule };
  const gains = splitGains((count, seed) => expertIncome(game, count, seed, production), seedsTo(seeds));
  const row: Row = {
    figure: `expert among ${others} split in ${parts.join(', ')}: gain in %, weight rule ${rule}`,
    value: gains.map(({ gain, halfWidth: half }) => `${(100 * gain).toFixed(1)}±${(100 * half).toFixed(1)}`).join(' '),
    goal: goal ? 'none' : '–',
    met: goal ? gains.every(({ gain, halfWidth: half }) => gain - half <= 0) : null,
  };
  return { row, gains };
}

function scorerRow(style: ScorerStyle, columnShare: RewardSettings['columnShare'], goal: boolean) {
  const gains = splitGains(
    (count, seed) => scorerIncome(style, count, seed, { ...production, columnShare }),
    seedsTo(30),
  );
  const row: Row = {
    figure: `scorer (${style}) split in ${parts.join(', ')}: greatest relative gain, ${columnShare}`,
    value: gains.map(({ most }) => most.toExponential(1)).join(' '),
    goal: goal ? '≤ 0' : '–',
    met: goal ? gains.every(({ most }) => most <= 0) : null,
  };
  return { row, gains };
}

function timeRow() {
  const input = denseInput(256, 256);
  const timesMs = seedsTo(5).map(() => {
    const before = process.cpuUsage().user;
    epochRewards(input);
    return (process.cpuUsage().user - before) / 1_000;
  });
  const row: Row = {
    figure: 'an epoch of 256 × 256, user processor time, best of 5',
    value: `${Math.min(...timesMs).toFixed(0)} ms`,
    goal: '–',
    met: null,
  };
  return { row, timesMs };
}

const measured = [
  ...(['copier', 'live', 'sure', 'praise'] as const).flatMap((style) => [
    copierRow(style, 'balanced', true),
    copierRow(style, 'distance', false),
    copierRow(style, 'none', false),
  ]),
  cabalRow('production', production, true),
  cabalRow('penalty 1', { ...production, bondsPenalty: 1_000_000 }, false),
  expertRow('production', 12, 300, true),
  expertRow('production', 60, 60, true),
  expertRow('mean', 12, 12, false),
  expertRow('sum', 12, 12, false),
  scorerRow('honest', 'stakedBonds', true),
  scorerRow('half', 'stakedBonds', true),
  scorerRow('honest', 'bonds', false),
  timeRow(),
];
report(
  'market-rewards',
  measured.map(({ row }) => row),
  measured,
);
