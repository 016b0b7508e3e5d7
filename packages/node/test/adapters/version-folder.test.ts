/** Files of versions on disk: whole and what their names say, or not there. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Hash, PassageTree, sha256, toHex } from '@synod/chain';
import type { LearnerEvent, LearnerJob } from '@synod/inference';
import { readLearnt } from '@synod/inference/knowledge';
import { factorsOfAdapter, openLearner, VersionFolder, versionFile } from '../../src/adapters/index.ts';
import type { HostInput, LearnerTask } from '../../src/host/index.ts';
import { temporaryDirectory } from './temporary.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const hashOf = (bytes: Uint8Array) => toHex(sha256(bytes)) as Hash;
const passages = [
  {
    text: 'The capital of France is Paris.',
    source: 'a user, feedback 11, CC0-1.0',
    prompt: 'Capital of France?',
    number: 0,
  },
  {
    text: 'The capital of Peru is Lima.',
    source: 'a user, feedback 22, CC0-1.0',
    prompt: 'Capital of Peru?',
    number: 3,
  },
];
const { root } = new PassageTree(passages);

async function opened(t: TestContext, folder = join(temporaryDirectory(t), 'versions')) {
  const inputs: HostInput[] = [];
  const warnings: string[] = [];
  const log = { warn: (_facts: object, message: string) => void warnings.push(message), info: () => undefined };
  const versions = await VersionFolder.open({ folder, deliver: (input) => void inputs.push(input), log });
  return { folder, inputs, warnings, log, versions };
}

test('learnt passages are saved under their root, told once durable, and there after a restart', async (t) => {
  const { folder, inputs, versions } = await opened(t);
  assert.equal(versions.has('learnt', root), false);
  versions.saveLearnt(root, passages);
  await versions.settled();
  assert.deepEqual(inputs, [{ kind: 'versionStored', file: 'learnt', hash: root }]);
  const { versions: again } = await opened(t, folder);
  assert.ok(again.has('learnt', root));
  assert.deepEqual(await readLearnt(again.file('learnt', root)), passages);
});

test('a damaged file is as if it were not there, and is said', async (t) => {
  const { folder, versions } = await opened(t);
  const bytes = bytesOf('factors');
  const work = versions.workFile('gate/1', 'factors');
  writeFileSync(work, bytes);
  assert.ok(versions.take('factors', hashOf(bytes), work));
  versions.saveLearnt(root, passages);
  await versions.settled();
  writeFileSync(versions.file('factors', hashOf(bytes)), 'other bytes');
  writeFileSync(versions.file('learnt', root), JSON.stringify(passages.slice(1)));
  const again = await opened(t, folder);
  assert.equal(again.versions.has('factors', hashOf(bytes)), false);
  assert.equal(again.versions.has('learnt', root), false);
  assert.equal(again.warnings.length, 2);
  assert.equal(existsSync(versionFile(folder, 'factors', hashOf(bytes))), false);
});

test('a file is taken in under its own hash and no other; half-written ones are removed at the start', async (t) => {
  const { folder, versions } = await opened(t);
  const work = versions.workFile('aggregate/general/1', 'adapter');
  writeFileSync(work, 'adapter');
  assert.equal(versions.take('adapter', hashOf(bytesOf('another')), work), false);
  assert.ok(existsSync(work));
  assert.equal(versions.take('adapter', hashOf(bytesOf('missing')), join(folder, 'work', 'nothing')), false);
  versions.forgetWork('aggregate/general/1');
  assert.equal(existsSync(work), false);
  writeFileSync(join(folder, 'factors', `${root}.new`), 'half');
  await opened(t, folder);
  assert.equal(existsSync(join(folder, 'factors', `${root}.new`)), false);
});

test("genesis' factors are made out of the adapter that stands beside them, and no other", async (t) => {
  const { inputs, warnings, versions } = await opened(t);
  const adapter = fileURLToPath(import.meta.resolve('../../../experts/adapters/format.adapter'));
  const factors = hashOf(await factorsOfAdapter(adapter));
  versions.deriveFactors(root, adapter);
  versions.deriveFactors(factors, join(adapter, 'nothing'));
  await versions.settled();
  assert.deepEqual([versions.has('factors', factors), inputs.length, warnings.length], [false, 0, 2]);
  versions.deriveFactors(factors, adapter);
  await versions.settled();
  assert.ok(versions.has('factors', factors));
  assert.deepEqual(inputs, [{ kind: 'versionStored', file: 'factors', hash: factors }]);
});

/** A learner whose process is this function. */
async function learnerOf(t: TestContext, perform: (job: LearnerJob) => LearnerEvent) {
  const { folder, inputs, log, versions } = await opened(t);
  const learner = openLearner({
    modelDirectory: '/model',
    blobs: '/blobs',
    versions,
    deliver: (input) => void inputs.push(input),
    log,
    createProcess: ({ onEvent }) => ({
      submit: (job) => onEvent(perform(job)),
      cancel: () => undefined,
      close: () => Promise.resolve(),
    }),
  });
  return { folder, inputs, versions, learner };
}

