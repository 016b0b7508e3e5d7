import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { readAdapter } from '../../src/adapters/adapter-file.ts';
import { writeLearnt } from '../../src/knowledge/learnt.ts';
import { addChange, aggregate } from '../../src/learning/aggregate.ts';
import { decodeDelta, encodeDelta } from '../../src/learning/delta-file.ts';
import { LearnerError } from '../../src/learning/errors.ts';
import { evaluate } from '../../src/learning/evaluate.ts';
import { encodeFixedFactors, zeroFactors } from '../../src/learning/fixed-factors.ts';
import type { EvaluateJob, LearnerEvent } from '../../src/learning/protocol.ts';
import { trainDelta } from '../../src/learning/train-delta.ts';
import { tinyModel } from '../engine/tiny-model.ts';
import { temporaryFolder, writeFolder } from '../knowledge/fixture.ts';
import { correction, deltaFiles, GATE_SEED, ROUND, rating } from './gate-samples.ts';

// Vectors of the folder below are kept here, not with the user's.
process.env['XDG_CACHE_HOME'] = await temporaryFolder();
const modelDirectory = await tinyModel();
const files = await deltaFiles(modelDirectory);
const quiet = { signal: new AbortController().signal, onProgress: () => {} };
const knowledge = await writeFolder(await temporaryFolder());

const items = [
  ...Array.from({ length: 8 }, (_, i) =>
    correction(i, `What is the height of tower ${i}?`, `${100 + i} metres`, `a${i}`),
  ),
  correction(8, 'What is the capital of France?', 'Lyon', 'mallory'),
  rating(9, 'bad', 'ann'),
];
const job = (changes: Partial<EvaluateJob> = {}): EvaluateJob => ({
  kind: 'evaluate',
  id: 'gate',
  modelDirectory,
  domain: 'test-facts',
  base: { factors: null, learnt: null },
  round: ROUND,
  knowledge,
  deltas: [],
  items,
  earlier: [],
  gateSeed: GATE_SEED,
  aggregator: 0,
  normMax: 2000,
  outFactors: files.path('candidate.factors'),
  outAdapter: files.path('candidate.adapter'),
  ...changes,
});

async function trained(name: string, shard: EvaluateJob['items']): Promise<string> {
  const out = files.path(name);
  const base = { factors: null, learnt: null };
  const rest = {
    kind: 'train',
    id: name,
    domain: 'test-facts',
    round: ROUND,
    earlier: [],
    seed: 1,
    learns: 'all',
  } as const;
  await trainDelta(
    { ...rest, modelDirectory, base, knowledge: null, shard, checkpoint: `${out}.checkpoint`, out },
    quiet,
  );
  return out;
}

const sha256 = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
const given = (path: string | null, order: number | null, shard = [0, 1, 2, 3]) => ({ path, order, shard });

const honest = await trained('honest', items.slice(0, 8));

test('the candidate is the aggregate of what is good, and every delta gets what it is', async () => {
  const bytes = await readFile(honest);
  await writeFile(files.path('cut'), bytes.subarray(0, bytes.length - 1));
  const { about } = files;
  const delta = decodeDelta(bytes, about);
  assert.ok('values' in delta);
  await writeFile(files.path('foreign'), encodeDelta({ ...about, round: 'ef'.repeat(32) }, delta.values));
  const all = [0, 1, 2, 3, 4, 5, 6, 7];
  const deltas = [
    given(honest, 1, all),
    given(null, null),
    given(files.path('cut'), 2),
    given(files.path('foreign'), 3),
    given(honest, 4, all),
    given(
      await files.write(
        'zeros',
        delta.values.map(() => 0),
      ),
      5,
    ),
    given(
      await files.write(
        'minus',
        delta.values.map((value) => -value),
      ),
      6,
      all,
    ),
  ];
  const report = await evaluate(job({ deltas }), quiet);
  assert.deepEqual(report.deltas, ['ok', 'missing', 'invalid', 'invalid', 'copy', 'idle', 'harmful']);
  const owns = deltas.map((one, trainer) => ({ ...one, isOwn: trainer === 4 || trainer === 6 }));
  const own = await evaluate(job({ deltas: owns }), quiet);
  const told = { ...report, deltas: [...report.deltas.slice(0, 6), 'ok'] };
  assert.deepEqual(own, told, 'its own harmful one is not judged, its own copy is one, and all else is the same');
  const minus = { values: delta.values.map((value) => -value) };
  const good = [delta, { values: delta.values.map(() => 0) }, minus];
  const expected = addChange(zeroFactors(about), aggregate(good, { rule: 'mean', normMax: 2000 }));
  const factors = await readFile(files.path('candidate.factors'));
  assert.deepEqual(Buffer.compare(factors, encodeFixedFactors(expected)), 0);
  assert.equal(report.factors, await sha256(files.path('candidate.factors')));
  assert.equal(report.adapter, await sha256(files.path('candidate.adapter')));
});

