import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { GgufFile } from '../../../src/models/gguf/gguf-file.ts';
import { llamaShapeOf } from '../../../src/models/gguf/llama-source.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { GGUF_TYPE, ggufBytes } from './gguf-bytes.ts';

const INFINITE_HALF = 0x7c00;

async function opened(t: TestContext, bytes: Uint8Array): Promise<GgufFile> {
  const path = join(await temporaryFolder(t), 'model.gguf');
  await writeFile(path, bytes);
  const file = await GgufFile.open(path);
  t.after(() => file.close());
  return file;
}

function q4Block(scale: number): Uint8Array {
  const block = new Uint8Array(20);
  new DataView(block.buffer).setUint16(0, scale, true);
  return block;
}

test('tensors are read by name and type', async (t) => {
  const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
  const file = await opened(
    t,
    ggufBytes({ 'general.architecture': 'llama' }, [
      { name: 'norm', type: GGUF_TYPE.f32, dims: [4], data: floats },
      { name: 'matrix', type: GGUF_TYPE.q4_1, dims: [32, 1], data: q4Block(0x3c00) },
    ]),
  );
  assert.deepEqual([...(await file.vector('norm'))], [1, 2, 3, 4]);
  assert.deepEqual([...(await file.q4('matrix')).scales], [1]);
  await assert.rejects(file.q8('matrix'), { code: 'MODEL_FORMAT', message: /is not Q8_0/ });
  await assert.rejects(file.vector('other'), { code: 'MODEL_FORMAT', message: /no tensor other/ });
});

test('another architecture is named and refused', async (t) => {
  const file = await opened(t, ggufBytes({ 'general.architecture': 'mamba' }, []));
  assert.throws(() => llamaShapeOf(file, 8), { code: 'MODEL_FORMAT', message: /mamba.*only llama/ });
});

test('weights that are not finite are refused by name', async (t) => {
  const nan = new Uint8Array(Float32Array.of(1, Number.NaN).buffer);
  const q8 = new Uint8Array(34);
  new DataView(q8.buffer).setUint16(0, INFINITE_HALF, true);
  const file = await opened(
    t,
    ggufBytes({ 'general.architecture': 'llama' }, [
      { name: 'norm', type: GGUF_TYPE.f32, dims: [2], data: nan },
      { name: 'matrix', type: GGUF_TYPE.q4_1, dims: [32, 1], data: q4Block(INFINITE_HALF) },
      { name: 'table', type: GGUF_TYPE.q8_0, dims: [32, 1], data: q8 },
    ]),
  );
  await assert.rejects(file.vector('norm'), {
    code: 'MODEL_FORMAT',
    message: /norm holds numbers that are not finite/,
  });
  await assert.rejects(file.q4('matrix'), { code: 'MODEL_FORMAT', message: /matrix holds/ });
  await assert.rejects(file.q8('table'), { code: 'MODEL_FORMAT', message: /table holds/ });
});

test('sizes and places that no file can have are refused before anything is read', async (t) => {
  const bytes = ggufBytes({ 'general.architecture': 'llama' }, [
    { name: 'huge', type: GGUF_TYPE.f32, dims: [4_000_000, 4_000_000], data: new Uint8Array(64) },
    // Twenty bytes and a fraction, all within the file.
    { name: 'part', type: GGUF_TYPE.q4_1, dims: [33, 1], data: new Uint8Array(64) },
    { name: 'odd', type: GGUF_TYPE.q4_1, dims: [33, 7], data: new Uint8Array(64) },
  ]);
  const file = await opened(t, bytes);
  const expected = { code: 'MODEL_FORMAT', message: /ends before byte/ };
  await assert.rejects(file.vector('huge'), expected);
  await assert.rejects(file.q4('odd'), expected);
  await assert.rejects(file.q4('part'), expected);
});

test('a cut file and a file of another kind are refused', async (t) => {
  const bytes = ggufBytes({ 'general.architecture': 'llama' }, [
    { name: 'norm', type: GGUF_TYPE.f32, dims: [64], data: new Uint8Array(256) },
  ]);
  const cut = await opened(t, bytes.subarray(0, bytes.length - 100));
  await assert.rejects(cut.vector('norm'), { code: 'MODEL_FORMAT', message: /ends before/ });
  await assert.rejects(opened(t, new TextEncoder().encode('no model at all, only text')), { code: 'MODEL_FORMAT' });
});
