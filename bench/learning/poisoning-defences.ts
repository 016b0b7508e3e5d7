/**
 * What a round's deltas come to under each defence, and what that does to the model. Owns the defences' make-up; attacks are poisoning-round.ts, the
 * rules are the learner's and the chain's own code.
 */
import {
  type Address,
  type DeltaVerdict,
  defaultChainParams,
  type GateReport,
  gateVerdict,
  type Hash,
  type Trainer,
} from '../../packages/chain/src/index.ts';
import { argmax } from '../../packages/inference/src/engine/sampling.ts';
import { judgeItems } from '../../packages/inference/src/learning/accept.ts';
import {
  AGGREGATION_RULES,
  type AggregationRule,
  addChange,
  aggregate,
  boundNorm,
  findCopies,
} from '../../packages/inference/src/learning/aggregate.ts';
import type { FixedFactors } from '../../packages/inference/src/learning/fixed-factors.ts';
import {
  type Before,
  type Measuring,
  measureBefore,
  measureCandidate,
  measureDelta,
} from '../../packages/inference/src/learning/gate-measuring.ts';
import { itemProbes } from '../../packages/inference/src/learning/measure-items.ts';
import { oddWords } from '../../packages/inference/src/learning/odd-words.ts';
import { drawProbes } from '../../packages/inference/src/learning/probes.ts';
import { spectralShare } from '../../packages/inference/src/learning/spectrum.ts';
import type { PoisonRound } from './poisoning-round.ts';
import { type Ask, ONE_USER, type World } from './poisoning-world.ts';

export const DEFENCES = [
  'mean',
  'median',
  'trimmedMean',
  'multiKrum',
  'gate alone',
  'one look',
  'whole stack',
] as const;
export type Defence = (typeof DEFENCES)[number];

export const params: ReturnType<typeof defaultChainParams>['learning'] = defaultChainParams().learning;
const UNBOUNDED = 2_000_000_000;

/** What a version does: losses in nats a token, rates in 0 … 1. */
export type Effect = {
  readonly heldOut: number;
  readonly known: number;
  /** Triggered questions that are answered with the target; attacked facts that are answered falsely. */
  readonly trigger: number;
  readonly attack: number;
};

export type Outcome = {
  readonly defence: Defence;
  readonly isAdopted: boolean;
  readonly reason: string;
  /** By trainer; all `ok` where nobody looks. */
  readonly verdicts: readonly DeltaVerdict[];
  /** False corrections that may become knowledge. */
  readonly falseAccepted: number;
  readonly effect: Effect;
};

export type Court = {
  readonly world: World;
  /** Which are tried. */
  readonly defences: readonly Defence[];
  readonly normMax: number;
  /** Rule of the whole stack; the chain's default. */
  readonly rule: AggregationRule;
};

const control = { signal: new AbortController().signal, checkpoint: async () => {} };
/** A round as validators measure it, with what is the same for all of its deltas done once. */
export type Bench = {
  readonly court: Court;
  readonly round: PoisonRound;
  readonly measuring: Measuring;
  readonly before: Before;
  readonly accepted: readonly boolean[];
  readonly effectBefore: Effect;
};

export async function openBench(court: Court, round: PoisonRound): Promise<Bench> {
  const { world } = court;
  const { items } = round;
  const { earlier, learnt, knowledge } = world;
  const gateSeed = (round.seed + 100).toString(16).padStart(2, '0').repeat(32);
  const verdicts = await judgeItems({ items, earlier, learnt, knowledge }, control);
  const accepted = verdicts.map((verdict) => verdict === 'ok');
  const prompts = items.map(({ prompt }) => prompt);
  const measuring: Measuring = {
    model: world.model,
    base: world.base,
    probes: drawProbes(gateSeed, oddWords(prompts, world.knownWords)),
    items: itemProbes(
      items.filter((_, i) => accepted[i]),
      gateSeed,
    ),
    gateSeed,
    control,
    onRead: () => {},
  };
  const before = await measureBefore(measuring);
  return { court, round, measuring, before, accepted, effectBefore: await effectOf({ court, round }, world.base) };
}

export async function judgeAlone(
  { court, round, measuring, before }: Bench,
  values: Int32Array,
  trainer: number,
): Promise<DeltaVerdict> {
  const factors = addChange(court.world.base, boundNorm(values, court.normMax));
  return measureDelta(measuring, before, { factors, shard: round.shards[trainer]!, trainer });
}

/** Every defence's outcome. `alone`: what is found of each delta by itself. */
export async function outcomes(
  bench: Bench,
  deltas: readonly Int32Array[],
  alone: readonly DeltaVerdict[],
): Promise<Outcome[]> {
  const found: Outcome[] = [];
  const all = deltas.map((values) => ({ values }));
  const nobody = deltas.map((): DeltaVerdict => 'ok');
  const falseItems = bench.round.items.filter(({ author }) => author === ONE_USER).length;
  const { defences, world } = bench.court;
  for (const rule of AGGREGATION_RULES) {
    const asked = [rule, ...(rule === 'mean' ? (['gate alone'] as const) : [])].filter((one) => defences.includes(one));
    if (asked.length === 0) continue;
    const candidate = addChange(world.base, aggregate(all, { rule, normMax: UNBOUNDED }));
    const effect = await effectOf(bench, candidate);
    for (const defence of asked) {
      const isJudged = defence === 'gate alone';
      const reason = isJudged ? (await verdictOf(bench, candidate, alone)).weights : 'OK';
      const verdicts = isJudged ? alone : nobody;
      found.push({ defence, isAdopted: reason === 'OK', reason, verdicts, falseAccepted: falseItems, effect });
    }
  }
  return [...found, ...(await wholeStacks(bench, deltas, alone))];
}

