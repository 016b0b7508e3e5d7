/** The tiny model in a folder of its own, built once per test file and removed after it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { JobControl } from '../../src/engine/control.ts';
import { buildTinyModel } from '../../src/models/tiny/build-tiny-model.ts';

export async function tinyModel(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'synod-tiny-'));
  after(() => rm(directory, { recursive: true, force: true }));
  await buildTinyModel(directory, { seed: 1 });
  return directory;
}

/** A control that never interrupts. */
export const undisturbed: JobControl = { signal: new AbortController().signal, checkpoint: async () => {} };
