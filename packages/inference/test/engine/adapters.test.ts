import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { GenerateResult } from '../../src/client/protocol.ts';
import { createAdapterStore } from '../../src/engine/adapter-store.ts';
import { loadEngine } from '../../src/engine/engine.ts';
import { readManifest } from '../../src/models/store/manifest-file.ts';
import { randomAdapter } from './random-adapter.ts';
import { tinyModel, undisturbed } from './tiny-model.ts';

const directory = await tinyModel();
const manifest = await readManifest(directory);
const folder = await mkdtemp(join(tmpdir(), 'synod-adapters-'));
after(() => rm(folder, { recursive: true, force: true }));
const engine = await loadEngine(directory);
after(() => engine.close());

const adapterFile = (name: string, seed: number, overrides: object = {}): Promise<string> =>
  randomAdapter(join(folder, name), { manifest, seed, overrides });

const write = async (adapter: string | null, content = 'always') =>
  await engine.generate(
    {
      messages: [{ role: 'user', content }],
      profile: { instruction: '', temperature: 0, topP: 1, maxTokens: 20 },
      seed: 1,
      stop: [],
      adapter,
    },
    { ...undisturbed, onText: () => {} },
  );

test('an adapter changes what is written, not what others write; together each writes what it writes alone', async () => {
  const [one, two] = [await adapterFile('one', 1), await adapterFile('two', 2)];
  const plans = [null, one, two, one, null].map((path, i) => ({ path, content: i > 2 ? 'tell' : 'always' }));
  const alone: GenerateResult[] = [];
  for (const { path, content } of plans) alone.push(await write(path, content));
  assert.notDeepEqual(alone[1]!.tokens, alone[0]!.tokens);
  assert.notDeepEqual(alone[2]!.tokens, alone[1]!.tokens);
  const together = await Promise.all(plans.map(({ path, content }) => write(path, content)));
  for (const [i, { tokens, logProbabilities }] of together.entries()) {
    assert.deepEqual(tokens.slice(0, 8), alone[i]!.tokens.slice(0, 8));
    // An adapter's small products are rounded otherwise in company.
    const far = logProbabilities
      .slice(0, 8)
      .filter((value, at) => Math.abs(value - alone[i]!.logProbabilities[at]!) > 100);
    assert.deepEqual(far, []);
  }
});

test('likelihoods are those of the adapter: the tokens it wrote are likelier with it than without', async () => {
  const path = await adapterFile('three', 3);
  const { text } = await write(path);
  const request = { question: 'always', answers: [text], tokensMax: 16 };
  const [[own], [bare]] = [
    await engine.likelihoods({ ...request, adapter: path }, undisturbed),
    await engine.likelihoods({ ...request, adapter: null }, undisturbed),
  ];
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  assert.ok(sum(own!) > sum(bare!));
});

test('a missing, damaged or foreign file fails its own job with one clear error; the others go on', async () => {
  const damaged = join(folder, 'damaged');
  await writeFile(damaged, 'SYNLORA1 and then nothing of use');
  const foreign = await adapterFile('foreign', 4, { baseModel: 'f'.repeat(64) });
  const results = await Promise.allSettled([
    write(join(folder, 'missing')),
    // A device that never ends, and a folder.
    write('/dev/zero'),
    write(folder),
    write(damaged),
    write(foreign),
    write(null),
  ]);
  const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'fine'));
  assert.deepEqual(codes, [
    'ADAPTER_NOT_FOUND',
    'ADAPTER_NOT_FOUND',
    'ADAPTER_NOT_FOUND',
    'ADAPTER_FORMAT',
    'ADAPTER_WRONG_MODEL',
    'fine',
  ]);
});

test('the least recently used adapter leaves; one that was replaced is read again; a mended one works', async () => {
  const store = createAdapterStore(manifest, 2);
  const paths = [await adapterFile('a', 5), await adapterFile('b', 6), await adapterFile('c', 7)];
  const [first] = await Promise.all([store.get(paths[0]!), store.get(paths[1]!)]);
  assert.equal(await store.get(paths[0]!), first);
  await store.get(paths[2]!);
  assert.equal(store.size(), 2);
  assert.equal(await store.get(paths[0]!), first);
  await copyFile(paths[1]!, paths[0]!);
  assert.equal((await store.get(paths[0]!)).hash, (await store.get(paths[1]!)).hash);
  await writeFile(paths[2]!, 'damaged');
  await assert.rejects(store.get(paths[2]!), { code: 'ADAPTER_FORMAT' });
  await adapterFile('c', 8);
  assert.match((await store.get(paths[2]!)).hash, /^[0-9a-f]{64}$/);
});
