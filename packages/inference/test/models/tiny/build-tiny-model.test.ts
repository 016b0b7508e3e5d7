import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PreTrainedTokenizer } from '@xenova/transformers';
import * as ort from 'onnxruntime-node';
import { readManifest, verifyModel } from '../../../src/models/index.ts';
import type { LlamaShape } from '../../../src/models/manifest.ts';
import { buildTinyModel } from '../../../src/models/tiny/build-tiny-model.ts';
import { temporaryFolder } from '../temporary-folder.ts';

type Feeds = Record<string, ort.Tensor>;

const SESSION = { intraOpNumThreads: 1, interOpNumThreads: 1 } as const;

const int64 = (values: readonly number[], dims: readonly number[]) =>
  new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);

function floats(dims: readonly number[], value: (at: number) => number = () => 0): ort.Tensor {
  const length = dims.reduce((product, size) => product * size, 1);
  return new ort.Tensor(
    'float32',
    Float32Array.from({ length }, (_, at) => value(at)),
    dims,
  );
}

function adapter(shape: LlamaShape, rank: number, value?: (at: number) => number): Feeds {
  const keyValue = shape.keyValueHeads * shape.headSize;
  return {
    lora_qA: floats([shape.layers, shape.hidden, rank], value),
    lora_qB: floats([shape.layers, rank, shape.hidden], value),
    lora_vA: floats([shape.layers, shape.hidden, rank], value),
    lora_vB: floats([shape.layers, rank, keyValue], value),
  };
}

function emptyCache(shape: LlamaShape, batch: number): Feeds {
  const names = Array.from({ length: shape.layers }, (_, i) => [`past.${i}.key`, `past.${i}.value`]).flat();
  return Object.fromEntries(names.map((name) => [name, floats([batch, shape.keyValueHeads, 0, shape.headSize])]));
}

/** Inputs of one run over `rows` of equal length that continue a cache of `before` tokens. */
function tokens(rows: readonly (readonly number[])[], select: readonly number[], before = 0): Feeds {
  const length = rows[0]!.length;
  return {
    input_ids: int64(rows.flat(), [rows.length, length]),
    seqlens_k: new ort.Tensor('int32', new Int32Array(rows.length).fill(before + length - 1), [rows.length]),
    total_len: new ort.Tensor('int32', Int32Array.of(before + length), [1]),
    sel: int64(select, [select.length]),
  };
}

const dataOf = (results: Readonly<Record<string, ort.Tensor>>, name: string) => results[name]!.data as Float32Array;

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  const worst = Array.from(actual, (value, at) => Math.abs(value - expected[at]!)).reduce((a, b) => Math.max(a, b), 0);
  assert.ok(worst <= tolerance, `largest difference ${worst} exceeds ${tolerance}`);
}

test('the same seed gives the same hash, another seed another, and the folder verifies', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await buildTinyModel(join(folder, 'a'), { seed: 7 });
  assert.equal(await buildTinyModel(join(folder, 'b'), { seed: 7 }), first);
  assert.notEqual(await buildTinyModel(join(folder, 'c'), { seed: 8 }), first);
  const manifest = await verifyModel(join(folder, 'a'), { hashes: true });
  const bytes = manifest.files.reduce((total, file) => total + file.bytes, 0);
  assert.ok(bytes < 600_000, `${bytes} bytes`);
});

describe('the tiny model in onnxruntime', () => {
  let directory: string;
  let shape: LlamaShape;
  const ids = [1, 70, 80, 90, 100, 110];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'synod-models-'));
    await buildTinyModel(directory, { seed: 1 });
    shape = (await readManifest(directory)).architecture;
  });

  after(() => rm(directory, { recursive: true, force: true }));

  async function withSession<T>(file: string, use: (session: ort.InferenceSession) => Promise<T>): Promise<T> {
    const session = await ort.InferenceSession.create(join(directory, file), SESSION);
    try {
      return await use(session);
    } finally {
      await session.release();
    }
  }

  test('continues from its cache as it does from the whole text', () =>
    withSession('generate.onnx', async (session) => {
      const whole = await session.run({ ...tokens([ids], [5]), ...emptyCache(shape, 1), ...adapter(shape, 8) });
      const start = await session.run({
        ...tokens([ids.slice(0, 4)], [3]),
        ...emptyCache(shape, 1),
        ...adapter(shape, 8),
      });
      const past = Object.fromEntries(
        Object.entries(start).flatMap(([name, value]) =>
          name.startsWith('present') ? [[name.replace('present', 'past'), value]] : [],
        ),
      );
      const rest = await session.run({ ...tokens([ids.slice(4)], [1], 4), ...past, ...adapter(shape, 8) });
      assert.deepEqual(whole['logits']!.dims, [1, 1, shape.vocabulary]);
      assertClose(dataOf(rest, 'logits'), dataOf(whole, 'logits'), 0.2);
      assert.deepEqual(rest['present.1.key']!.dims, [1, shape.keyValueHeads, 6, shape.headSize]);
    }));

  test('an adapter of zeros changes nothing whatever its rank, another adapter does', () =>
    withSession('generate.onnx', async (session) => {
      const run = async (lora: Feeds) => {
        const results = await session.run({ ...tokens([ids], [5]), ...emptyCache(shape, 1), ...lora });
        return [...dataOf(results, 'logits')];
      };
      const plain = await run(adapter(shape, 8));
      assert.deepEqual(await run(adapter(shape, 3)), plain);
      assert.deepEqual(await run(adapter(shape, 0)), plain);
      assert.notDeepEqual(await run(adapter(shape, 8, (at) => Math.sin(at) / 10)), plain);
    }));

  test('embeddings have unit length and do not see padding', () =>
    withSession('embed.onnx', async (session) => {
      const alone = await session.run({
        input_ids: int64([1, 70, 80, 2], [1, 4]),
        attention_mask: int64([1, 1, 1, 1], [1, 4]),
      });
      const padded = await session.run({
        input_ids: int64([1, 70, 80, 2, 50, 60, 1, 90, 91, 92, 93, 2], [2, 6]),
        attention_mask: int64([1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1], [2, 6]),
      });
      const vector = dataOf(alone, 'embedding');
      assertClose([vector.reduce((sum, value) => sum + value * value, 0)], [1], 1e-5);
      assertClose(dataOf(padded, 'embedding').subarray(0, vector.length), vector, 1e-5);
      assert.notDeepEqual([...dataOf(padded, 'embedding').subarray(vector.length)], [...vector]);
    }));

  test('its tokenizer keeps every text, special tokens apart, and the embedder adds its frame', async () => {
    const json = async (name: string) => JSON.parse(await readFile(join(directory, name), 'utf8')) as object;
    const causal = new PreTrainedTokenizer(await json('tokenizer.json'), await json('tokenizer_config.json'));
    for (const text of ['The capital of 42 is\n\tnaïve — 日本 🙂', ' ']) {
      const encoded = causal.encode(text, { add_special_tokens: false });
      assert.equal(causal.decode(encoded, { skip_special_tokens: true }), text);
    }
    assert.deepEqual(causal.encode('<|im_start|>'), [shape.beginToken]);
    assert.ok(causal.encode('of the').length < 6, 'merges apply');
    const embedder = new PreTrainedTokenizer(
      await json('embed-tokenizer.json'),
      await json('embed-tokenizer_config.json'),
    );
    assert.deepEqual(embedder.encode(''), [shape.beginToken, shape.endToken]);
  });
});
