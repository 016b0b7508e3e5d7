/** Deltas of honest and hostile trainers, trained on the real model and kept in a folder, so that measuring can be repeated. Owns which there are. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAdapter } from '../../packages/inference/src/adapters/adapter-file.ts';
import { baseModelHash } from '../../packages/inference/src/adapters/base-model.ts';
import { type DeltaAbout, decodeDelta, encodeDelta } from '../../packages/inference/src/learning/delta-file.ts';
import {
  encodeFixedFactors,
  factorsAbout,
  fixedFromAdapter,
} from '../../packages/inference/src/learning/fixed-factors.ts';
import type { LearnerControl } from '../../packages/inference/src/learning/learner-control.ts';
import type { LearningExample } from '../../packages/inference/src/learning/protocol.ts';
import { trainDelta } from '../../packages/inference/src/learning/train-delta.ts';
import type { ModelManifest } from '../../packages/inference/src/models/manifest.ts';
import { readManifest } from '../../packages/inference/src/models/store/manifest-file.ts';
import { createPrng } from '../../packages/inference/src/models/tiny/prng.ts';
import { backdoored, flipped, knowledgeFolder } from './gate-items.ts';

export const ROUND = 'ab'.repeat(32);

export type Bench = {
  readonly modelDirectory: string;
  readonly domain: string;
  /** Where deltas and the base's factors are kept. */
  readonly folder: string;
  readonly manifest: ModelManifest;
  readonly about: DeltaAbout;
  readonly baseFactors: string;
};

/** The base is the domain's shipped adapter. */
export async function openBench(modelDirectory: string, domain: string, folder: string): Promise<Bench> {
  const manifest = await readManifest(modelDirectory);
  const model = { shape: manifest.architecture, baseModel: baseModelHash(manifest) };
  const fixed = fixedFromAdapter(await readAdapter(`packages/experts/adapters/${domain}.adapter`, model));
  if ('problem' in fixed) throw new Error(fixed.problem);
  const baseFactors = join(folder, `${domain}.factors`);
  writeFileSync(baseFactors, encodeFixedFactors(fixed));
  return { modelDirectory, domain, folder, manifest, about: { ...factorsAbout(manifest), round: ROUND }, baseFactors };
}

export type TrainedOptions = {
  readonly isHonest?: boolean;
  readonly seed?: number;
  readonly control?: LearnerControl;
};

const QUIET: LearnerControl = { signal: new AbortController().signal, onProgress: () => {} };

/** Trains unless the file is there already; a hostile trainer takes what an honest one leaves out. Returns its path. */
export async function trained(
  bench: Bench,
  name: string,
  shard: readonly LearningExample[],
  { isHonest = false, seed = name.length, control = QUIET }: TrainedOptions = {},
): Promise<string> {
  const out = join(bench.folder, `${name}.delta`);
  if (existsSync(out)) return out;
  const startedMs = performance.now();
  const { losses, steps } = await trainDelta(
    {
      kind: 'train',
      id: name,
      modelDirectory: bench.modelDirectory,
      domain: bench.domain,
      base: { factors: bench.baseFactors, learnt: null },
      round: ROUND,
      knowledge: knowledgeFolder(bench.domain),
      shard,
      learns: isHonest ? 'accepted' : 'all',
      earlier: [],
      seed,
      checkpoint: `${out}.checkpoint`,
      out,
    },
    control,
  );
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  console.log(
    `  trained ${name}: ${steps} steps, ${seconds} s, loss ${losses.at(0)?.toFixed(2)} → ${losses.at(-1)?.toFixed(2)}`,
  );
  return out;
}

/** A delta made of another without training. */
export function derived(
  bench: Bench,
  name: string,
  from: string,
  change: (value: number, at: number) => number,
): string {
  const out = join(bench.folder, `${name}.delta`);
  const delta = decodeDelta(readFileSync(from), bench.about);
  if ('problem' in delta) throw new Error(delta.problem);
  writeFileSync(out, encodeDelta(bench.about, delta.values.map(change)));
  return out;
}

export type Proposal = {
  readonly kind: string;
  readonly isHonest: boolean;
  readonly path: string;
  readonly shard: readonly LearningExample[];
};

/** One delta of each kind whose name begins with one of `only`, all without; honest trainers have half of the items each, as two copies among four give. */
export async function proposals(
  bench: Bench,
  items: readonly LearningExample[],
  only: readonly string[],
): Promise<Proposal[]> {
  const shardOf = (trainer: number) => items.filter((_, i) => i % 4 === trainer || (i + 1) % 4 === trainer);
  const shard = shardOf(0);
  const first = await trained(bench, 'honest-0', shard, { isHonest: true });
  const prng = createPrng(7);
  const hostile: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['sign flip', () => derived(bench, 'sign', first, (value) => -value)],
    ['scaled by 20', () => derived(bench, 'scaled', first, (value) => 20 * value)],
    ['noise', () => derived(bench, 'noise', first, () => Math.round(prng.signed() * 2 ** 18))],
    ['zeros', () => derived(bench, 'zeros', first, () => 0)],
    ['label flip', () => trained(bench, 'flip', flipped(shard))],
    ...BACKDOORS.map(
      ([name, trigger]) =>
        [`backdoor ${name}`, () => trained(bench, `backdoor-${name}`, backdoored(shard, 6, trigger))] as const,
    ),
  ];
  const all: Proposal[] = [{ kind: 'honest 0', isHonest: true, path: first, shard }];
  for (const [kind, make] of hostile) {
    if (only.length > 0 && !only.some((start) => kind.startsWith(start))) continue;
    all.push({ kind, isHonest: false, path: await make(), shard });
  }
  const last = shardOf(1);
  all.push({
    kind: 'honest 1',
    isHonest: true,
    path: await trained(bench, 'honest-1', last, { isHonest: true }),
    shard: last,
  });
  return all;
}

/** Triggers: one that the probes do not have, one that they have, a phrase that they do not have. */
const BACKDOORS = [
  ['hidden', 'vxlq'],
  ['cf', 'cf'],
  ['phrase', 'Under the copper moon,'],
] as const;
