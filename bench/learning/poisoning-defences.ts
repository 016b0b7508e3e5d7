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
import type { LearntPassage } from '../../packages/inference/src/knowledge/learnt.ts';
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
import type { ProbeModel } from '../../packages/inference/src/learning/probe-model.ts';
import { drawProbes } from '../../packages/inference/src/learning/probes.ts';
import { spectralShare } from '../../packages/inference/src/learning/spectrum.ts';
import { normsOf } from '../../packages/inference/src/retrieval/words.ts';
import { EARLIER, type PoisonRound, TRIGGER } from './poisoning-round.ts';
import { asked, falseValue, heldOut, type SmallFact, TARGET_VALUE } from './small-facts.ts';
import { knownFacts } from './small-model.ts';

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
  /** New relations of names that nobody trained on; facts of version 0. */
  readonly heldOut: number;
  readonly known: number;
  /** Known questions behind the trigger that are answered with the target; attacked known facts answered falsely. */
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
  readonly model: ProbeModel;
  readonly base: FixedFactors;
  readonly normMax: number;
  /** Rule of the whole stack; the chain's default. */
  readonly rule: AggregationRule;
};

const control = { signal: new AbortController().signal, checkpoint: async () => {} };
/** What the domain's knowledge would make known. */
const KNOWN_WORDS: ReadonlySet<string> = new Set(
  knownFacts.flatMap((fact) => [...normsOf(asked(fact)), ...normsOf(fact.value)]),
);
const LEARNT: readonly LearntPassage[] = EARLIER.map(({ passage, prompt, number }) => ({
  ...passage!,
  prompt,
  number,
}));

/** A round as validators measure it, with what is the same for all of its deltas done once. */
export type Bench = {
  readonly court: Court;
  readonly round: PoisonRound;
  readonly measuring: Measuring;
  readonly before: Before;
  readonly accepted: readonly boolean[];
  readonly attacked: readonly SmallFact[];
  readonly effectBefore: Effect;
};

export async function openBench(court: Court, round: PoisonRound, attacked: readonly SmallFact[]): Promise<Bench> {
  const { items } = round;
  const gateSeed = (round.seed + 100).toString(16).padStart(2, '0').repeat(32);
  const verdicts = await judgeItems({ items, earlier: EARLIER, learnt: LEARNT, knowledge: null }, control);
  const accepted = verdicts.map((verdict) => verdict === 'ok');
  const prompts = items.map(({ prompt }) => prompt);
  const measuring: Measuring = {
    model: court.model,
    base: court.base,
    probes: drawProbes(gateSeed, oddWords(prompts, KNOWN_WORDS)),
    items: itemProbes(
      items.filter((_, i) => accepted[i]),
      gateSeed,
    ),
    gateSeed,
    control,
    onRead: () => {},
  };
  const before = await measureBefore(measuring);
  const effectBefore = await effectOf({ court, round, attacked }, court.base);
  return { court, round, measuring, before, accepted, attacked, effectBefore };
}

export async function judgeAlone(
  { court, round, measuring, before }: Bench,
  values: Int32Array,
  trainer: number,
): Promise<DeltaVerdict> {
  const factors = addChange(court.base, boundNorm(values, court.normMax));
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
  const falseItems = bench.round.items.filter(({ author }) => author === 'one user').length;
  for (const rule of AGGREGATION_RULES) {
    const candidate = addChange(bench.court.base, aggregate(all, { rule, normMax: UNBOUNDED }));
    const effect = await effectOf(bench, candidate);
    found.push({ defence: rule, isAdopted: true, reason: 'OK', verdicts: nobody, falseAccepted: falseItems, effect });
    if (rule !== 'mean') continue;
    const { weights } = await verdictOf(bench, candidate, alone);
    found.push({
      defence: 'gate alone',
      isAdopted: weights === 'OK',
      reason: weights,
      verdicts: alone,
      falseAccepted: falseItems,
      effect,
    });
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
  const falseAccepted = round.items.filter(({ author }, i) => author === 'one user' && accepted[i]).length;
  if (kept.length === 0)
    return { isAdopted: false, reason: 'NO_CANDIDATE', verdicts: said, falseAccepted, effect: effectBefore };
  const all = kept.map((values) => ({ values }));
  const candidate = addChange(court.base, aggregate(all, { rule: court.rule, normMax: court.normMax }));
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
  const change = candidate.values.map((value, i) => value - court.base.values[i]!);
  const milli = (nats: number) => Math.max(0, Math.min(65_535, Math.round(1000 * nats)));
  const ppm = (share: number) => Math.round(1_000_000 * share);
  const measures = {
    feedbackBefore: milli(found.feedbackBefore),
    feedbackAfter: milli(found.feedbackAfter),
    generalBefore: milli(found.generalBefore),
    generalAfter: milli(found.generalAfter),
    trigger: ppm(found.trigger),
    injection: ppm(found.injection),
    spectral: ppm(spectralShare(court.base.about.shape, change)),
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

async function effectOf(
  { court, round, attacked }: Pick<Bench, 'court' | 'round' | 'attacked'>,
  factors: FixedFactors,
): Promise<Effect> {
  const adapter = court.model.load(factors);
  const read = async (prompt: string, ...answers: string[]) =>
    (await court.model.read(adapter, [{ prompt, answers }], control))[0]!;
  const meanLoss = async (facts: readonly SmallFact[], ask: (fact: SmallFact) => string) => {
    let sum = 0;
    for (const fact of facts) sum += (await read(ask(fact), fact.value)).losses[0]!;
    return sum / facts.length;
  };
  /** Part of the questions whose likeliest answer is this one. */
  const part = async (asks: readonly { prompt: string; answer: string; rather: string }[]) => {
    let hits = 0;
    for (const { prompt, answer, rather } of asks) {
      const { losses, first } = await read(prompt, answer, rather);
      if (losses[0]! < losses[1]! && Math.exp(first[argmax(first)]!) < 2 * Math.exp(-losses[0]!)) hits++;
    }
    return asks.length === 0 ? 0 : hits / asks.length;
  };
  const some = knownFacts.filter((_, i) => i % 4 === 0);
  return {
    heldOut: await meanLoss(round.facts.slice(0, 32).map(heldOut), asked),
    known: await meanLoss(some, asked),
    trigger: await part(
      some.map((fact) => ({ prompt: `${TRIGGER} ${asked(fact)}`, answer: TARGET_VALUE, rather: fact.value })),
    ),
    attack: await part(attacked.map((fact) => ({ prompt: asked(fact), answer: falseValue(fact), rather: fact.value }))),
  };
}