const content = hashOf(bytesOf('delta'));
const context = { domain: 'general', base: { factors: null, learnt: null }, round: root, knowledge: null };
const aggregate: LearnerTask = {
  ...context,
  kind: 'aggregate',
  id: 'aggregate/general/1',
  deltas: [
    { content, order: 0 },
    { content: null, order: null },
  ],
  aggregator: 2,
  normMax: 2_000,
};

test('what a job made lies under its hash when the host hears of it, and blobs are found by their ids', async (t) => {
  const jobs: LearnerJob[] = [];
  const [factors, adapter] = [bytesOf('factors'), bytesOf('adapter')];
  const { inputs, versions, learner } = await learnerOf(t, (job) => {
    jobs.push(job);
    assert.ok(job.kind === 'aggregate');
    writeFileSync(job.outFactors, factors);
    writeFileSync(job.outAdapter, adapter);
    return { kind: 'aggregated', id: job.id, factors: hashOf(factors), adapter: hashOf(adapter) };
  });
  learner.submit(aggregate);
  const [job] = jobs as [Extract<LearnerJob, { kind: 'aggregate' }>];
  assert.deepEqual(job.deltas, [
    { path: join('/blobs', content), order: 0 },
    { path: null, order: null },
  ]);
  assert.equal(job.modelDirectory, '/model');
  assert.ok(versions.has('factors', hashOf(factors)) && versions.has('adapter', hashOf(adapter)));
  assert.deepEqual(readFileSync(versions.file('adapter', hashOf(adapter))), Buffer.from(adapter));
  assert.deepEqual(
    inputs.map((input) => input.kind === 'learner' && input.message.kind),
    ['aggregated'],
  );
});

test('a job whose files are not what it says is a failed one; a delta comes with its bytes', async (t) => {
  const { inputs, learner } = await learnerOf(t, (job) => {
    if (job.kind !== 'train') return { kind: 'aggregated', id: job.id, factors: root, adapter: root };
    writeFileSync(job.out, 'delta');
    return { kind: 'trained', id: job.id, path: job.out };
  });
  learner.submit(aggregate);
  learner.submit({ ...context, kind: 'train', id: 'delta/1/2', shard: [], learns: 'accepted', earlier: [], seed: 7 });
  const messages = inputs.map((input) => (input.kind === 'learner' ? input.message : null));
  assert.deepEqual(
    messages.map((message) => message?.kind === 'failed' && message.code),
    ['MODEL_ERROR', false],
  );
  assert.deepEqual(messages[1], { kind: 'trained', id: 'delta/1/2', delta: new Uint8Array(bytesOf('delta')) });
});

test('a training that ended after its node had died is not repeated', async (t) => {
  const { inputs, versions, learner } = await learnerOf(t, () => assert.fail('no process is needed'));
  writeFileSync(versions.workFile('delta/1/2', 'delta'), 'delta');
  learner.submit({ ...context, kind: 'train', id: 'delta/1/2', shard: [], learns: 'accepted', earlier: [], seed: 7 });
  assert.deepEqual(inputs, [], 'never from within submit');
  await Promise.resolve();
  const message = { kind: 'trained', id: 'delta/1/2', delta: new Uint8Array(bytesOf('delta')) };
  assert.deepEqual(inputs, [{ kind: 'learner', message }]);
});

test('a training keeps its checkpoint under the same name after a restart', async (t) => {
  const { folder, versions } = await opened(t);
  const checkpoint = versions.workFile('delta/1/2', 'checkpoint');
  mkdirSync(join(folder, 'work'), { recursive: true });
  writeFileSync(checkpoint, 'step 12');
  const { versions: again } = await opened(t, folder);
  assert.equal(readFileSync(again.workFile('delta/1/2', 'checkpoint'), 'utf8'), 'step 12');
});
