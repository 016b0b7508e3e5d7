/**
 * kill -9 of real processes under load, of one, two and all four at once: is an acknowledged transaction ever lost, does a block
 * hash ever differ? Databases are read back and executed again at the end.
 * Run: node bootstrap.mjs run bench/chaos/kills.ts [--kills 200] [--seed 1]
 */
import { parseArgs } from 'node:util';

import type { Fault } from '../../packages/cli/src/chaos/schedule.ts';
import { Prng } from '../../packages/simulator/src/prng.ts';
import { quantile, report } from '../table.ts';
import { faultOf, runFaults } from './harness.ts';

const { values: flags } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const kills = Number(flags.kills);
const prng = new Prng(Number(flags.seed), 'kills');

/** Every tenth strikes all four, another tenth two. */
const faults = Array.from({ length: kills }, (_, index): Fault => {
  const count = index % 10 === 9 ? 4 : index % 10 === 4 ? 2 : 1;
  const nodes = prng.shuffled([0, 1, 2, 3]).slice(0, count);
  const kind = count === 4 ? 'kill all' : count === 2 ? 'kill two' : 'kill one';
  return faultOf(kind, nodes, prng.between(100, 800), prng.between(100, 700));
});

const startedMs = performance.now();
const { verdict, recoveries } = await runFaults(`kills-${flags.seed}`, faults);
const { transactions, heights, differingBlocks, evidence } = verdict;
const caughtUp = recoveries.flatMap(({ caughtUpMs }) => (caughtUpMs === null ? [] : [caughtUpMs]));
const processes = faults.slice(0, recoveries.length).reduce((sum, { nodes }) => sum + nodes.length, 0);
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
report(
  'chaos-kills',
  [
    {
      figure: 'kill -9 (processes killed), under load',
      value: `${recoveries.length} (${processes})`,
      goal: String(kills),
      met: recoveries.length === kills,
    },
    {
      figure: 'transactions acknowledged as final; lost',
      value: `${transactions.acknowledged}; ${transactions.lost}`,
      goal: '0 lost',
      met: transactions.lost === 0 && transactions.acknowledged > 0,
    },
    {
      figure: 'blocks compared on four nodes; differing',
      value: `${heights}; ${differingBlocks}`,
      goal: '0 differing',
      met: differingBlocks === 0 && heights > 0,
    },
    { figure: 'double signings seen', value: String(evidence), goal: '0', met: evidence === 0 },
    {
      figure: 'all nodes level again, median (worst)',
      value: `${seconds(quantile(caughtUp, 0.5))} (${seconds(Math.max(...caughtUp))})`,
      goal: '–',
      met: null,
    },
    {
      figure: 'verdict, whole run',
      value: `${verdict.verdict}, ${seconds(performance.now() - startedMs)}`,
      goal: 'PASS, ≤ 900 s',
      met: verdict.verdict === 'PASS',
    },
  ],
  { verdict, recoveries },
);
process.exit(verdict.verdict === 'PASS' ? 0 : 1);
