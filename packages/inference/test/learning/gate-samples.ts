/** A round for the gate on the tiny model: true deltas in files, and knowledge whose vectors need no model. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type Knowledge, openKnowledge } from '../../src/knowledge/knowledge.ts';
import { type DeltaAbout, encodeDelta } from '../../src/learning/delta-file.ts';
import { factorsAbout, valueCount } from '../../src/learning/fixed-factors.ts';
import type { LearningExample } from '../../src/learning/protocol.ts';
import { readManifest } from '../../src/models/store/manifest-file.ts';
import { createPrng } from '../../src/models/tiny/prng.ts';
import { temporaryFolder, wordEmbedder, writeFolder } from '../knowledge/fixture.ts';

export const ROUND = 'ab'.repeat(32);
export const GATE_SEED = '5c'.repeat(32);

/** A correction whose passage is made as learning §2.2 says. */
export function correction(number: number, prompt: string, text: string, author = 'ann'): LearningExample {
  const isSentence = /[.!?]$/.test(text) && text.split(' ').length >= 4;
  const passage = { text: isSentence ? text : `${prompt} ${text}`, source: 'a user of Synod' };
  return { number, author, prompt, answer: 'No idea.', rating: 'correct', passage };
}

export const rating = (number: number, kind: 'good' | 'bad', author = 'ann'): LearningExample => ({
  number,
  author,
  prompt: `Is number ${number} good?`,
  answer: 'Yes, it is.',
  rating: kind,
  passage: null,
});

/** The shipped fixture's countries, as an expert has them. */
export async function countries(): Promise<Knowledge> {
  const folder = await writeFolder(await temporaryFolder());
  return openKnowledge(folder, { embed: wordEmbedder().embed });
}

export type DeltaFiles = {
  readonly about: DeltaAbout;
  /** Random values up to `size` in floats' units, written as a delta. */
  random(name: string, seed: number, size: number): Promise<string>;
  write(name: string, values: Int32Array): Promise<string>;
  path(name: string): string;
};

export async function deltaFiles(modelDirectory: string): Promise<DeltaFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'synod-gate-'));
  after(() => rm(folder, { recursive: true, force: true }));
  const about = { ...factorsAbout(await readManifest(modelDirectory)), round: ROUND };
  const path = (name: string) => join(folder, name);
  const write = async (name: string, values: Int32Array) => {
    await writeFile(path(name), encodeDelta(about, values));
    return path(name);
  };
  return {
    about,
    path,
    write,
    random: (name, seed, size) => {
      const prng = createPrng(seed);
      return write(
        name,
        Int32Array.from({ length: valueCount(about.shape) }, () => prng.signed() * size * 2 ** 24),
      );
    },
  };
}
