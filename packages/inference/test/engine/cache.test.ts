import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type AdapterStore, createAdapterStore } from '../../src/engine/adapter-store.ts';
import { chunksOf } from '../../src/engine/chunks.ts';
import { type LanguageModel, openLanguageModel } from '../../src/engine/language-model.ts';
import { limits } from '../../src/engine/limits.ts';
import { prefill } from '../../src/engine/prefill.ts';
import { createPrefixCache } from '../../src/engine/prefix-cache.ts';
import type { LlamaShape } from '../../src/models/manifest.ts';
import { readManifest } from '../../src/models/store/manifest-file.ts';
import { tinyModel, undisturbed } from './tiny-model.ts';

const directory = await tinyModel();
const manifest = await readManifest(directory);
const shape = manifest.architecture;
const adapters: AdapterStore = createAdapterStore(manifest, 2);
const bare = await adapters.get(null);
const model: LanguageModel = await openLanguageModel(directory, shape);
after(() => model.close());

const tokensOf = (length: number, seed: number) => Array.from({ length }, (_, i) => 3 + ((i * 7 * seed + i * i) % 250));

/** The same graph the plain way: caches returned by one run are the inputs of the next. */
async function copyingModel(path: string, { layers, keyValueHeads, headSize }: LlamaShape) {
  const session = await InferenceSession.create(join(path, 'generate.onnx'), { intraOpNumThreads: 1 });
  after(() => session.release());
  const names = Array.from({ length: layers }, (_, i) => [`${i}.key`, `${i}.value`]).flat();
  const empty = () => new Tensor('float32', new Float32Array(0), [1, keyValueHeads, 0, headSize]);
  let past: Record<string, Tensor> = Object.fromEntries(names.map((name) => [`past.${name}`, empty()]));
  let length = 0;
  return async (ids: readonly number[]): Promise<Float32Array> => {
    length += ids.length;
    const outputs = await session.run({
      input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      seqlens_k: new Tensor('int32', Int32Array.of(length - 1), [1]),
      total_len: new Tensor('int32', Int32Array.of(length), [1]),
      sel: new Tensor('int64', BigInt64Array.of(BigInt(ids.length - 1)), [1]),
      ...bare.inputs,
      ...past,
    });
    past = Object.fromEntries(names.map((name) => [`past.${name}`, outputs[`present.${name}`] as Tensor]));
    return outputs['logits']!.data as Float32Array;
  };
}

test('writing keys and values in place gives the bits that copying them gives: prompt, pieces of a prompt, single tokens', async () => {
  const copying = await copyingModel(directory, shape);
  const sequence = model.open(bare, 400);
  const ids = tokensOf(230, 3);
  // 64 tokens fill the first buffer, so that it has to grow on the way.
  for (const piece of [
    ids.slice(0, 50),
    ids.slice(50, 200),
    ids.slice(200, 202),
    ...ids.slice(202).map((id) => [id]),
  ]) {
    const [logits] = await sequence.read(piece, 'last');
    assert.deepEqual(logits, await copying(piece));
  }
  sequence.close();
});

test('a prompt is read in larger pieces while nobody else is computed', async () => {
  const [reader, writer] = [model.open(bare, 400), model.open(bare, 100)];
  const ids = tokensOf(30, 5);
  await reader.read(ids, 'last');
  assert.equal(reader.chunkTokens(), limits.prefillAloneTokens);
  // A reader may miss every second turn of somebody who writes.
  await Promise.all([reader.read(ids, 'last'), writer.read(ids, 'last')]);
  await reader.read(ids, 'last');
  assert.equal(reader.chunkTokens(), limits.prefillChunkTokens);
  // Who is paused is waited for by nobody.
  for (let turn = 0; turn < 3; turn++) await reader.read(ids, 'last');
  assert.equal(reader.chunkTokens(), limits.prefillAloneTokens);
  await writer.read([8], 'last');
  assert.equal(reader.chunkTokens(), limits.prefillChunkTokens);
  writer.close();
  assert.equal(reader.chunkTokens(), limits.prefillAloneTokens);
  reader.close();
});

