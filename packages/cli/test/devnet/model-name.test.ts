import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { modelName } from '../../src/devnet/model-name.ts';

test('paths become absolute; names, addresses and hub ids do not', async (t) => {
  const before = process.cwd();
  const folder = await mkdtemp(join(tmpdir(), 'synod-model-name-'));
  t.after(() => {
    process.chdir(before);
    return rm(folder, { recursive: true });
  });
  process.chdir(folder);
  const names = ['default', 'tiny', 'none', 'http://127.0.0.1:8000/v1#large', 'https://host/v1#m', 'owner/name-1.5'];
  for (const model of names) assert.equal(modelName(model), model);
  for (const path of ['./owner/name', '/models/a', 'models', 'a/b/c']) assert.equal(modelName(path), resolve(path));
  await mkdir(join(folder, 'owner/name-1.5'), { recursive: true });
  assert.equal(modelName('owner/name-1.5'), resolve('owner/name-1.5'), 'a folder that is here wins');
});
