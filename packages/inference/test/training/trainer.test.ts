import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readAdapter } from '../../src/adapters/adapter-file.ts';
import { baseModelHash } from '../../src/adapters/base-model.ts';
import { readManifest } from '../../src/models/store/manifest-file.ts';
import { jobOf, type TrainAdapterOptions, trainAdapter } from '../../src/training/client.ts';
import type { TrainingError } from '../../src/training/errors.ts';
import { takeHostLock } from '../../src/training/host-lock.ts';
import { ADAM_DEFAULTS } from '../../src/training/optimiser.ts';
import { type TrainingProgress, type TrainingResult, train } from '../../src/training/trainer.ts';
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

/** The steps reported, and what the end was. */
async function attempt(changes: Partial<TrainAdapterOptions>, onStep: (step: number) => void = () => {}) {
  const steps: number[] = [];
  const onProgress = ({ step }: TrainingProgress): void => {
    steps.push(step);
    onStep(step);
  };
  const outcome = await trainAdapter(options({ ...changes, onProgress })).catch((error: unknown) => error);
  return { steps, outcome };
}

/** Without a process of its own: faster, for what fails early. */
function trainHere(changes: Partial<TrainAdapterOptions>) {
  const job = jobOf(options({ out: path('never.adapter'), ...changes }));
  return train(job, { signal: new AbortController().signal, onProgress: () => {} });
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
  assert.equal(await exists('lock'), false, 'the lock is given back');
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
  const changes = { out: path('cancelled.adapter'), checkpoint: path('cancelled.checkpoint') };
  const abort = new AbortController();
  const first = await attempt({ ...changes, signal: abort.signal }, (step) => step === 5 && abort.abort());
  assert.equal((first.outcome as TrainingError).code, 'CANCELLED');
  assert.equal(await exists('cancelled.adapter'), false);
  const second = await attempt(changes);
  assert.deepEqual(
    [...first.steps, ...second.steps],
    Array.from({ length: 12 }, (_, i) => i + 1),
  );
  assert.equal((second.outcome as TrainingResult).resumedSteps, first.steps.length);
  assert.equal(await sha256('cancelled.adapter'), await sha256('whole.adapter'));
  assert.equal(await exists('cancelled.checkpoint'), false);
});

test('a training process that is killed is reported, and continues from its last checkpoint to the same bytes', async () => {
  const changes = { out: path('killed.adapter'), checkpoint: path('killed.checkpoint'), checkpointEverySteps: 4 };
  let pid = 0;
  const first = await attempt(changes, (step) => {
    if (step !== 7) return;
    pid = Number(readFileSync(path('lock'), 'utf8'));
    process.kill(pid, 'SIGKILL');
  });
  assert.equal((first.outcome as TrainingError).code, 'TRAINING_LOST');
  assert.notEqual(pid, process.pid);
  const second = await attempt(changes);
  assert.equal((second.outcome as TrainingResult).resumedSteps % 4, 0);
  assert.ok((second.outcome as TrainingResult).resumedSteps > 0);
  assert.equal(await sha256('killed.adapter'), await sha256('whole.adapter'));
});

test('a checkpoint of other settings, and a damaged one, are refused; the damaged file stays for its owner to see', async () => {
  const changes = { out: path('refused.adapter'), checkpoint: path('refused.checkpoint'), checkpointEverySteps: 1 };
  const abort = new AbortController();
  await attempt({ ...changes, signal: abort.signal }, (step) => step === 2 && abort.abort());
  const other = await attempt({ ...changes, settings: { ...settings, learningRate: 0.01 } });
  assert.match((other.outcome as TrainingError).message, /another training/);
  const bytes = await readFile(changes.checkpoint);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(changes.checkpoint, bytes);
  const damaged = await attempt(changes);
  assert.equal((damaged.outcome as TrainingError).code, 'TRAINING_CHECKPOINT');
  assert.match((damaged.outcome as TrainingError).message, /damaged/);
  assert.ok(await exists('refused.checkpoint'));
});

test('one training at a time: a live lock is respected, the lock of a dead process is taken over', async () => {
  const release = await takeHostLock(path('lock'));
  const { outcome } = await attempt({ out: path('locked.adapter') });
  assert.equal((outcome as TrainingError).code, 'TRAINING_BUSY');
  assert.match((outcome as TrainingError).message, new RegExp(`Process ${process.pid} `));
  await release();
  await writeFile(path('lock'), '999999999');
  await (await takeHostLock(path('lock')))();
  assert.equal(await exists('lock'), false);
});

test('what cannot be trained is refused with a reason; a loss that is no number stops the training', async () => {
  const cases: readonly [Partial<TrainAdapterOptions>, RegExp][] = [
    [{ examples: [] }, /no examples/],
    [{ examples: [{ prompt: 'x', answer: 'y', weight: -1 }] }, /weight/],
    [{ examples: [{ prompt: 'x '.repeat(1900), answer: 'y' }] }, /tokens/],
    [{ settings: { ...settings, steps: 0 } }, /steps/],
    [{ settings: { ...settings, learningRate: Number.NaN } }, /learning rate/],
    [{ settings: { ...settings, seed: -1 } }, /seeds/],
    [{ modelDirectory: folder }, /no model/],
  ];
  for (const [changes, reason] of cases) {
    await assert.rejects(trainHere(changes), { message: reason });
  }
  const wild = { ...settings, learningRate: 0.99, warmupSteps: 1, adam: { ...ADAM_DEFAULTS, weightDecay: 1e30 } };
  await assert.rejects(trainHere({ settings: wild }), { code: 'TRAINING_DIVERGED' });
  assert.equal(await exists('never.adapter'), false);
});

test('held-out questions are read and answered by the bare model and by the adapter', async () => {
  const heldOut = examples.slice(0, 2);
  const { outcome } = await attempt({ out: path('measured.adapter'), heldOut });
  const { before, after } = (outcome as TrainingResult).heldOut!;
  assert.equal(after.answers.length, 2);
  assert.ok(after.nll < before.nll - 0.2, `${before.nll} to ${after.nll}`);
});