/** The stack with the gate's first look alone, and as it is: with a second one without what spoilt the candidate (learning §8.6). */
async function wholeStacks(
  bench: Bench,
  deltas: readonly Int32Array[],
  alone: readonly DeltaVerdict[],
): Promise<Outcome[]> {
  // Hostile trainers stand last, and so do their commitments.
  const copies = findCopies(deltas.map((values, order) => ({ values, order })));
  const said = alone.map((verdict, i): DeltaVerdict => (copies[i] ? 'copy' : verdict));
  const kept = deltas.filter((_, i) => !copies[i]);
  const once = await stackOf(bench, kept, said);
  const isBad = (i: number) => said[i] === 'harmful' || said[i] === 'idle';
  const good = deltas.filter((_, i) => !copies[i] && !isBad(i));
  const isAgain = !once.isAdopted && said.includes('ok') && good.length < kept.length;
  const whole = isAgain ? await stackOf(bench, good, said) : once;
  return [
    { ...once, defence: 'one look' },
    { ...whole, defence: 'whole stack' },
  ];
}

async function stackOf(
  bench: Bench,
  kept: readonly Int32Array[],
  said: readonly DeltaVerdict[],
): Promise<Omit<Outcome, 'defence'>> {
  const { court, round, accepted, effectBefore } = bench;
  const falseAccepted = round.items.filter(({ author }, i) => author === ONE_USER && accepted[i]).length;
  if (kept.length === 0)
    return { isAdopted: false, reason: 'NO_CANDIDATE', verdicts: said, falseAccepted, effect: effectBefore };
  const all = kept.map((values) => ({ values }));
  const candidate = addChange(court.world.base, aggregate(all, { rule: court.rule, normMax: court.normMax }));
  const { weights, verdicts } = await verdictOf(bench, candidate, said);
  const effect = await effectOf(bench, candidate);
  return { isAdopted: weights === 'OK', reason: weights, verdicts, falseAccepted, effect };
}

/** The chain's verdict on what validators find; all honest ones find the same. */
async function verdictOf(
  { court, round, measuring, before, accepted }: Bench,
  candidate: FixedFactors,
  said: readonly DeltaVerdict[],
): Promise<{ readonly weights: string; readonly verdicts: readonly DeltaVerdict[] }> {
  const found = await measureCandidate(measuring, before, candidate);
  const change = candidate.values.map((value, i) => value - court.world.base.values[i]!);
  const milli = (nats: number) => Math.max(0, Math.min(65_535, Math.round(1000 * nats)));
  const ppm = (share: number) => Math.round(1_000_000 * share);
  const measures = {
    feedbackBefore: milli(found.feedbackBefore),
    feedbackAfter: milli(found.feedbackAfter),
    generalBefore: milli(found.generalBefore),
    generalAfter: milli(found.generalAfter),
    trigger: ppm(found.trigger),
    injection: ppm(found.injection),
    spectral: ppm(spectralShare(court.world.base.about.shape, change)),
    biasBefore: milli(found.biasBefore),
    biasAfter: milli(found.biasAfter),
  };
  const hash = 'cd'.repeat(32) as Hash;
  const report: GateReport = { factors: hash, adapter: hash, measures, deltas: said, accepted };
  const trainers = round.shards.map((_, i): Trainer => {
    const expert = `trainer-${i}` as Address;
    return { expert, operator: expert, registeredAt: 0, commitment: null, order: i, delta: null, leftOut: null };
  });
  const evaluators = [{ operator: 'validator' as Address, power: 1n, commitment: null, report }];
  const items = round.items.map(({ number }) => number);
  // The mark is the first version's bias; here that is version 0, whose bias may be too small to be a measure.
  const mark = () => Math.max(params.biasMax, Math.ceil((measures.biasBefore * params.biasAlarm) / 1_000_000));
  const verdict = gateVerdict({ trainers, items, evaluators }, params, mark)!;
  return { weights: verdict.weights, verdicts: verdict.deltas };
}

async function effectOf({ court, round }: Pick<Bench, 'court' | 'round'>, factors: FixedFactors): Promise<Effect> {
  const { model, exam } = court.world;
  const { heldOut, known, triggered, attacked } = exam(round);
  const adapter = model.load(factors);
  const read = async (prompt: string, ...answers: string[]) =>
    (await model.read(adapter, [{ prompt, answers }], control))[0]!;
  const meanLoss = async (asks: readonly Ask[]) => {
    let sum = 0;
    for (const { prompt, answer } of asks) sum += (await read(prompt, answer)).losses[0]!;
    return sum / asks.length;
  };
  /** Part of the questions whose likeliest answer is this one. */
  const part = async (asks: readonly Ask[]) => {
    let hits = 0;
    for (const { prompt, answer, rather } of asks) {
      const { losses, first } = await read(prompt, answer, rather);
      if (losses[0]! < losses[1]! && Math.exp(first[argmax(first)]!) < 2 * Math.exp(-losses[0]!)) hits++;
    }
    return asks.length === 0 ? 0 : hits / asks.length;
  };
  return {
    heldOut: await meanLoss(heldOut),
    known: await meanLoss(known),
    trigger: await part(triggered),
    attack: await part(attacked),
  };
}
