/**
 * How often the gate would call an honest candidate forgetful by the luck of its draw: the rises of choosing the right answer on every question of common
 * knowledge, and how many draws of 24, 48 and 72 of them exceed `forgettingMax`. Reads the honest deltas that `poisoning.ts --on real` left.
 * Usage: node bench/learning/forgetting.ts --folder DIR [--seeds 2,3] [--trainers 5] [--model DIR]. Writes bench/results/learning-forgetting.json.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultChainParams } from '../../packages/chain/src/index.ts';
import { addChange, aggregate, aggregationRule } from '../../packages/inference/src/learning/aggregate.ts';
import { decodeDelta } from '../../packages/inference/src/learning/delta-file.ts';
import type { FixedFactors } from '../../packages/inference/src/learning/fixed-factors.ts';
import { choiceLoss } from '../../packages/inference/src/learning/measure-general.ts';
import { allProbes } from '../../packages/inference/src/learning/probes.ts';
import { createPrng } from '../../packages/inference/src/models/tiny/prng.ts';
import { type Row, report } from '../table.ts';
import { openRealWorld } from './poisoning-real.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '' },
    seeds: { type: 'string', default: '2,3' },
    trainers: { type: 'string', default: '5' },
    model: { type: 'string', default: process.env['SYNOD_MODEL_DIR'] ?? '' },
  },
});
const DRAWS = 4_000;
const SIZES = [24, 48, 72] as const;
const { forgettingMax, normMax, aggregator } = defaultChainParams().learning;

const world = await openRealWorld(values.model, 'geography', values.folder);
const control = { signal: new AbortController().signal, checkpoint: async () => {} };
const questions = allProbes.general.map(({ prompt, answer }, i) => {
  const others = [...allProbes.general.slice(i + 1), ...allProbes.general.slice(0, i)].map((other) => other.answer);
  return { prompt, answers: [answer, ...new Set(others.filter((other) => other !== answer))].slice(0, 4) };
});

async function lossesOf(factors: FixedFactors): Promise<number[]> {
  const read = await world.model.read(world.model.load(factors), questions, control);
  return read.map(({ losses }) => choiceLoss(losses));
}

/** Part of the draws of this many whose mean rise is above what the chain allows. */
function partAbove(rises: readonly number[], size: number): number {
  const prng = createPrng(size);
  let above = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    const pool = [...rises];
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const at = i + Math.min(pool.length - i - 1, Math.floor(((prng.signed() + 1) / 2) * (pool.length - i)));
      [pool[i], pool[at]] = [pool[at]!, pool[i]!];
      sum += pool[i]!;
    }
    if ((1_000 * sum) / size > forgettingMax) above++;
  }
  return above / DRAWS;
}

const before = await lossesOf(world.base);
const rows: Row[] = [];
for (const seed of values.seeds.split(',')) {
  const files = Array.from({ length: Number(values.trainers) }, (_, i) =>
    join(world.folder, `honest-${seed}-${values.trainers}-${i}.delta`),
  );
  if (!files.every((file) => existsSync(file))) throw new Error(`no honest deltas of seed ${seed} in ${world.folder}`);
  const deltas = files.map((file) => {
    const delta = decodeDelta(readFileSync(file), world.about);
    if ('problem' in delta) throw new Error(delta.problem);
    return { values: delta.values };
  });
  const after = await lossesOf(
    addChange(world.base, aggregate(deltas, { rule: aggregationRule(aggregator), normMax })),
  );
  const rises = after.map((loss, i) => loss - before[i]!);
  const mean = rises.reduce((sum, rise) => sum + rise, 0) / rises.length;
  const parts = SIZES.map((size) => `${(100 * partAbove(rises, size)).toFixed(1)} %`).join(', ');
  rows.push({
    figure: `seed ${seed}: mean rise on all ${rises.length}; draws of ${SIZES.join(', ')} above ${forgettingMax / 1_000}`,
    value: `${mean.toFixed(3)}; ${parts}`,
    goal: '–',
    met: null,
  });
}
await world.model.close();
report('learning-forgetting', rows, { seeds: values.seeds, before });
