import assert from 'node:assert/strict';
import { open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readManifest, resolveModel, verifyModel } from '../../../src/models/index.ts';
import { buildTinyModel } from '../../../src/models/tiny/build-tiny-model.ts';
import { temporaryFolder } from '../temporary-folder.ts';

async function tinyModel(t: Parameters<typeof temporaryFolder>[0]): Promise<string> {
  const directory = await temporaryFolder(t);
  await buildTinyModel(directory, { seed: 3 });
  return directory;
}

async function flipByte(path: string, offset: number): Promise<void> {
  const handle = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, offset);
  await handle.write(Buffer.of(byte[0]! ^ 1), 0, 1, offset);
  await handle.close();
}

test('one flipped bit is found and its file named, also after an earlier check passed', async (t) => {
  const directory = await tinyModel(t);
  await flipByte(join(directory, 'weights.bin'), 1000);
  const expected = { code: 'MODEL_HASH_MISMATCH', facts: { directory, file: 'weights.bin' } };
  const check = (error: { code: string; facts: object }) => {
    assert.equal(error.code, expected.code);
    assert.deepEqual(
      { ...error.facts, expected: undefined, actual: undefined },
      { ...expected.facts, expected: undefined, actual: undefined },
    );
    return true;
  };
  await assert.rejects(verifyModel(directory), check);
  await flipByte(join(directory, 'weights.bin'), 1000);
  await verifyModel(directory);
  await flipByte(join(directory, 'weights.bin'), 1000);
  await assert.rejects(verifyModel(directory), check);
  await assert.rejects(verifyModel(directory, { hashes: true }), check);
});

test('hashing happens once, sizes are checked each time', async (t) => {
  const directory = await tinyModel(t);
  const hashed: string[] = [];
  const onProgress = ({ item }: { item: string }) => void hashed.push(item);
  await verifyModel(directory, { onProgress });
  assert.equal(hashed.length, 7);
  await verifyModel(directory, { onProgress });
  assert.equal(hashed.length, 7);
  await truncate(join(directory, 'generate.onnx'), 100);
  await assert.rejects(verifyModel(directory), { code: 'MODEL_HASH_MISMATCH', message: /generate\.onnx/ });
});

test('missing files, missing folders and foreign manifests have their own codes', async (t) => {
  const directory = await tinyModel(t);
  await rm(join(directory, 'embed.onnx'));
  await assert.rejects(verifyModel(directory), { code: 'MODEL_NOT_FOUND', message: /embed\.onnx/ });
  const cacheDir = await temporaryFolder(t);
  const nowhere = join(cacheDir, 'nowhere');
  await assert.rejects(resolveModel({ model: nowhere, cacheDir }), { code: 'MODEL_NOT_FOUND', message: /--model/ });
  const path = join(directory, 'model.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as { files: { path: string }[] };
  for (const broken of ['{', '[]', '{"formatVersion":2}', JSON.stringify({ ...manifest, architecture: {} })]) {
    await writeFile(path, broken);
    await assert.rejects(verifyModel(directory), { code: 'MODEL_FORMAT' }, broken);
  }
  manifest.files[0]!.path = '../outside';
  await writeFile(path, JSON.stringify(manifest));
  await assert.rejects(verifyModel(directory), { code: 'MODEL_FORMAT', message: /plain file/ });
});

test('resolveModel describes a model folder given by path', async (t) => {
  const directory = await temporaryFolder(t);
  const hash = await buildTinyModel(directory, { seed: 3 });
  const resolved = await resolveModel({ model: directory, cacheDir: join(directory, 'unused') });
  assert.equal(resolved.directory, directory);
  assert.equal(resolved.hash, hash);
  assert.deepEqual(resolved.info, {
    name: 'synod-tiny',
    hash,
    parameters: (await readManifest(directory)).architecture.parameters,
    contextTokens: 2048,
    licence: 'Apache-2.0',
    backend: 'synod',
  });
});
