import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readAdapter } from '../../src/adapters/adapter-file.ts';
import { decodeDelta } from '../../src/learning/delta-file.ts';
import { encodeFixedFactors, factorsAbout, factorsHash, sha256, valueCount } from '../../src/learning/fixed-factors.ts';
import type { AggregateJob, LearnerEvent } from '../../src/learning/protocol.ts';
import { openRound } from '../../src/learning/round-files.ts';
import { trainingTurns } from '../../src/learning/training-turns.ts';
import { readManifest } from '../../src/models/store/manifest-file.ts';
import { takeHostLock } from '../../src/training/host-lock.ts';
import { tinyModel } from '../engine/tiny-model.ts';
import { attended, corrections, trainJob } from './jobs.ts';

const modelDirectory = await tinyModel();
const folder = await mkdtemp(join(tmpdir(), 'synod-learning-test-'));
after(() => rm(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
const paths = { modelDirectory, path };
const { learner, events, perform } = attended(path('lock'));
after(() => learner.close());

const { about } = await openRound({ modelDirectory, round: 'cd'.repeat(32), base: { factors: null, learnt: null } });
const codeOf = (event: LearnerEvent): string => (event.kind === 'failed' ? event.code : event.kind);
const messageOf = (event: LearnerEvent): string => (event.kind === 'failed' ? event.message : '');
const hashOf = async (name: string): Promise<string> => sha256(await readFile(path(name)));

function aggregateJob(name: string, changes: Partial<AggregateJob> = {}): AggregateJob {
  const { domain, base, round, knowledge } = trainJob(paths, name);
  return {
    kind: 'aggregate',
    id: name,
    modelDirectory,
    domain,
    base,
    round,
    knowledge,
    deltas: [],
    aggregator: 2,
    normMax: 1_000_000,
    outFactors: path(`${name}.factors`),
    outAdapter: path(`${name}.adapter`),
    ...changes,
  };
}

test('a training lowers the loss, tells its steps, writes a delta of its round and leaves nothing else', async () => {
  assert.equal(learner.state(), 'idle');
  let isLocked = false;
  const done = await perform(trainJob(paths, 'whole'), (step) => {
    if (step === 1) isLocked = readFileSync(path('lock'), 'utf8') === String(learner.pid());
  });
  assert.ok(isLocked, 'steps are taken under the lock of the machine');
  assert.deepEqual(done, { kind: 'trained', id: 'whole', path: path('whole.delta') });
  const steps = events.flatMap((event) => (event.kind === 'progress' && event.stage === 'training' ? [event] : []));
  assert.deepEqual(
    steps.map(({ done }) => done),
    Array.from({ length: steps[0]!.of }, (_, i) => i + 1),
  );
  assert.ok(steps.at(-1)!.lossMilli! < steps[0]!.lossMilli! - 300, steps.map(({ lossMilli }) => lossMilli).join(' '));
  const delta = decodeDelta(await readFile(path('whole.delta')), about);
  assert.ok('values' in delta && delta.values.some((value) => value !== 0));
  assert.equal(existsSync(path('whole.checkpoint')), false);
  assert.equal(existsSync(path('lock')), false);
  assert.equal(learner.state(), 'idle');
  assert.equal(learner.pid(), undefined);
});

test('the same job gives the same bytes; another seed, base, round or shard others', async () => {
  assert.equal(codeOf(await perform(trainJob(paths, 'again'))), 'trained');
  assert.equal(await hashOf('again.delta'), await hashOf('whole.delta'));
  const base = { about, values: new Int32Array(valueCount(about.shape)).fill(40_000) };
  await writeFile(path('base.factors'), encodeFixedFactors(base));
  const others = [
    { seed: 4 },
    { base: { factors: path('base.factors'), learnt: null } },
    { round: '00'.repeat(32) },
    { shard: corrections(4, 1) },
  ];
  for (const [i, changes] of others.entries()) {
    assert.equal(codeOf(await perform(trainJob(paths, `other-${i}`, changes))), 'trained');
    assert.notEqual(await hashOf(`other-${i}.delta`), await hashOf('whole.delta'), JSON.stringify(changes));
  }
});

test('a training that is killed is lost, a cancelled one cancelled; both go on from their checkpoint to the same bytes', async () => {
  const killed = await perform(trainJob(paths, 'killed'), (done) => {
    if (done === 10) process.kill(learner.pid()!, 'SIGKILL');
  });
  assert.equal(codeOf(killed), 'TRAINING_LOST');
  const cancelled = await perform(trainJob(paths, 'cancelled'), (done) => done === 3 && learner.cancel('cancelled'));
  assert.equal(codeOf(cancelled), 'CANCELLED');
  for (const name of ['killed', 'cancelled']) {
    assert.ok(existsSync(path(`${name}.checkpoint`)), name);
    const seen: number[] = [];
    assert.equal(codeOf(await perform(trainJob(paths, name), (done) => seen.push(done))), 'trained');
    assert.ok(seen[0]! > 3, `${name} went on at step ${seen[0]}`);
    assert.equal(await hashOf(`${name}.delta`), await hashOf('whole.delta'));
  }
});

test('a damaged checkpoint does not stop a training: it begins anew', async () => {
  await writeFile(path('damaged.checkpoint'), 'SYNTRAIN and then nothing of use');
  assert.equal(codeOf(await perform(trainJob(paths, 'damaged'))), 'trained');
  assert.equal(await hashOf('damaged.delta'), await hashOf('whole.delta'));
});

/** Every turn of the machine. */
async function takeAllTurns(): Promise<() => Promise<void>> {
  const { turns } = trainingTurns(availableParallelism());
  const all = await Promise.all(
    Array.from({ length: turns }, (_, turn) => takeHostLock(path(turn === 0 ? 'lock' : `lock.turn-${turn}`))),
  );
  return async () => void (await Promise.all(all.map((release) => release())));
}

test('jobs wait for each other and for other trainings of the machine; a waiting one can be taken back', async () => {
  const release = await takeAllTurns();
  const first = perform(trainJob(paths, 'first'));
  const second = perform(trainJob(paths, 'second'));
  learner.submit(trainJob(paths, 'second'));
  learner.cancel('second');
  assert.equal(codeOf(await second), 'CANCELLED');
  assert.equal(existsSync(path('first.delta')), false);
  await release();
  assert.equal(codeOf(await first), 'trained');
  assert.equal(events.filter(({ id, kind }) => id === 'second' && kind === 'failed').length, 1);
});

test('a training that waits for another of the machine can be taken back', async () => {
  const release = await takeAllTurns();
  const waiting = perform(trainJob(paths, 'waiting'));
  learner.cancel('waiting');
  assert.equal(codeOf(await waiting), 'CANCELLED');
  await release();
});

test('disliked answers and texts that fit no step teach nothing: the delta is zero', async () => {
  const bad = corrections(1).map((item) => ({ ...item, rating: 'bad' as const, passage: null }));
  const long = corrections(1).map((item) => ({ ...item, prompt: 'why? '.repeat(800) }));
  assert.equal(codeOf(await perform(trainJob(paths, 'nothing', { shard: [...bad, ...long] }))), 'trained');
  const delta = decodeDelta(await readFile(path('nothing.delta')), about);
  assert.ok('values' in delta && delta.values.every((value) => value === 0));
});

test('deltas aggregate to the same files on each run; missing, invalid and copied ones are left out', async () => {
  const good = [
    { path: path('whole.delta'), order: 1 },
    { path: path('other-0.delta'), order: 0 },
    { path: path('other-3.delta'), order: 2 },
  ];
  await writeFile(path('cut.delta'), (await readFile(path('whole.delta'))).subarray(0, -1));
  await writeFile(path('huge.delta'), Buffer.alloc(1 << 20));
  const bad = [
    { path: null, order: null },
    { path: path('cut.delta'), order: 3 },
    { path: path('huge.delta'), order: 4 },
    { path: path('again.delta'), order: 5 },
    { path: path('other-2.delta'), order: 6 },
  ];
  const alone = await perform(aggregateJob('alone', { deltas: good }));
  const mixed = await perform(aggregateJob('mixed', { deltas: [...bad.slice(0, 2), ...good, ...bad.slice(2)] }));
  assert.ok(alone.kind === 'aggregated' && mixed.kind === 'aggregated', messageOf(alone) + messageOf(mixed));
  assert.deepEqual([alone.factors, alone.adapter], [await hashOf('alone.factors'), await hashOf('alone.adapter')]);
  assert.deepEqual([mixed.factors, mixed.adapter], [alone.factors, alone.adapter]);
  const manifest = await readManifest(modelDirectory);
  const model = { shape: manifest.architecture, baseModel: factorsAbout(manifest).baseModel };
  const adapter = await readAdapter(path('alone.adapter'), model);
  assert.equal(adapter.about.dataHash, alone.factors);
  assert.ok(adapter.factors.qB.some((value) => value !== 0));
});

test('without a good delta there is no candidate', async () => {
  const none = await perform(aggregateJob('none', { deltas: [{ path: path('cut.delta'), order: 0 }] }));
  assert.ok(none.kind === 'aggregated');
  assert.deepEqual([none.factors, none.adapter], ['00'.repeat(32), '00'.repeat(32)]);
  assert.equal(existsSync(path('none.factors')), false);
});

test('the gate measures in the same process, and its candidate is what the deltas aggregate to', async () => {
  const { deltas, ...job } = aggregateJob('evaluated', { deltas: [{ path: path('whole.delta'), order: 0 }] });
  const aggregated = await perform({ ...job, id: 'to-compare', deltas });
  const shard = corrections(4).map(({ number }) => number);
  const measured = await perform({
    ...job,
    kind: 'evaluate',
    deltas: deltas.map((delta) => ({ ...delta, shard })),
    items: corrections(4),
    earlier: [],
    gateSeed: 'ef'.repeat(32),
  });
  assert.ok(
    aggregated.kind === 'aggregated' && measured.kind === 'evaluated',
    messageOf(aggregated) + messageOf(measured),
  );
  const { factors, adapter, deltas: verdicts, accepted } = measured.report;
  assert.deepEqual([factors, adapter], [aggregated.factors, aggregated.adapter]);
  assert.deepEqual([verdicts.length, accepted.length], [1, 4]);
});

test('the next round builds on what a version wrote; a base that is absent or of another kind is told', async () => {
  const base = { factors: path('alone.factors'), learnt: null };
  assert.equal(codeOf(await perform(trainJob(paths, 'next', { base, shard: corrections(3, 20) }))), 'trained');
  const made = await perform(aggregateJob('version-2', { base, deltas: [{ path: path('next.delta'), order: 0 }] }));
  assert.ok(made.kind === 'aggregated');
  assert.notEqual(made.factors, factorsHash({ about, values: new Int32Array(valueCount(about.shape)) }));
  for (const factors of [path('absent.factors'), path('alone.adapter'), path('cut.delta')]) {
    const failed = await perform(trainJob(paths, 'baseless', { base: { factors, learnt: null } }));
    assert.equal(codeOf(failed), 'BASE_MISSING');
    assert.match(messageOf(failed), /synod model rebuild/);
  }
});

test('a model that is not there, an unknown rule and a delta that cannot be read are failures of this machine', async () => {
  const jobs = [
    trainJob(paths, 'modelless', { modelDirectory: path('nowhere') }),
    aggregateJob('ruleless', { aggregator: 9, deltas: [{ path: path('whole.delta'), order: 0 }] }),
    aggregateJob('unreadable', { deltas: [{ path: path('absent.delta'), order: 0 }] }),
  ];
  for (const job of jobs) assert.equal(codeOf(await perform(job)), 'MODEL_ERROR', job.id);
});

test('too many jobs are refused, and closing ends all others once', async () => {
  const { learner: own, perform: submit } = attended(path('own-lock'));
  const ends = Array.from({ length: 17 }, (_, i) => submit(trainJob(paths, `many-${i}`)));
  assert.equal(codeOf(await ends[16]!), 'BUSY');
  await own.close();
  assert.deepEqual(new Set((await Promise.all(ends.slice(0, 16))).map(codeOf)), new Set(['CANCELLED']));
  assert.equal(codeOf(await submit(trainJob(paths, 'late'))), 'CANCELLED');
  assert.equal(own.state(), 'idle');
});
