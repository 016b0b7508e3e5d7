/** Deltas by themselves, as the gate finds them (`gate-measuring.ts`). Owns opening the model for that and the printed lines. */
import { readFileSync } from 'node:fs';
import { addChange, boundNorm } from '../../packages/inference/src/learning/aggregate.ts';
import { decodeDelta } from '../../packages/inference/src/learning/delta-file.ts';
import { decodeFixedFactors } from '../../packages/inference/src/learning/fixed-factors.ts';
import {
  type CandidateMeasures,
  findingsOf,
  type Measuring,
  measureBefore,
  measureCandidate,
} from '../../packages/inference/src/learning/gate-measuring.ts';
import { type DeltaFindings, judgeDelta } from '../../packages/inference/src/learning/judge-delta.ts';
import { itemProbes } from '../../packages/inference/src/learning/measure-items.ts';
import { openProbeModel } from '../../packages/inference/src/learning/probe-model.ts';
import { drawProbes } from '../../packages/inference/src/learning/probes.ts';
import type { LearningExample } from '../../packages/inference/src/learning/protocol.ts';
import { spectralShare } from '../../packages/inference/src/learning/spectrum.ts';
import type { Bench, Proposal } from './gate-deltas.ts';

/** What is found of one delta; `asCandidate`: as if it were the candidate. */
export type Alone = {
  readonly kind: string;
  readonly isHonest: boolean;
  readonly verdict: 'ok' | 'idle' | 'harmful';
  readonly findings: DeltaFindings;
  readonly spectral: number;
  readonly norm: number;
  readonly asCandidate: CandidateMeasures | null;
};

export type AloneOptions = {
  readonly items: readonly LearningExample[];
  readonly gateSeed: string;
  readonly normMax: number;
  /** Whether each is measured as a candidate, too. */
  readonly isFull: boolean;
};

export async function measureAlone(
  bench: Bench,
  all: readonly Proposal[],
  { items, gateSeed, normMax, isFull }: AloneOptions,
): Promise<Alone[]> {
  const base = decodeFixedFactors(readFileSync(bench.baseFactors), bench.about);
  if ('problem' in base) throw new Error(base.problem);
  const model = await openProbeModel(bench.modelDirectory);
  const control = { signal: new AbortController().signal, checkpoint: async () => {} };
  const probes = drawProbes(gateSeed, []);
  const measuring: Measuring = {
    model,
    base,
    probes,
    items: itemProbes(items, gateSeed),
    gateSeed,
    control,
    onRead: () => {},
  };
  const before = await measureBefore(measuring);
  const found: Alone[] = [];
  for (const [trainer, { kind, isHonest, path, shard }] of all.entries()) {
    const delta = decodeDelta(readFileSync(path), bench.about);
    if ('problem' in delta) throw new Error(delta.problem);
    const factors = addChange(base, boundNorm(delta.values, normMax));
    const numbers = shard.map(({ number }) => number);
    const findings = await findingsOf(measuring, before, { factors, shard: numbers, trainer });
    const spectral = spectralShare(base.about.shape, delta.values);
    const norm = Math.sqrt(delta.values.reduce((sum, value) => sum + (value / 2 ** 24) ** 2, 0));
    const asCandidate = isFull ? await measureCandidate(measuring, before, factors) : null;
    const one = { kind, isHonest, verdict: judgeDelta(findings), findings, spectral, norm, asCandidate };
    console.log(lineOf(one));
    found.push(one);
  }
  await model.close();
  return found;
}

function lineOf({ kind, verdict, findings, spectral, norm, asCandidate }: Alone): string {
  const { own, binding, other, general, triggers } = findings;
  const parts = [
    kind.padEnd(18),
    verdict.padEnd(8),
    `own ${withError(own)}  binding ${withError(binding)}  other ${withError(other)}  general ${withError(general)}`,
    `triggers ${triggers}  spectral ${spectral.toFixed(2)}  norm ${norm.toFixed(2)}`,
  ];
  if (asCandidate !== null) {
    const figures = Object.entries(asCandidate).map(([name, value]) => `${name} ${value.toFixed(2)}`);
    parts.push(`\n    ${figures.join('  ')}`);
  }
  return parts.join('  ');
}

/** Mean rise of loss in nats a token, and its standard error. */
function withError(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = Math.sqrt(squares / Math.max(1, values.length - 1) / Math.max(1, values.length));
  return `${mean >= 0 ? '+' : ''}${mean.toFixed(2)}±${error.toFixed(2)}`;
}
