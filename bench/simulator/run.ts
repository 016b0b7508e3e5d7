/**
 * What one simulated schedule costs, and how many all cores run in a second. Processor time is the thread's own and its
 * collector's, for schedules after others that warmed it up. Usage: node bench/simulator/run.ts [--seeds 60] [--warm 40] [--many 400].
 * Writes bench/results/simulator.json.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runSchedule, runSimulation, type ScheduleResult } from '../../packages/simulator/src/index.ts';
import { quantile, report } from '../table.ts';

const GOAL = { cpuMs: 40, perSecond: 5_000 / 120 };

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '60' },
    warm: { type: 'string', default: '40' },
    many: { type: 'string', default: '400' },
  },
});
const [seeds, warm, many] = [values.seeds, values.warm, values.many].map(Number) as [number, number, number];

function cpuMs(): number {
  return process.cpuUsage().user / 1_000;
}

/** Seeds that the measured ones do not share. */
const warmFrom = 1_000_000;
for (let seed = 0; seed < warm; seed++) runSchedule({ seed: warmFrom + seed });

const results: ScheduleResult[] = [];
const costsMs: number[] = [];
for (let seed = 1; seed <= seeds; seed++) {
  const before = cpuMs();
  results.push(runSchedule({ seed }));
  costsMs.push(cpuMs() - before);
}
const mean = (of: (result: ScheduleResult) => number) => results.reduce((sum, one) => sum + of(one), 0) / seeds;
const meanMs = costsMs.reduce((sum, one) => sum + one, 0) / seeds;

const run = await runSimulation({ seeds: { first: 1, last: many }, threads: 0 });
const perSecond = run.schedulesPerSecond;
const failures = run.failures.length + results.filter(({ ok }) => !ok).length;

report(
  'simulator',
  [
    {
      figure: 'user processor time a schedule, warm',
      value: `${meanMs.toFixed(1)} ms, half below ${quantile(costsMs, 0.5).toFixed(1)}`,
      goal: `≤ ${GOAL.cpuMs} ms`,
      met: meanMs <= GOAL.cpuMs,
    },
    {
      figure: `schedules a second, ${availableParallelism()} cores`,
      value: `${perSecond.toFixed(1)} (5,000 in ${Math.ceil(5_000 / perSecond)} s)`,
      goal: `≥ ${GOAL.perSecond.toFixed(1)}`,
      met: perSecond >= GOAL.perSecond,
    },
    {
      figure: 'a schedule: nodes, heights, messages',
      value: [mean((one) => one.nodes), mean((one) => one.heights), mean((one) => one.messages)]
        .map((one) => one.toFixed(1))
        .join(', '),
      goal: '–',
      met: null,
    },
    { figure: 'failing schedules', value: `${failures}`, goal: '0', met: failures === 0 },
  ],
  { seeds, warm, many, costsMs, schedules: run.schedules, wallMs: run.wallMs },
);
