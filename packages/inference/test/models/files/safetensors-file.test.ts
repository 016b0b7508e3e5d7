import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { SafetensorsFile } from '../../../src/models/files/safetensors-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';

function safetensors(header: object, data: Float32Array): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.from(data.buffer)]);
}

const HEADER = {
  __metadata__: { format: 'pt' },
  first: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
  second: { dtype: 'F32', shape: [1, 2], data_offsets: [8, 16] },
  whole: { dtype: 'I64', shape: [1], data_offsets: [0, 8] },
};

test('tensors are read by name, others are refused', async (t) => {
  const path = join(await temporaryFolder(t), 'x.safetensors');
  await writeFile(path, safetensors(HEADER, Float32Array.of(1, 2, 3, 4)));
  const file = await SafetensorsFile.open(path);
  t.after(() => file.close());
  assert.deepEqual(await file.tensor('second'), { dims: [1, 2], data: Float32Array.of(3, 4) });
  await assert.rejects(file.tensor('whole'), { code: 'MODEL_FORMAT' });
  await assert.rejects(file.tensor('third'), { code: 'MODEL_FORMAT' });
});

test('a cut file and a file of another kind are refused', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'cut'), safetensors(HEADER, Float32Array.of(1, 2, 3, 4)).subarray(0, -4));
  const cut = await SafetensorsFile.open(join(folder, 'cut'));
  t.after(() => cut.close());
  await assert.rejects(cut.tensor('second'), { code: 'MODEL_FORMAT' });
  await writeFile(join(folder, 'text'), 'This is no file of tensors at all.');
  await assert.rejects(SafetensorsFile.open(join(folder, 'text')), { code: 'MODEL_FORMAT' });
});
