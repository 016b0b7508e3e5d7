/**
 * The same data trained by n nodes and in one place: how far the losses lie apart (DESIGN §6). On the small model, with shards as the chain
 * deals them. `node bench/learning/nodes.ts [--seeds 1..3] [--rounds 3] [--folder DIR] [--quick]`
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultChainParams } from '../../packages/chain/src/index.ts';
import {
  type AggregationRule,
  addChange,
  aggregate,
  aggregationRule,
} from '../../packages/inference/src/learning/aggregate.ts';
import type { FixedFactors } from '../../packages/inference/src/learning/fixed-factors.ts';
import { report } from '../table.ts';
import { itemsOf, poisonRound } from './poisoning-round.ts';
import { EARLIER, openSmallWorld, taughtFacts } from './poisoning-small.ts';
import { asked, heldOut, type SmallFact } from './small-facts.ts';
import { knownFacts } from './small-model.ts';
import { trainSmall } from './small-training.ts';

const params = defaultChainParams().learning;
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1..3' },
    rounds: { type: 'string', default: '3' },
    folder: { type: 'string', default: join(homedir(), '.synod/bench/small') },
    quick: { type: 'boolean', default: false },
  },
});
const [first = 1, last = first] = values.seeds.split('..').map(Number);
const NODES = values.quick ? [1, 4] : [1, 2, 4, 7];
const RULES: readonly AggregationRule[] = ['mean', aggregationRule(params.aggregator)];
/** Larger than the gate would bear on this model: what is compared here must learn enough to differ. */
const RATE = 5e-4;
const ROUNDS = values.quick ? 1 : Number(values.rounds);

type Loss = { readonly taught: number; readonly heldOut: number; readonly known: number };
type Run = {
  readonly seed: number;
  readonly nodes: number;
  readonly rule: AggregationRule | 'central';
  readonly round: number;
  readonly loss: Loss;
};

const world = await openSmallWorld(values.folder);
const { small, model: probe } = world;
const runs: Run[] = [];
for (let seed = first; seed <= last; seed++) await playSeed(seed);
await probe.close();
report('learning-nodes', rowsOf(), { runs, rounds: ROUNDS });

async function playSeed(seed: number): Promise<void> {
  await play(seed, 1, 'central');
  for (const nodes of NODES) {
    // One node's delta is the same under every rule.
    for (const rule of nodes === 1 ? RULES.slice(0, 1) : RULES) await play(seed, nodes, rule);
  }
}

/** Rounds of a training, each from the version of the one before, all on the same feedback. */
async function play(seed: number, nodes: number, rule: Run['rule']): Promise<void> {
  let base = world.base;
  for (let round = 1; round <= ROUNDS; round++) {
    // Each round deals anew; central training has it all.
    const dealt = poisonRound(world, { seed, trainers: nodes, deal: round });
    const deltas: { values: Int32Array }[] = [];
    for (let trainer = 0; trainer < nodes; trainer++) {
      const shard = rule === 'central' ? dealt.items : itemsOf(dealt, trainer);
      // Central training draws its own order; a trainer's seed is its own.
      const own = rule === 'central' ? 900 + seed : 1000 * round + 10 * seed + trainer;
      deltas.push({ values: await trainSmall(small, { shard, earlier: EARLIER, seed: own, base, rate: RATE }) });
    }
    const change = rule === 'central' ? deltas[0]!.values : aggregate(deltas, { rule, normMax: params.normMax });
    base = addChange(base, change);
    const loss = await lossOf(base, taughtFacts(dealt));
    runs.push({ seed, nodes, rule, round, loss });
    console.log(
      `seed ${seed} ${rule} n=${nodes} round ${round}: taught ${loss.taught.toFixed(3)} held-out ${loss.heldOut.toFixed(3)} known ${loss.known.toFixed(3)}`,
    );
  }
}

async function lossOf(factors: FixedFactors, facts: readonly SmallFact[]): Promise<Loss> {
  const adapter = probe.load(factors);
  const control = { signal: new AbortController().signal, checkpoint: async () => {} };
  const mean = async (list: readonly SmallFact[]) => {
    const questions = list.map((fact) => ({ prompt: asked(fact), answers: [fact.value] }));
    const readings = await probe.read(adapter, questions, control);
    return readings.reduce((sum, { losses }) => sum + losses[0]!, 0) / list.length;
  };
  const known = knownFacts.filter((_, i) => i % 4 === 0);
  return { taught: await mean(facts), heldOut: await mean(facts.map(heldOut)), known: await mean(known) };
}

/** Mean over seeds of the gap to central training after the last round, in held-out loss. */
function rowsOf(): Parameters<typeof report>[1] {
  const ended = runs.filter(({ round }) => round === ROUNDS);
  const centralOf = (seed: number) => ended.find((run) => run.seed === seed && run.rule === 'central')!.loss.heldOut;
  return [...Map.groupBy(ended, ({ nodes, rule }) => `n = ${nodes}, ${rule}`)].map(([figure, list]) => {
    const gaps = list.map(({ seed, loss }) => loss.heldOut / centralOf(seed) - 1);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const held = list.reduce((sum, { loss }) => sum + loss.heldOut, 0) / list.length;
    const isCentral = list[0]!.rule === 'central';
    const text = gaps.map((gap) => (100 * gap).toFixed(1)).join(', ');
    return {
      figure,
      value: `held-out ${held.toFixed(2)}, gap ${(100 * mean).toFixed(1)} % (${text})`,
      goal: isCentral ? '' : '≤ 5 %',
      met: isCentral ? null : mean <= 0.05,
    };
  });
}
