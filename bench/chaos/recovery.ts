/**
 * How long a devnet of four real processes takes to be whole again after kill -9 of one, SIGSTOP of two and kill -9 of all, and
 * how fast blocks come while one is dead. Under the bank workload of `synod devnet chaos`; times run from the spawn or SIGCONT.
 * Run: node bootstrap.mjs run bench/chaos/recovery.ts [--rounds 8] [--dead-ms 10000]
 */
import { parseArgs } from 'node:util';
import type { Recovery } from '../../packages/cli/src/chaos/inflict.ts';
import { quantile, report } from '../table.ts';
import { faultOf, runFaults } from './harness.ts';

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '8' }, 'dead-ms': { type: 'string', default: '10000' } },
});
const deadMs = Number(flags['dead-ms']);
const rounds = Array.from({ length: Number(flags.rounds) }, (_, index) => index);

const faults = [
  ...rounds.map((round) => faultOf('kill one', [round % 4], 2_000)),
  ...rounds.map((round) => faultOf('stop two', round % 2 === 0 ? [0, 1] : [2, 3], 2_000)),
  ...rounds.map(() => faultOf('kill all', [0, 1, 2, 3], 500)),
  ...[0, 1, 2, 3].map((node) => faultOf('kill one', [node], deadMs)),
];
const { verdict, recoveries } = await runFaults('recovery', faults);

const [ones, twos, alls] = [0, 1, 2].map((part) => recoveries.slice(part * rounds.length, (part + 1) * rounds.length));
const dead = recoveries.slice(3 * rounds.length);
const deadBlocks = dead.reduce((sum, { held }) => sum + held.blocks, 0);
const deadIntervalMs = dead.reduce((sum, { held }) => sum + held.durationMs, 0) / deadBlocks;
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

function row(figure: string, of: readonly Recovery[], pick: (one: Recovery) => number | null, goalMs: number) {
  const values = of.map((one) => pick(one) ?? Number.POSITIVE_INFINITY);
  const median = quantile(values, 0.5);
  return {
    figure,
    value: `${seconds(median)} (${seconds(Math.max(...values))})`,
    goal: `≤ ${seconds(goalMs)}`,
    met: median <= goalMs,
  };
}

report(
  'chaos-recovery',
  [
    row('kill -9 of one → caught up, median (worst)', ones!, ({ caughtUpMs }) => caughtUpMs, 2_000),
    row('two of four stopped, resumed → next block', twos!, ({ nextBlockMs }) => nextBlockMs, 2_000),
    row('kill -9 of all four → next block', alls!, ({ nextBlockMs }) => nextBlockMs, 3_000),
    {
      figure: `mean block interval, one of four dead (${deadBlocks} blocks)`,
      value: seconds(deadIntervalMs),
      goal: '≤ 0.75 s',
      met: deadIntervalMs <= 750,
    },
    { figure: 'verdict of the whole run', value: verdict.verdict, goal: 'PASS', met: verdict.verdict === 'PASS' },
  ],
  { verdict, recoveries },
);
process.exit(verdict.verdict === 'PASS' ? 0 : 1);