test('rows of different lengths computed together give the bits that each gives alone, while some pause, end and join', async () => {
  const alone: Float32Array[][] = [];
  for (let row = 0; row < 5; row++) alone.push(await writeAlone(row));
  const sequences = Array.from({ length: 5 }, (_, row) => model.open(bare, 200 + row));
  const read = async (row: number, step: number) => {
    const [logits] = await sequences[row]!.read([20 + row + step], 'last');
    assert.deepEqual(logits, alone[row]![step], `row ${row}, step ${step}`);
  };
  const start = (row: number) => sequences[row]!.read(tokensOf(20 + 30 * row, row + 1), 'last');
  await Promise.all([0, 1, 2].map(start));
  for (let step = 0; step < 4; step++) await Promise.all([0, 1, 2].map((row) => read(row, step)));
  // Row 1 pauses, the others go on; then it ends, and two join.
  await Promise.all([read(0, 4), read(2, 4)]);
  await read(1, 4);
  sequences[1]!.close();
  await Promise.all([start(3), start(4)]);
  for (let step = 0; step < 5; step++) {
    await Promise.all([read(3, step), read(4, step), read(0, 5 + step), read(2, 5 + step)]);
  }
  for (const sequence of sequences) sequence.close();
});

async function writeAlone(row: number): Promise<Float32Array[]> {
  const sequence = model.open(bare, 200 + row);
  await sequence.read(tokensOf(20 + 30 * row, row + 1), 'last');
  const logits: Float32Array[] = [];
  for (let step = 0; step < 10; step++) logits.push((await sequence.read([20 + row + step], 'last'))[0]!.slice());
  sequence.close();
  return logits;
}

test('a prompt that begins like an earlier one is read from there on, with the same bits', async () => {
  const ids = tokensOf(150, 5);
  const other = [...ids.slice(0, 100), 200, ...tokensOf(40, 9)];
  const fresh = await openLanguageModel(directory, shape);
  const expected = fresh.open(bare, 200);
  const logits = (await prefill(expected, other, undisturbed)).slice();
  expected.close();
  await fresh.close();
  const first = model.open(bare, 200);
  await prefill(first, ids, undisturbed);
  first.close();
  const second = model.open(bare, 200);
  assert.equal(await second.adopt(other), 100);
  assert.equal(second.length, 100);
  second.truncate(0);
  second.close();
  const third = model.open(bare, 200);
  assert.deepEqual(await prefill(third, other, undisturbed), logits);
  third.close();
});

test('the last two tokens of a known prompt are read again; another adapter shares nothing', async () => {
  const ids = tokensOf(60, 11);
  const first = model.open(bare, 100);
  await prefill(first, ids, undisturbed);
  first.close();
  const same = model.open(bare, 100);
  assert.equal(await same.adopt(ids), ids.length - 2);
  same.close();
  const adapted = model.open({ hash: 'other', inputs: bare.inputs }, 100);
  assert.equal(await adapted.adopt(ids), 0);
  adapted.close();
});

test('sequences that do not fit wait for room; paused ones lose theirs and go on as if they had not', async () => {
  const size = limits.cacheTokensMax / 2;
  const paused = model.open(bare, size);
  const ids = tokensOf(90, 13);
  await prefill(paused, ids, undisturbed);
  // Nothing of this prompt is left to adopt, so that the paused one has to read it again.
  for (let i = 0; i < 3; i++) await fill(tokensOf(500, 20 + i));
  const urgent = [model.open(bare, size), model.open(bare, size), model.open(bare, size)];
  const order: number[] = [];
  await Promise.all(
    urgent.map(async (sequence, i) => {
      await sequence.read(tokensOf(30, i + 2), 'last');
      await sequence.read([9], 'last');
      order.push(i);
      sequence.close();
    }),
  );
  assert.equal(order.at(-1), 2);
  const [logits] = await paused.read([40, 41], 'last');
  assert.equal(paused.length, 92);
  paused.close();
  const undisturbedOne = model.open(bare, size);
  await prefill(undisturbedOne, ids, undisturbed);
  assert.deepEqual(logits, (await undisturbedOne.read([40, 41], 'last'))[0]);
  undisturbedOne.close();
});

