import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readAdapter } from '../../src/adapters/adapter-file.ts';
import { baseModelHash } from '../../src/adapters/base-model.ts';
import { readManifest } from '../../src/models/store/manifest-file.ts';
import { type TrainAdapterOptions, trainAdapter } from '../../src/training/client.ts';
import { takeHostLock } from '../../src/training/host-lock.ts';
import type { TrainingProgress } from '../../src/training/trainer.ts';
import { tinyModel } from '../engine/tiny-model.ts';

const modelDirectory = await tinyModel();
const folder = await mkdtemp(join(tmpdir(), 'synod-training-test-'));
after(() => rm(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);

const examples = Array.from({ length: 7 }, (_, i) => ({ prompt: `What is ${i}?`, answer: `It is ${i * i}.` }));
const settings = { domain: 'numbers', steps: 12, examplesPerStep: 2, learningRate: 0.02, warmupSteps: 2, seed: 4 };

const options = (changes: Partial<TrainAdapterOptions> = {}): TrainAdapterOptions => ({
  modelDirectory,
  examples,
  settings,
  out: path('whole.adapter'),
  lock: path('lock'),
  ...changes,
});

const sha256 = async (name: string) =>
  createHash('sha256')
    .update(await readFile(path(name)))
    .digest('hex');
const exists = (name: string) =>
  stat(path(name)).then(
    () => true,
    () => false,
  );

/** Cancels after a step, then trains on. */
async function interruptedTraining(afterStep: number, out: string): Promise<readonly number[]> {
  const abort = new AbortController();
  const steps: number[] = [];
  const onProgress = ({ step }: TrainingProgress): void => {
    steps.push(step);
    if (step === afterStep) abort.abort();
  };
  const changes = { out: path(out), checkpoint: path(`${out}.checkpoint`), onProgress };
  await assert.rejects(trainAdapter(options({ ...changes, signal: abort.signal })), { code: 'CANCELLED' });
  assert.ok(steps.at(-1)! < settings.steps, 'cancelled before the end');
  const result = await trainAdapter(options(changes));
  assert.equal(
    result.resumedSteps,
    Math.max(...steps.slice(0, steps.indexOf(settings.steps) - result.losses.length + 1)),
  );
  return steps;
}

test('training lowers the loss, reports every step and writes an adapter of its seed, data and model', async () => {
  const progress: TrainingProgress[] = [];
  const result = await trainAdapter(options({ onProgress: (event) => progress.push(event) }));
  assert.deepEqual(
    progress.map(({ step }) => step),
    Array.from({ length: 12 }, (_, i) => i + 1),
  );
  assert.deepEqual(
    progress.map(({ loss }) => loss),
    result.losses,
  );
  assert.ok(result.losses.at(-1)! < result.losses[0]! - 0.3, result.losses.join(' '));
  assert.equal(progress.at(-1)!.remainingMs, 0);
  assert.ok(progress.every(({ tokensPerSecond }) => tokensPerSecond > 0));
  assert.equal(result.hash, await sha256('whole.adapter'));
  const manifest = await readManifest(modelDirectory);
  const model = { shape: manifest.architecture, baseModel: baseModelHash(manifest) };
  const { about } = await readAdapter(result.path, model);
  assert.deepEqual({ ...about, dataHash: '' }, { ...result.about, dataHash: '' });
  assert.deepEqual([about.domain, about.seed, about.steps, about.trained], ['numbers', 4, 12, 'B']);
});

test('the same seed gives the same bytes; another seed others', async () => {
  await trainAdapter(options({ out: path('again.adapter') }));
  assert.equal(await sha256('again.adapter'), await sha256('whole.adapter'));
  await trainAdapter(options({ out: path('other.adapter'), settings: { ...settings, seed: 5 } }));
  assert.notEqual(await sha256('other.adapter'), await sha256('whole.adapter'));
});

test('a training cancelled between steps continues to the same bytes and leaves no checkpoint', async () => {
  const steps = await interruptedTraining(5, 'cancelled.adapter');
  assert.ok(steps.length <= settings.steps + 1, 'steps done before are not done again');
  assert.equal(await sha256('cancelled.adapter'), await sha256('whole.adapter'));
  assert.equal(await exists('cancelled.adapter.checkpoint'), false);
});
