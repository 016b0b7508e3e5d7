import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { env } from '@xenova/transformers';
import { loadEngine } from '../../../src/engine/engine.ts';
import { resolveModel } from '../../../src/models/index.ts';
import { buildTinyModel } from '../../../src/models/tiny/build-tiny-model.ts';
import { writeBoth } from '../../engine/backends/foreign-folder.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('a hub that cannot be reached is named, with what to do instead', async (t) => {
  const before = env.remoteHost;
  // Nothing listens on port 1.
  env.remoteHost = 'http://127.0.0.1:1/';
  t.after(() => {
    env.remoteHost = before;
  });
  const cacheDir = await temporaryFolder(t);
  await assert.rejects(resolveModel({ model: 'some-owner/some-model', cacheDir }), {
    code: 'MODEL_FETCH_FAILED',
    message: /127\.0\.0\.1:1.*--model DIR/,
  });
});

/** A hub on this machine: serves the files below `root/OWNER/NAME` at `/OWNER/NAME/resolve/main/FILE`. */
async function hubOn(t: TestContext, root: string): Promise<string[]> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').replace('/resolve/main', '');
    asked.push(path);
    const bytes = await readFile(join(root, path)).catch(() => undefined);
    if (bytes === undefined) return response.writeHead(404).end();
    return response
      .writeHead(200, { 'content-length': bytes.length })
      .end(request.method === 'HEAD' ? undefined : bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const before = env.remoteHost;
  env.remoteHost = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  t.after(() => {
    env.remoteHost = before;
    server.close();
    server.closeAllConnections();
  });
  return asked;
}

test('a model of a hub is fetched once, runs, and a second start asks nobody', async (t) => {
  const folder = await temporaryFolder(t);
  const { own, foreign } = await writeBoth(folder, 'float32');
  await mkdir(join(folder, 'hub', 'some-owner'), { recursive: true });
  await cp(foreign, join(folder, 'hub', 'some-owner', 'tiny'), { recursive: true });
  // Weights beside the graph are announced in the configuration, as hubs do it.
  const config = join(folder, 'hub', 'some-owner', 'tiny', 'config.json');
  const written = JSON.parse(await readFile(config, 'utf8')) as object;
  await writeFile(config, JSON.stringify({ ...written, 'transformers.js_config': { use_external_data_format: true } }));
  const asked = await hubOn(t, join(folder, 'hub'));
  const options = { model: 'some-owner/tiny', helper: own, cacheDir: join(folder, 'cache') };
  const { directory, info } = await resolveModel(options);
  assert.equal(info.backend, 'onnx');
  assert.ok(asked.includes('/some-owner/tiny/onnx/model.onnx'), asked.join(' '));
  const engine = await loadEngine(directory);
  t.after(() => engine.close());
  const profile = { instruction: '', temperature: 0, topP: 1, maxTokens: 4 };
  const request = { messages: [{ role: 'user', content: 'Who?' }], profile, seed: 1, stop: [], adapter: null } as const;
  const control = { signal: new AbortController().signal, checkpoint: async () => {}, onText: () => {} };
  assert.equal((await engine.generate(request, control)).tokens.length, 4);
  asked.length = 0;
  assert.equal((await resolveModel(options)).info.hash, info.hash);
  assert.deepEqual(
    asked.filter((path) => path.includes('.onnx')),
    [],
  );
  await assert.rejects(resolveModel({ ...options, model: 'some-owner/absent' }), {
    code: 'MODEL_FETCH_FAILED',
    message: /some-owner\/absent.*--model DIR/,
  });
});

test('a server is named by address and model, without credentials', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const helper = join(cacheDir, 'own');
  await buildTinyModel(helper, { seed: 1 });
  const resolve = (model: string) => resolveModel({ model, helper, cacheDir });
  for (const model of [
    'http://127.0.0.1:9/v1',
    'http://',
    'http://me:secret@127.0.0.1:9/v1#m',
    'http://127.0.0.1:9/v1?version=1#m',
    'http://127.0.0.1:9/v1#%zz',
    'http://127.0.0.1:9/v1#a%1Bb',
    `http://127.0.0.1:9/v1#${'m'.repeat(97)}`,
  ]) {
    await assert.rejects(
      resolve(model),
      { code: 'MODEL_FORMAT', message: /http:\/\/127\.0\.0\.1:8000\/v1#NAME/ },
      model,
    );
  }
  const { info, hash } = await resolve('http://127.0.0.1:9/v1#m');
  assert.equal(info.hash, hash);
  assert.equal((await resolve('http://127.0.0.1:9/v1/#m')).hash, hash);
  assert.notEqual((await resolve('http://127.0.0.1:9/v1#n')).hash, hash);
});
