/**
 * A validator's part in the gate: aggregates a round's deltas, writes the candidate, and finds out what it and each delta are worth (spec: learning
 * §7). Owns the order of work and the way from floats to the report's integers; adoption is the chain's (§8).
 */
import type { JobControl } from '../engine/control.ts';
import { judgeItems, knownWords } from './accept.ts';
import { addChange, boundNorm } from './aggregate.ts';
import { LearnerError } from './errors.ts';
import type { FixedFactors } from './fixed-factors.ts';
import {
  type Before,
  type CandidateMeasures,
  type Measuring,
  measureBefore,
  measureCandidate,
  measureDelta,
  readingsOf,
} from './gate-measuring.ts';
import type { LearnerControl } from './learner-control.ts';
import { itemProbes } from './measure-items.ts';
import { oddWords } from './odd-words.ts';
import { openProbeModel, type ProbeModel } from './probe-model.ts';
import { drawProbes } from './probes.ts';
import type { EvaluateJob, LearnerReport } from './protocol.ts';
import { candidateOf, type DeltaStanding, openRound, readDeltas, writeCandidate } from './round-files.ts';
import { openRoundKnowledge } from './round-knowledge.ts';
import { spectralShare } from './spectrum.ts';

export async function evaluate(job: EvaluateJob, control: LearnerControl): Promise<LearnerReport> {
  const { about, base } = await openRound(job);
  control.onProgress({ stage: 'aggregating', done: 0, of: job.deltas.length, lossMilli: null });
  const deltas = await readDeltas(job.deltas, about);
  const candidate = candidateOf(base, deltas, job);
  const hashes = await writeCandidate(candidate, job);
  control.onProgress({ stage: 'loading', done: 0, of: 1, lossMilli: null });
  const model = await openProbeModel(job.modelDirectory);
  try {
    return { ...hashes, ...(await measure({ job, model, base, candidate, deltas }, control)) };
  } catch (error) {
    if (control.signal.aborted)
      throw new LearnerError('CANCELLED', 'The job was cancelled by its caller.', { cause: error });
    throw error;
  } finally {
    await model.close();
  }
}

type Round = {
  readonly job: EvaluateJob;
  readonly model: ProbeModel;
  readonly base: FixedFactors;
  readonly candidate: FixedFactors | null;
  readonly deltas: readonly DeltaStanding[];
};

async function measure(
  { job, model, base, candidate, deltas }: Round,
  { signal, onProgress }: LearnerControl,
): Promise<Omit<LearnerReport, 'factors' | 'adapter'>> {
  const control: JobControl = { signal, checkpoint: async () => {} };
  const known = await openRoundKnowledge(job, model.embed);
  const { items, earlier, gateSeed } = job;
  const accepted = (await judgeItems({ items, earlier, ...known }, control)).map((verdict) => verdict === 'ok');
  const prompts = items.map(({ prompt }) => prompt);
  const probes = drawProbes(gateSeed, oddWords(prompts, knownWords(known.knowledge)));
  const judged = deltas.filter(({ verdict }, trainer) => verdict === 'ok' && job.deltas[trainer]!.isOwn !== true);
  const of = readingsOf(probes, judged.length);
  let done = 0;
  const onRead = () => onProgress({ stage: 'measuring', done: Math.min(++done, of), of, lossMilli: null });
  const measuring = {
    model,
    base,
    probes,
    items: itemProbes(
      items.filter((_, i) => accepted[i] === true),
      gateSeed,
    ),
    gateSeed,
    control,
    onRead,
  };
  const before = await measureBefore(measuring);
  const measures = await measureCandidate(measuring, before, candidate);
  const spectral = candidate === null ? 0 : spectralShare(base.about.shape, changeOf(base, candidate));
  return {
    measures: toIntegers(measures, spectral),
    deltas: await judgeDeltas({ job, measuring, before, deltas }),
    accepted,
  };
}

async function judgeDeltas({
  job,
  measuring,
  before,
  deltas,
}: {
  readonly job: EvaluateJob;
  readonly measuring: Measuring;
  readonly before: Before;
  readonly deltas: readonly DeltaStanding[];
}): Promise<LearnerReport['deltas']> {
  const verdicts: LearnerReport['deltas'][number][] = [];
  for (const [trainer, { verdict, delta }] of deltas.entries()) {
    const { shard, isOwn = false } = job.deltas[trainer]!;
    if (delta === null || isOwn) {
      verdicts.push(verdict);
      continue;
    }
    const factors = addChange(measuring.base, boundNorm(delta.values, job.normMax));
    verdicts.push(await measureDelta(measuring, before, { factors, shard, trainer }));
  }
  return verdicts;
}

function changeOf(base: FixedFactors, candidate: FixedFactors): Int32Array {
  return candidate.values.map((value, i) => value - base.values[i]!);
}

/** As the chain has them: thousandths of a nat, clipped to 16 bits, and millionths. */
function toIntegers(measures: CandidateMeasures, spectral: number): LearnerReport['measures'] {
  const milli = (nats: number) => Math.max(0, Math.min(MILLI_MAX, Math.round(1000 * nats)));
  const ppm = (share: number) => Math.max(0, Math.min(1_000_000, Math.round(1_000_000 * share)));
  return {
    feedbackBefore: milli(measures.feedbackBefore),
    feedbackAfter: milli(measures.feedbackAfter),
    generalBefore: milli(measures.generalBefore),
    generalAfter: milli(measures.generalAfter),
    trigger: ppm(measures.trigger),
    injection: ppm(measures.injection),
    spectral: ppm(spectral),
    biasBefore: milli(measures.biasBefore),
    biasAfter: milli(measures.biasAfter),
  };
}

const MILLI_MAX = 65_535;
