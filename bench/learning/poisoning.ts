/**
 * The poisoning matrix: attacks × shares of hostile trainers × defences, on a small model that is really trained for it or on the real one.
 * `node bench/learning/poisoning.ts [--on small|real] [--seeds 1..3] [--folder DIR] [--quick] [--rule 0|1|2|3] [--model DIR] [--domain D]`. What lies
 * in `--folder` is not made again, so an ended run goes on; on the real model it begins with `recordings`. Owns the order of work and what is counted; attacks and defences are files of their own.
 */
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DeltaVerdict } from '../../packages/chain/src/index.ts';
import { aggregationRule } from '../../packages/inference/src/learning/aggregate.ts';
import { report } from '../table.ts';
import {
  type Bench,
  type Court,
  DEFENCES,
  type Effect,
  judgeAlone,
  type Outcome,
  openBench,
  outcomes,
  params,
} from './poisoning-defences.ts';
import { openRealWorld } from './poisoning-real.ts';
import {
  type Attack,
  BACKDOOR_ITEMS,
  DELTA_ATTACKS,
  honestDelta,
  hostileDeltas,
  poisonRound,
  throughWire,
} from './poisoning-round.ts';
import { openSmallWorld } from './poisoning-small.ts';
import { rowsOf } from './poisoning-table.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1..3' },
    on: { type: 'string', default: 'small' },
    folder: { type: 'string' },
    model: { type: 'string', default: process.env['SYNOD_MODEL_DIR'] ?? '' },
    domain: { type: 'string', default: 'geography' },
    rule: { type: 'string', default: String(params.aggregator) },
    'norm-max': { type: 'string', default: String(params.normMax) },
    quick: { type: 'boolean', default: false },
  },
});
const [first = 1, last = first] = values.seeds.split('..').map(Number);
const isReal = values.on === 'real';
const folder = values.folder ?? join(homedir(), `.synod/bench/${values.on}`);
/** On the real model a training takes a minute, so a few of each kind stand for all. */
const isFew = values.quick || isReal;
const attacks: readonly Attack[] = isFew
  ? ['none', ...DELTA_ATTACKS, isReal ? 'backdoor 20' : 'backdoor 50', 'vote poisoning']
  : ['none', ...DELTA_ATTACKS, ...BACKDOOR_ITEMS.map((count): Attack => `backdoor ${count}`), 'vote poisoning'];
const SHARES = [0.2, 0.4] as const;
const SIZES = isFew ? [5] : [5, 10];

/** One round under every defence, as it is kept. */
export type Cell = {
  readonly key: string;
  readonly seed: number;
  readonly attack: Attack;
  readonly share: number;
  readonly trainers: number;
  readonly hostile: number;
  readonly falseItems: number;
  readonly before: Effect;
  readonly outcomes: readonly Outcome[];
};

mkdirSync(folder, { recursive: true });
const world = isReal ? await openRealWorld(values.model, values.domain, folder) : await openSmallWorld(folder);
const court: Court = {
  world,
  defences: isReal ? ['mean', 'one look', 'whole stack'] : DEFENCES,
  normMax: Number(values['norm-max']),
  rule: aggregationRule(Number(values.rule)),
};
const kept = join(folder, `cells-${values.rule}-${values['norm-max']}.jsonl`);
// A seed on the real model takes half an hour of a core: those that were played are kept with the bench, and a run goes on from them.
const played = join(import.meta.dirname, 'recordings/poisoning-real.jsonl');
if (isReal && !existsSync(kept)) copyFileSync(played, kept);
const cells = new Map<string, Cell>();
if (existsSync(kept)) {
  for (const line of readFileSync(kept, 'utf8').trim().split('\n').filter(Boolean)) {
    const cell = JSON.parse(line) as Cell;
    cells.set(cell.key, cell);
  }
}
for (let seed = first; seed <= last; seed++) {
  for (const trainers of SIZES) await playSeed(seed, trainers);
}
await world.model.close();
const chosen = [...cells.values()].filter(({ seed }) => seed >= first && seed <= last);
report(isReal ? 'learning-poisoning-real' : 'learning-poisoning', rowsOf(chosen), {
  cells: chosen,
  normMax: court.normMax,
  rule: court.rule,
});

/** An honest round has no share; a vote's rounds train all anew, so on the real model there is one a seed. */
function sharesOf(attack: Attack): readonly number[] {
  if (attack === 'none') return [0];
  return isReal && attack === 'vote poisoning' ? SHARES.slice(0, 1) : SHARES;
}

