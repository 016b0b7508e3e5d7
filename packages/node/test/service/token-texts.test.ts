/** What recorded tokens stand for: told by a real worker of a model as small as can be, and refused where they cannot be told. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decodeAnswer, encodeAnswer, encodeRecipe, type Hash, type Recipe, recipeHash, ZERO_HASH } from '@synod/chain';
import type { Job, JobEvent, ModelInfo } from '@synod/inference';
import { buildTinyModel } from '@synod/inference/tiny-model';
import { pino } from 'pino';
import { absentTokenTexts, createTokenTexts, tokenTextLimits } from '../../src/service/token-texts.ts';
import { startWorker, type WorkerStatus } from '../../src/worker.ts';

const profile = { instruction: '', temperature: 0, topP: 1, maxTokens: 24 };
const recipeOf = (baseModel: Hash): Recipe => ({ baseModel, adapter: ZERO_HASH, knowledgeRoot: ZERO_HASH, profile });

/** A library with these recipes. */
function libraryOf(...recipes: readonly Recipe[]) {
  const kept = new Map(recipes.map((recipe) => [recipeHash(encodeRecipe(recipe)), encodeRecipe(recipe)]));
  return { read: (_: string, hash: Hash) => kept.get(hash) ?? null };
}
const modelIdOf = (recipe: Recipe): Hash => recipeHash(encodeRecipe(recipe));

test('the bytes of the tokens of an answer, as the chain keeps it, are its text', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'synod-tokens-'));
  after(() => rm(directory, { recursive: true, force: true }));
  const recipe = recipeOf((await buildTinyModel(directory, { seed: 1 })) as Hash);
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const deliver = (input: { kind: string; message?: { kind: string } }) => input.message?.kind === 'ready' && resolve();
  const worker = startWorker({ modelDirectory: directory, log: pino({ level: 'silent' }), deliver, faulty: null });
  after(() => worker.close());
  const tokens = createTokenTexts({ worker, library: libraryOf(recipe) });
  const modelId = modelIdOf(recipe);
  assert.equal(tokens.standing(modelId), 'notYet');
  await assert.rejects(tokens.bytesOf(modelId, [1]), { code: 'TOKENS_BUSY' });
  await ready;
  assert.equal(tokens.standing(modelId), 'ready');

  const messages = [{ role: 'user', content: 'tell' }] as const;
  const expert = { profile, knowledge: null, adapter: null };
  const event = await worker.ask({ kind: 'answer', id: 'a', priority: 'answer', messages, expert, seed: 1, stop: [] });
  assert.ok(event.kind === 'answered');
  const [written] = event.result.segments;
  assert.ok(written?.kind === 'generated' && written.tokens.length > 1);
  const answer = { segments: [written], modelId, promptTokens: 1, answerTokens: written.tokens.length };
  const decoded = decodeAnswer(encodeAnswer(answer));
  assert.ok(decoded.ok);
  const [kept] = decoded.value.segments;
  assert.ok(kept?.kind === 'generated');
  assert.deepEqual(kept.logProbabilities, written.logProbabilities);
  const bytes = await tokens.bytesOf(modelId, kept.tokens);
  assert.equal(bytes.length, kept.tokens.length);
  assert.equal(Buffer.concat(bytes).toString(), kept.text);
  // What is no token, or none of text, has no bytes.
  const none = await tokens.bytesOf(modelId, [2 ** 32 - 1, kept.tokens[0]!]);
  assert.deepEqual(
    none.map(({ length }) => length > 0),
    [false, true],
  );
});

const base = 'ab'.repeat(32) as Hash;
const info: ModelInfo = {
  name: 'one',
  hash: base,
  parameters: 1,
  contextTokens: 8,
  licence: 'none',
  backend: 'synod',
};

/** A worker that says so of itself, and answers so. */
function workerOf(status: Partial<WorkerStatus>, answer: (job: Job) => JobEvent | Promise<JobEvent>) {
  const asked: Job[] = [];
  const cancelled: string[] = [];
  const worker = {
    status: (): WorkerStatus => ({ state: 'ready', info, queued: 0, ...status }),
    ask: async (job: Job) => {
      asked.push(job);
      return await answer(job);
    },
    cancel: (id: string) => void cancelled.push(id),
  };
  return { worker, asked, cancelled };
}

test('the worker is not asked for tokens of a model that it does not run', async () => {
  const own = recipeOf(base);
  const other = recipeOf('cd'.repeat(32) as Hash);
  const library = libraryOf(own, other);
  const { worker, asked } = workerOf({}, ({ id }) => ({ kind: 'failed', id, code: 'BUSY', message: '' }));
  const tokens = createTokenTexts({ worker, library });
  for (const [modelId, standing] of [
    [modelIdOf(other), 'otherModel'],
    [base, 'unknownModel'],
  ] as const) {
    assert.equal(tokens.standing(modelId), standing);
    await assert.rejects(tokens.bytesOf(modelId, [1]), { code: 'TOKENS_UNAVAILABLE', facts: { standing } });
  }
  for (const status of [{ state: 'off', info: undefined }, { info: { ...info, backend: 'http' } }] as const) {
    const none = createTokenTexts({ worker: workerOf(status, () => assert.fail()).worker, library });
    assert.equal(none.standing(modelIdOf(own)), 'none');
  }
  await assert.rejects(tokens.bytesOf(modelIdOf(own), Array(tokenTextLimits.tokensMax + 1).fill(1)), {
    code: 'TOKENS_UNAVAILABLE',
  });
  assert.equal(absentTokenTexts.standing(base), 'none');
  await assert.rejects(absentTokenTexts.bytesOf(base, [1]), { code: 'TOKENS_UNAVAILABLE' });
  assert.deepEqual(asked, []);
});

test('a worker that is full, fails or takes too long is said so, and its job is taken back', async (t) => {
  const recipe = recipeOf(base);
  const failing = (code: string) => workerOf({}, ({ id }) => ({ kind: 'failed', id, code, message: 'no' }));
  for (const [code, expected] of [
    ['BUSY', 'TOKENS_BUSY'],
    ['WORKER_LOST', 'TOKENS_UNAVAILABLE'],
  ] as const) {
    const { worker, asked } = failing(code);
    const tokens = createTokenTexts({ worker, library: libraryOf(recipe) });
    await assert.rejects(tokens.bytesOf(modelIdOf(recipe), [1, 2]), { code: expected });
    assert.deepEqual(asked, [{ kind: 'detokenize', id: 'detokenize/0', priority: 'train', tokens: [1, 2] }]);
  }
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { worker, cancelled } = workerOf({}, () => new Promise<never>(() => {}));
  const late = createTokenTexts({ worker, library: libraryOf(recipe) }).bytesOf(modelIdOf(recipe), [1]);
  const refused = assert.rejects(late, { code: 'TOKENS_BUSY' });
  t.mock.timers.tick(tokenTextLimits.waitMs);
  await refused;
  assert.deepEqual(cancelled, ['detokenize/0']);
});
