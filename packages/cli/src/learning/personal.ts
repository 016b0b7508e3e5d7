/**
 * A user's own adapter (spec: learning §2.5): what was said in private, learnt on top of the domain's shipped adapter, in files of this user
 * alone. Owns the files and the training's parts; steps, replay and process are the learner's. Nothing leaves the machine.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { correctionPassage, type FeedbackBlob, SynodError, sha256, toHex } from '@synod/chain';
import { readAdapter } from '@synod/inference/adapters';
import { writeLearnt } from '@synod/inference/knowledge';
import {
  candidateOf,
  createLearner,
  encodeFixedFactors,
  fixedFromAdapter,
  type LearnerEvent,
  type LearnerJob,
  type LearningExample,
  openRound,
  readDeltas,
  writeCandidate,
} from '@synod/inference/learning';
import { makeDirectory } from '@synod/node/make-directory';
import { writeFileWhole, writeJsonAtomic } from '../files/write-file.ts';
import { type Environment, personalDirectory } from '../settings/paths.ts';

export type PersonalFiles = {
  readonly folder: string;
  readonly adapter: string;
  readonly learnt: string;
  readonly about: string;
};

/** What was trained: on how many items, and which they were. */
export type PersonalAbout = { readonly items: number; readonly data: string; readonly adapter: string };

export type PersonalTraining = {
  readonly domain: string;
  readonly items: readonly FeedbackBlob[];
  readonly modelDirectory: string;
  readonly knowledge: string | null;
  /** Of the domain; null for none. */
  readonly shippedAdapter: string | null;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Extract<LearnerEvent, { kind: 'progress' }>) => void;
};

const SEED = 1;
/** Far above what a training reaches: one's own words are not shortened. */
const NORM_MAX = 1_000_000;
const MEAN = 0;

export function personalFiles(environment: Environment, domain: string): PersonalFiles {
  const folder = personalDirectory(environment, domain);
  return {
    folder,
    adapter: join(folder, 'personal.adapter'),
    learnt: join(folder, 'learnt.json'),
    about: join(folder, 'about.json'),
  };
}

/** Null where nothing was trained for the domain. */
export function readPersonal(files: PersonalFiles): PersonalAbout | null {
  if (!existsSync(files.about) || !existsSync(files.adapter)) return null;
  return JSON.parse(readFileSync(files.about, 'utf8')) as PersonalAbout;
}

/** Names the items: the same ones are not trained on twice. */
export function dataOf(items: readonly FeedbackBlob[]): string {
  return toHex(sha256(new TextEncoder().encode(JSON.stringify(items))));
}

/** Trains, from a checkpoint on where one of the same items lies. Throws `INTERRUPTED`, or the learner's code. */
export async function trainPersonal(training: PersonalTraining): Promise<PersonalAbout> {
  const { domain, items, modelDirectory, environment, signal } = training;
  const files = personalFiles(environment, domain);
  makeDirectory(files.folder);
  const data = dataOf(items);
  const base = await writeBase(training, files);
  const out = join(files.folder, 'own.delta');
  await runJob(
    {
      kind: 'train',
      id: 'personal',
      modelDirectory,
      domain,
      base: { factors: base, learnt: null },
      round: data,
      knowledge: training.knowledge,
      shard: items.map(exampleOf),
      learns: 'all',
      earlier: [],
      seed: SEED,
      checkpoint: join(files.folder, 'training.checkpoint'),
      out,
    },
    { signal, onProgress: training.onProgress },
  );
  const opened = await openRound({ modelDirectory, round: data, base: { factors: base, learnt: null } });
  const deltas = await readDeltas([{ path: out, order: 0 }], opened.about);
  const candidate = candidateOf(opened.base, deltas, { aggregator: MEAN, normMax: NORM_MAX });
  const outFactors = join(files.folder, 'personal.factors');
  const { adapter } = await writeCandidate(candidate, { domain, outFactors, outAdapter: files.adapter });
  const passages = items.flatMap((blob, number) => {
    const passage = correctionPassage(blob);
    return passage === null ? [] : [{ ...passage, prompt: blob.prompt, number }];
  });
  await writeLearnt(files.learnt, passages);
  const about = { items: items.length, data, adapter };
  writeJsonAtomic(files.about, about, 'secret');
  return about;
}

function exampleOf(blob: FeedbackBlob, number: number): LearningExample {
  const { author, prompt, answer, rating } = blob;
  return { number, author, prompt, answer, rating, passage: correctionPassage(blob) };
}

/** The shipped adapter's factors as a file; null where there is none for this model, so that all begins with zeros. */
async function writeBase(
  { modelDirectory, shippedAdapter }: PersonalTraining,
  { folder }: PersonalFiles,
): Promise<string | null> {
  if (shippedAdapter === null) return null;
  const { about } = await openRound({ modelDirectory, round: '00'.repeat(32), base: { factors: null, learnt: null } });
  const fixed = fixedFromAdapter(await readAdapter(shippedAdapter, about));
  if ('problem' in fixed) return null;
  const file = join(folder, 'base.factors');
  writeFileWhole(file, encodeFixedFactors(fixed));
  return file;
}

async function runJob(
  job: LearnerJob,
  { signal, onProgress }: Pick<PersonalTraining, 'signal' | 'onProgress'>,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<LearnerEvent>();
  const learner = createLearner({
    onEvent: (event) => (event.kind === 'progress' ? onProgress(event) : resolve(event)),
  });
  const cancel = () => learner.cancel(job.id);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    learner.submit(job);
    if (signal.aborted) cancel();
    const event = await promise;
    if (event.kind !== 'failed') return;
    if (signal.aborted) throw new SynodError('INTERRUPTED', 'Interrupted. The same command goes on where it stopped.');
    throw new SynodError(event.code, event.message);
  } finally {
    signal.removeEventListener('abort', cancel);
    await learner.close();
  }
}