async function playSeed(seed: number, trainers: number): Promise<void> {
  const wanted = attacks.flatMap((attack) => sharesOf(attack).map((share) => ({ attack, share })));
  const missing = wanted.filter((cell) => !cells.has(keyOf({ seed, trainers, ...cell })));
  if (missing.length === 0) return;
  const clean = poisonRound(world, { seed, trainers });
  const bench = await openBench(court, clean);
  const honest: Int32Array[] = [];
  const alone: DeltaVerdict[] = [];
  for (let trainer = 0; trainer < trainers; trainer++) {
    honest.push(await honestDelta(world, clean, trainer));
    alone.push(await judgeAlone(bench, honest[trainer]!, trainer));
  }
  const norms = honest.map((delta) =>
    Math.sqrt(delta.reduce((sum, value) => sum + (value / 2 ** 24) ** 2, 0)).toFixed(1),
  );
  console.log(`seed ${seed}, ${trainers} trainers: honest ${alone.join(' ')}; norms ${norms.join(' ')}`);
  for (const cell of missing) {
    const { attack, share } = cell;
    const hostile = attack === 'vote poisoning' ? 0 : Math.round(share * trainers);
    if (attack === 'vote poisoning') {
      await playVote(seed, trainers, share);
      continue;
    }
    const made = await hostileDeltas(world, clean, { attack, count: hostile, honest });
    const first = trainers - hostile;
    const bad = made.map((delta) => throughWire(world.about, delta));
    const verdicts = [...alone.slice(0, first)];
    for (const [i, delta] of bad.entries()) verdicts.push(await judgeAlone(bench, delta, first + i));
    const found = await outcomes(bench, [...honest.slice(0, first), ...bad], verdicts);
    keep(bench, { seed, trainers, attack, share, hostile, falseItems: 0 }, found);
  }
}

/** One user gives a share of the round's items, all false; under the whole stack no more than the cap lets in. All trainers are honest. */
async function playVote(seed: number, trainers: number, share: number): Promise<void> {
  const all = poisonRound(world, { seed, trainers }).items.length;
  const given = Math.round(share * all);
  const cap = Math.floor((all * params.accountShare) / 1_000_000);
  const found: Outcome[] = [];
  let first: Bench | null = null;
  const counts = given > cap ? [given, cap] : [given];
  // Without the cap five more trainings: on the real model the stack alone is tried.
  for (const falseItems of isReal ? counts.slice(-1) : counts) {
    const voted = poisonRound(world, { seed, trainers, falseItems });
    const bench = await openBench(court, voted);
    first ??= bench;
    const deltas: Int32Array[] = [];
    const verdicts: DeltaVerdict[] = [];
    for (let trainer = 0; trainer < trainers; trainer++) {
      deltas.push(await honestDelta(world, voted, trainer, `vote-${falseItems}`));
      verdicts.push(await judgeAlone(bench, deltas[trainer]!, trainer));
    }
    const all = await outcomes(bench, deltas, verdicts);
    found.push(...all.filter(({ defence }) => given <= cap || isCapped(defence) === falseItems <= cap));
  }
  keep(first!, { seed, trainers, attack: 'vote poisoning', share, hostile: 0, falseItems: given }, found);
}

function keep(bench: Bench, cell: Omit<Cell, 'key' | 'before' | 'outcomes'>, found: readonly Outcome[]): void {
  const whole: Cell = { key: keyOf(cell), ...cell, before: bench.effectBefore, outcomes: found };
  cells.set(whole.key, whole);
  appendFileSync(kept, `${JSON.stringify(whole)}\n`);
  const { heldOut, known } = bench.effectBefore;
  const parts = found.map(({ defence, reason, verdicts, effect }) => {
    const bad = verdicts.slice(cell.trainers - cell.hostile).join(',');
    const rates = `t ${effect.trigger.toFixed(2)} a ${effect.attack.toFixed(2)}`;
    return `    ${defence.padEnd(12)} ${reason.padEnd(11)} held ${effect.heldOut.toFixed(2)} known ${effect.known.toFixed(2)} ${rates} ${bad}`;
  });
  console.log(`  ${whole.key} (before: held ${heldOut.toFixed(2)} known ${known.toFixed(2)})\n${parts.join('\n')}`);
}

function keyOf({ seed, trainers, attack, share }: Pick<Cell, 'seed' | 'trainers' | 'attack' | 'share'>): string {
  return `${seed} ${trainers} ${attack} ${share}`;
}

function isCapped(defence: Outcome['defence']): boolean {
  return defence === 'whole stack' || defence === 'one look';
}
