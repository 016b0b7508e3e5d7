/**
 * What a schedule does beside its network, in one seed of many: parts of the production code alone, in places that a network of a few heights never
 * comes to, beside plain models of them. Owns which seeds do so.
 */
import { certificateProblem } from './certificate-probe.ts';
import { coreProblem } from './core-probe.ts';
import { historyProblem } from './history-script.ts';
import { hostProblem } from './host-probe.ts';
import { marketProblem } from './market-history.ts';
import { mempoolProblem } from './mempool-probe.ts';
import { Prng } from './prng.ts';
import { storageProblem } from './storage-probe.ts';
import type { World } from './world.ts';

/** One seed in so many does all of it; the market has one of its own, so that neither takes long. */
const every = 1000;
const [aloneAt, marketAt] = [1, 6];
const coreLives = 100;

/** Behind the network's end: what a schedule notices by itself costs no probe. */
export function probe(world: World, seed: number): void {
  if (world.checker.violations.length > 0) return;
  if (seed % every === aloneAt) probeAlone(world, seed);
  if (seed % every !== marketAt) return;
  const market = marketProblem(seed);
  if (market !== null) world.checker.fail('ledger', `a market alone: ${market}`);
}

function probeAlone(world: World, seed: number): void {
  const core = coreProblem(seed, coreLives);
  if (core !== null) return world.checker.fail('votingRule', `a core alone: ${core}`);
  const host = certificateProblem() ?? hostProblem() ?? mempoolProblem();
  if (host !== null) return world.checker.fail('validity', `a host alone: ${host}`);
  const storage = storageProblem(new Prng(seed, 'storage'));
  if (storage !== null) return world.checker.fail('durability', `a disk alone: ${storage}`);
  const history = historyProblem(seed);
  if (history !== null) world.checker.fail('ledger', `a chain alone: ${history}`);
}
