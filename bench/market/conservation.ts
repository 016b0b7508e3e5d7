/**
 * Is a nano ever lost? Random histories of the market, every role right and wrong, with all money recounted after every block. A failing
 * history is shrunk and printed with its seed.
 * Usage: node bench/market/conservation.ts [--histories 100000] [--seed 1]. Writes bench/results/market-conservation.json.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { report } from '../table.ts';
import { history, newTally, playHistory, startOfHistories } from './histories.ts';

const BATCH = 1_000;
const GOAL = 100_000;
/** Outcomes that must have been reached, or the histories prove little. */
const OUTCOMES = ['answered', 'belowThreshold', 'unscored', 'noAnswer', 'noExperts', 'cancelled'];

const { values } = parseArgs({
  options: { histories: { type: 'string', default: String(GOAL) }, seed: { type: 'string', default: '1' } },
});
const wanted = Number(values.histories);
const start = startOfHistories();
const tally = newTally();
const startedMs = performance.now();
for (let batch = 0; tally.histories < wanted; batch++) {
  const numRuns = Math.min(BATCH, wanted - tally.histories);
  const seed = 1_000_003 * Number(values.seed) + batch;
  fc.assert(
    fc.property(history, fc.nat(999), (blocks, beacons) => playHistory(start, blocks, `${beacons}`, tally)),
    { seed, numRuns },
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  console.log(
    `${tally.histories} of ${wanted} histories, ${tally.blocks} blocks, ${tally.lost} nano lost, ${seconds.toFixed(0)} s`,
  );
}
const listed = (counts: ReadonlyMap<string, number>) =>
  Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a));
console.log(listed(tally.codes));
const missing = OUTCOMES.filter((outcome) => !tally.outcomes.has(outcome));
report(
  'market-conservation',
  [
    {
      figure: 'random histories',
      value: `${tally.histories}, ${tally.blocks} blocks`,
      goal: `≥ ${GOAL}`,
      met: tally.histories >= GOAL,
    },
    { figure: 'nano lost', value: `${tally.lost}`, goal: '0', met: tally.lost === 0n },
    {
      figure: 'outcomes reached',
      value: missing.length === 0 ? 'all' : `not ${missing.join(', ')}`,
      goal: 'all',
      met: missing.length === 0,
    },
  ],
  { seed: values.seed, outcomes: listed(tally.outcomes), codes: listed(tally.codes) },
);