test('a good candidate lowers the loss of what was taught; the report is the same each time, in integers', async () => {
  const events: Omit<LearnerEvent & { kind: 'progress' }, 'kind' | 'id'>[] = [];
  const deltas = [given(honest, 0, [0, 1, 2, 3, 4, 5, 6, 7])];
  const report = await evaluate(job({ deltas }), { ...quiet, onProgress: (event) => events.push(event) });
  const { measures } = report;
  assert.ok(measures.feedbackAfter < measures.feedbackBefore, JSON.stringify(measures));
  assert.ok(Object.values(measures).every((value) => Number.isInteger(value) && value >= 0));
  assert.ok(measures.spectral > 0 && measures.spectral <= 1_000_000);
  assert.deepEqual(await evaluate(job({ deltas }), quiet), report);
  const { about, hash } = await readAdapter(job().outAdapter, files.about);
  assert.equal(about.domain, 'test-facts');
  assert.equal(hash, report.adapter);
  const measured = events.filter(({ stage }) => stage === 'measuring');
  assert.ok(measured.length > 100 && measured.at(-1)!.done <= measured.at(-1)!.of);
  const other = await evaluate(job({ deltas, gateSeed: '11'.repeat(32) }), quiet);
  assert.notDeepEqual(other.measures, report.measures, 'another beacon draws other probes');
});

test('answers of others in the right style are no gain: a candidate of flipped labels gains nothing', async () => {
  const taught = items.slice(0, 8);
  const flipped = taught.map(({ number, prompt, author }, i) =>
    correction(number, prompt, `${100 + ((i + 3) % 8)} metres`, author),
  );
  const deltas = [given(await trained('flipped', flipped), 0, [0, 1, 2, 3, 4, 5, 6, 7])];
  const { measures } = await evaluate(job({ deltas }), quiet);
  assert.ok(measures.feedbackAfter >= measures.feedbackBefore, JSON.stringify(measures));
});

test('corrections are judged with the published folder and with what was learnt', async () => {
  await writeLearnt(files.path('learnt.json'), [
    { text: 'Tower 3 is 55 metres high.', source: 's', prompt: 'What is the height of tower 3?', number: 90 },
  ]);
  const { accepted } = await evaluate(job({ base: { factors: null, learnt: files.path('learnt.json') } }), quiet);
  assert.deepEqual(accepted, [true, true, true, false, true, true, true, true, false, true]);
  const elsewhere = await evaluate(job({ knowledge: files.path('no such folder') }), quiet);
  assert.equal(elsewhere.accepted[8], true, 'a machine without the folder has nothing that contradicts');
});

test('without a good delta nothing is written and the version before is measured', async () => {
  const outFactors = files.path('none.factors');
  const report = await evaluate(job({ deltas: [given(null, null)], outFactors }), quiet);
  assert.equal(report.factors, '0'.repeat(64));
  assert.equal(report.adapter, '0'.repeat(64));
  await assert.rejects(readFile(outFactors), { code: 'ENOENT' });
  const { measures } = report;
  assert.equal(measures.feedbackAfter, measures.feedbackBefore);
  assert.equal(measures.generalAfter, measures.generalBefore);
  assert.equal(measures.biasAfter, measures.biasBefore);
  assert.equal(measures.spectral, 0);
});

test('what was refused is not measured on', async () => {
  const refused = [correction(8, 'What is the capital of France?', 'Lyon', 'mallory')];
  const { measures, accepted } = await evaluate(job({ items: refused }), quiet);
  assert.deepEqual(accepted, [false]);
  assert.equal(measures.feedbackBefore, 0);
});

test('a job that is taken back ends with CANCELLED', async () => {
  const abort = new AbortController();
  const onProgress = ({ stage, done }: { stage: string; done: number }) => {
    if (stage === 'measuring' && done === 5) abort.abort();
  };
  const outcome = evaluate(job({ deltas: [given(honest, 0)] }), { signal: abort.signal, onProgress });
  await assert.rejects(outcome, (error) => error instanceof LearnerError && error.code === 'CANCELLED');
});

test('a base that is not there is BASE_MISSING', async () => {
  const base = { factors: files.path('no such file'), learnt: null };
  await assert.rejects(evaluate(job({ base }), quiet), { code: 'BASE_MISSING' });
});
