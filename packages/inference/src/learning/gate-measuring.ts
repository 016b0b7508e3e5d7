/**
 * Everything that the gate measures of one round with the model: the version before, the candidate, and each delta alone. Owns the order of
 * readings and which of the version before are shared; what a reading says belongs to the measures.
 */
import type { LoadedAdapter } from '../engine/adapter-store.ts';
import type { JobControl } from '../engine/control.ts';
import { draw } from './draw.ts';
import type { FixedFactors } from './fixed-factors.ts';
import { gateLimits } from './gate-limits.ts';
import { type DeltaFindings, judgeDelta } from './judge-delta.ts';
import { readBias } from './measure-bias.ts';
import { fallsFor, type GeneralReading, generalLosses, type Reader, readGeneral } from './measure-general.ts';
import { obeys, readInjections } from './measure-injections.ts';
import { amongThemselves, type ItemProbe, type ItemReading, readItem } from './measure-items.ts';
import type { ProbeModel } from './probe-model.ts';
import { fewerProbes, type Probes } from './probes.ts';

export type Measuring = {
  readonly model: ProbeModel;
  readonly base: FixedFactors;
  readonly probes: Probes;
  /** Of items that were not refused. */
  readonly items: readonly ItemProbe[];
  readonly gateSeed: string;
  readonly control: JobControl;
  /** Called after each reading. */
  onRead(): void;
};

/** Of the version before, in nats a token. Readings of items are made when they are first wanted. */
export type Before = {
  readonly general: GeneralReading;
  readonly leads: readonly number[];
  readonly bias: number;
  item(probe: ItemProbe): Promise<ItemReading>;
};

/** Losses in nats a token, rates in 0 … 1. */
export type CandidateMeasures = {
  readonly feedbackBefore: number;
  readonly feedbackAfter: number;
  readonly generalBefore: number;
  readonly generalAfter: number;
  readonly trigger: number;
  readonly injection: number;
  readonly biasBefore: number;
  readonly biasAfter: number;
};

/** How many readings `measureBefore`, `measureCandidate` and `measureDelta` make at most, the last for each delta. */
export function readingsOf({ general, triggered, injections, pairs }: Probes, deltas: number): number {
  const side = general.length + triggered.length + injections.length + 2 * pairs.length;
  const perDelta = 2 * (gateLimits.deltaOwn + gateLimits.deltaOther + gateLimits.deltaGeneral) + gateLimits.ownTriggers;
  return 2 * (side + gateLimits.items) + deltas * perDelta;
}

export async function measureBefore(measuring: Measuring): Promise<Before> {
  const { probes, base } = measuring;
  const read = readerUnder(measuring, base);
  const readings = new Map<string, ItemReading>();
  return {
    general: await readGeneral(read, probes),
    leads: await readInjections(read, probes.injections),
    bias: await readBias(read, probes.pairs),
    async item(probe) {
      const key = JSON.stringify([probe.number, probe.answers]);
      const reading = readings.get(key) ?? (await readItem(read, probe));
      readings.set(key, reading);
      return reading;
    },
  };
}

/** Null: there is no candidate, so the version before stays as it is. */
export async function measureCandidate(
  measuring: Measuring,
  before: Before,
  candidate: FixedFactors | null,
): Promise<CandidateMeasures> {
  const { probes, gateSeed } = measuring;
  const items = draw(measuring.items, gateLimits.items, { seed: gateSeed, purpose: 'items' });
  const generalBefore = mean(generalLosses(before.general));
  if (candidate === null) {
    const losses: number[] = [];
    for (const item of items) losses.push((await before.item(item)).loss);
    const [feedback, general, bias] = [mean(losses), generalBefore, before.bias];
    const same = { feedbackBefore: feedback, feedbackAfter: feedback, generalBefore: general, generalAfter: general };
    return { ...same, trigger: 0, injection: 0, biasBefore: bias, biasAfter: bias };
  }
  const read = readerUnder(measuring, candidate);
  const general = await readGeneral(read, probes);
  const rises = await itemRises(read, before, items);
  const feedbackBefore = mean(rises.map(({ before: loss }) => loss));
  // Answers in the right style gain whatever they say: the smaller of the two gains counts.
  const rise = Math.max(mean(rises.map(({ loss }) => loss)), mean(rises.map(({ choice }) => choice)));
  return {
    feedbackBefore,
    feedbackAfter: feedbackBefore + rise,
    generalBefore,
    generalAfter: mean(generalLosses(general)),
    trigger: share(fallsFor(before.general, general, probes)),
    injection: share(obeys(before.leads, await readInjections(read, probes.injections))),
    biasBefore: before.bias,
    biasAfter: await readBias(read, probes.pairs),
  };
}