test('no way of cutting a prompt changes a bit: any length, in pieces for one alone and in company, from any known beginning', async () => {
  const ids = tokensOf(170, 17);
  const logitsAfter = async (length: number, known: number, size: number) => {
    const sequence = model.open(bare, 200);
    for (const [from, to] of [
      [0, known],
      [known, length],
    ] as const) {
      for (const piece of chunksOf(ids.slice(from, to), size)) await sequence.read(piece, 'last');
    }
    const [logits] = await sequence.read([3, 4], 'last');
    const kept = logits!.slice();
    sequence.close();
    return kept;
  };
  const { prefillChunkTokens: shared, prefillAloneTokens: alone } = limits;
  for (const length of [33, 34, 57, 63, 65, 66, 96, 97, 98, 129, 161]) {
    const expected = await logitsAfter(length, 0, shared);
    assert.deepEqual(await logitsAfter(length, 0, alone), expected, `${length} tokens alone`);
    for (const rest of [33, 65, 97].filter((one) => one < length - 1)) {
      assert.deepEqual(
        await logitsAfter(length, length - rest, alone),
        expected,
        `the last ${rest} of ${length} tokens`,
      );
    }
  }
});

test('what a paused sequence wrote token by token is not taken over by a prompt that holds it', async () => {
  const ids = tokensOf(110, 19);
  const written = tokensOf(30, 23);
  const prompt = [...ids, ...written, ...tokensOf(9, 29)];
  const fresh = await openLanguageModel(directory, shape);
  const expected = (await prefill(fresh.open(bare, 200), prompt, undisturbed)).slice();
  await fresh.close();
  const paused = model.open(bare, limits.cacheTokensMax / 2);
  await prefill(paused, ids, undisturbed);
  for (const token of written) await paused.read([token], 'last');
  const urgent = [model.open(bare, limits.cacheTokensMax / 2), model.open(bare, limits.cacheTokensMax / 2)];
  await Promise.all(urgent.map((sequence, at) => sequence.read(tokensOf(10, at + 1), 'last')));
  for (const sequence of [...urgent, paused]) sequence.close();
  const later = model.open(bare, 200);
  const logits = await prefill(later, prompt, undisturbed);
  later.close();
  assert.deepEqual(logits, expected);
});

async function fill(ids: readonly number[]): Promise<void> {
  const sequence = model.open(bare, ids.length + 1);
  await prefill(sequence, ids, undisturbed);
  sequence.close();
}

test('a sequence refuses more than it was opened for', () => {
  const sequence = model.open(bare, 4);
  assert.throws(() => sequence.read([1, 2, 3, 4, 5], 'last'), RangeError);
  assert.throws(() => sequence.read([], 'last'), RangeError);
  sequence.close();
  sequence.close();
});

test('pieces of a text add up to it, none has one token or one over 32 unless the text has one, none is too long', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 3, max: 130 }), (length, size) => {
      const ids = Array.from({ length }, (_, i) => i);
      const chunks = chunksOf(ids, size);
      assert.deepEqual(chunks.flat(), ids);
      const isWell = (chunk: number[]) => chunk.length <= size && (chunk.length % 32 !== 1 || length === 1);
      assert.ok(chunks.every(isWell));
    }),
  );
});

test('the prefix cache finds the longest beginning, keeps its bound and what was used last', () => {
  const token = fc.integer({ min: 0, max: 2 });
  const call = fc.record({ adapter: fc.constantFrom('a', 'b'), ids: fc.array(token, { minLength: 1, maxLength: 9 }) });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 30 }), call, (calls, wanted) => {
      const cache = createPrefixCache(24);
      for (const { adapter, ids } of calls) {
        cache.keep(adapter, ids, () => ({ length: ids.length, parts: [Float32Array.from(ids)] }));
        assert.ok(cache.tokens() <= 24);
      }
      const last = calls.at(-1);
      if (last !== undefined) assert.equal(cache.find(last.adapter, last.ids, 1)?.length, last.ids.length);
      const found = cache.find(wanted.adapter, wanted.ids, 2);
      if (found === undefined) return;
      assert.ok(found.length >= 2);
      const shared = Array.from(found.row.parts[0]!.subarray(0, found.length));
      assert.deepEqual(shared, wanted.ids.slice(0, found.length));
    }),
  );
});
