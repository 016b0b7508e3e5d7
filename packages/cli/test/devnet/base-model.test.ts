import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { resolveModel } from '@synod/inference/models';
import { buildTinyModel } from '@synod/inference/tiny-model';
import { baseModelOf } from '../../src/devnet/prepare.ts';

test('a devnet takes a model on a server, into which no adapter was trained', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'synod-base-model-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const helper = join(folder, 'own');
  await buildTinyModel(helper, { seed: 1 });
  const server = await resolveModel({ model: 'http://127.0.0.1:9/v1#m', helper, cacheDir: folder });
  const own = await resolveModel({ model: helper, cacheDir: folder });
  assert.equal(await baseModelOf(server), server.hash);
  assert.notEqual(await baseModelOf(own), own.hash);
});