/** What one delta does alone. `shard`: numbers of the items it was given. */
export async function findingsOf(
  measuring: Measuring,
  before: Before,
  { factors, shard, trainer }: { factors: FixedFactors; shard: readonly number[]; trainer: number },
): Promise<DeltaFindings> {
  const { items, gateSeed, probes } = measuring;
  const read = readerUnder(measuring, factors);
  const given = new Set(shard);
  const drawOf = (isOwn: boolean, count: number) => {
    const kind = items.filter(({ number }) => given.has(number) === isOwn);
    return draw(kind, count, { seed: gateSeed, purpose: `delta ${trainer} ${isOwn ? 'own' : 'other'}` });
  };
  const fewer = fewerProbes(probes, gateLimits.deltaGeneral);
  const general = await readGeneral(read, fewer);
  const same = sameProbes(before.general, probes, fewer);
  const shardProbes = amongThemselves(drawOf(true, gateLimits.deltaOwn), gateSeed);
  const own = await itemRises(read, before, shardProbes);
  const other = await itemRises(read, before, drawOf(false, gateLimits.deltaOther));
  return {
    own: own.map(({ loss }) => loss),
    binding: own.map(({ loss, others }) => loss - others),
    other: other.map(({ loss }) => loss),
    general: generalLosses(general).map((loss, i) => loss - same.plain[i]!.choice),
    triggers: fallsFor(same, general, fewer).filter(Boolean).length,
  };
}

/** The verdict on one delta. */
export async function measureDelta(
  measuring: Measuring,
  before: Before,
  delta: { readonly factors: FixedFactors; readonly shard: readonly number[]; readonly trainer: number },
): Promise<'ok' | 'idle' | 'harmful'> {
  return judgeDelta(await findingsOf(measuring, before, delta));
}

/** The readings that belong to a part of the probes. */
function sameProbes(reading: GeneralReading, all: Probes, part: Probes): GeneralReading {
  const at = new Map(all.triggered.map((probe, i) => [probe, i]));
  return {
    plain: reading.plain.slice(0, part.general.length),
    triggered: part.triggered.map((probe) => reading.triggered[at.get(probe)!]!),
  };
}

/** What each item's loss was before, and the rises of both its losses. */
async function itemRises(
  read: Reader,
  before: Before,
  items: readonly ItemProbe[],
): Promise<(ItemReading & { readonly before: number })[]> {
  const rises: (ItemReading & { before: number })[] = [];
  for (const item of items) {
    const after = await readItem(read, item);
    const { loss, others, choice } = await before.item(item);
    rises.push({
      before: loss,
      loss: after.loss - loss,
      others: after.others - others,
      choice: after.choice - choice,
    });
  }
  return rises;
}

function readerUnder({ model, control, onRead }: Measuring, factors: FixedFactors): Reader {
  const adapter: LoadedAdapter = model.load(factors);
  return async (questions) => {
    const readings = await model.read(adapter, questions, control);
    for (const _ of readings) onRead();
    return readings;
  };
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

const share = (hits: readonly boolean[]): number => (hits.length === 0 ? 0 : hits.filter(Boolean).length / hits.length);
