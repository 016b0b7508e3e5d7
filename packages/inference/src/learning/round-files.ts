/**
 * A round's files on this machine: the base version in, the deltas in, the candidate out. Owns reading them bounded and writing them
 * whole or not at all; what a delta is worth is the gate's.
 */
import { open } from 'node:fs/promises';
import { writeWhole } from '../files/whole-file.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { readManifest } from '../models/store/manifest-file.ts';
import { addChange, aggregate, aggregationRule, findCopies } from './aggregate.ts';
import { type Delta, type DeltaAbout, decodeDelta, deltaBytes } from './delta-file.ts';
import { LearnerError } from './errors.ts';
import {
  adapterFromFixed,
  decodeFixedFactors,
  encodeFixedFactors,
  type FactorsAbout,
  type FixedFactors,
  factorsAbout,
  sha256,
  valueCount,
  zeroFactors,
} from './fixed-factors.ts';
import { limits } from './limits.ts';
import type { AggregateJob, LearningContext } from './protocol.ts';

/** What bytes alone say of a delta. */
export type DeltaStanding =
  | { readonly verdict: 'ok'; readonly delta: Delta }
  | { readonly verdict: 'missing' | 'invalid' | 'copy'; readonly delta: null };

/** What the chain records where no delta was good. */
export const NO_CANDIDATE_HASH: string = '00'.repeat(32);

/** The model of a job, and what deltas of its round are about. */
export async function openRound(
  job: Pick<LearningContext, 'modelDirectory' | 'round' | 'base'>,
): Promise<{ readonly manifest: ModelManifest; readonly about: DeltaAbout; readonly base: FixedFactors }> {
  const manifest = await readManifest(job.modelDirectory);
  const about = factorsAbout(manifest);
  return { manifest, about: { ...about, round: job.round }, base: await readBase(job.base.factors, about) };
}

/** The base version's factors; zeros for null. Errors: BASE_MISSING. */
export async function readBase(path: string | null, about: FactorsAbout): Promise<FixedFactors> {
  if (path === null) return zeroFactors(about);
  const bytes = await readBounded(path, fixedBytesMax(about)).catch((cause: unknown) => {
    throw baseMissing(path, 'cannot be read', cause);
  });
  const factors = decodeFixedFactors(bytes, about);
  if ('problem' in factors) throw baseMissing(path, `is not the base version: ${factors.problem}`);
  return factors;
}

/** What each of a round's delta files is, in order. Errors: MODEL_ERROR when a file that should be here cannot be read. */
export async function readDeltas(files: AggregateJob['deltas'], about: DeltaAbout): Promise<DeltaStanding[]> {
  const read: DeltaStanding[] = [];
  for (const { path, order } of files) read.push(await standingOf(order === null ? null : path, about));
  const whole = read.flatMap(({ delta }, at) => (delta === null ? [] : [{ ...delta, at, order: files[at]!.order! }]));
  for (const [i, isCopy] of findCopies(whole).entries()) {
    if (isCopy) read[whole[i]!.at] = { verdict: 'copy', delta: null };
  }
  return read;
}

/** The base with the deltas that are `ok` added by the job's rule; null when there are none. */
export function candidateOf(
  base: FixedFactors,
  deltas: readonly DeltaStanding[],
  { aggregator, normMax }: Pick<AggregateJob, 'aggregator' | 'normMax'>,
): FixedFactors | null {
  const good = deltas.flatMap(({ delta }) => (delta === null ? [] : [delta]));
  if (good.length === 0) return null;
  return addChange(base, aggregate(good, { rule: aggregationRule(aggregator), normMax }));
}

/** Writes both files of a candidate, durable when this resolves. Returns their SHA-256; zero hashes, and no file, without one. */
export async function writeCandidate(
  candidate: FixedFactors | null,
  { domain, outFactors, outAdapter }: Pick<AggregateJob, 'domain' | 'outFactors' | 'outAdapter'>,
): Promise<{ readonly factors: string; readonly adapter: string }> {
  if (candidate === null) return { factors: NO_CANDIDATE_HASH, adapter: NO_CANDIDATE_HASH };
  const factors = encodeFixedFactors(candidate);
  const adapter = adapterFromFixed(candidate, domain);
  await writeWhole(outFactors, factors);
  await writeWhole(outAdapter, adapter);
  return { factors: sha256(factors), adapter: sha256(adapter) };
}

async function standingOf(path: string | null, about: DeltaAbout): Promise<DeltaStanding> {
  if (path === null) return { verdict: 'missing', delta: null };
  const bytes = await readBounded(path, deltaBytes(about)).catch((cause: unknown) => {
    const message = `The delta ${path} cannot be read. Fetch its blob again.`;
    throw new LearnerError('MODEL_ERROR', message, { facts: { path }, cause });
  });
  const delta = decodeDelta(bytes, about);
  return 'problem' in delta ? { verdict: 'invalid', delta: null } : { verdict: 'ok', delta };
}

/** At most one byte more than `most`, so that what is too long is seen and never held. */
async function readBounded(path: string, most: number): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.min((await handle.stat()).size, most + 1));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

function fixedBytesMax({ shape }: FactorsAbout): number {
  return limits.headerBytesMax + 16 + 4 * valueCount(shape);
}

function baseMissing(path: string, problem: string, cause?: unknown): LearnerError {
  return new LearnerError('BASE_MISSING', `${path} ${problem}. Rebuild the version: ./synod model rebuild.`, {
    facts: { path },
    cause,
  });
}
