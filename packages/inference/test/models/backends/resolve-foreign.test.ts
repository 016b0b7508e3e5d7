import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { env } from '@xenova/transformers';
import { buildTinyModel, resolveModel } from '../../../src/models/index.ts';
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

test('a server is named by address and model, without credentials', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const helper = join(cacheDir, 'own');
  await buildTinyModel(helper, { seed: 1 });
  const resolve = (model: string) => resolveModel({ model, helper, cacheDir });
  for (const model of ['http://127.0.0.1:9/v1', 'http://', 'http://me:secret@127.0.0.1:9/v1#m']) {
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
