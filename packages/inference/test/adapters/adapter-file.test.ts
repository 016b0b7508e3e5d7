import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeAdapter, parseAdapter, readAdapter, writeAdapter } from '../../src/adapters/adapter-file.ts';
import type { AdapterAbout } from '../../src/adapters/adapter-header.ts';
import { AdapterError } from '../../src/adapters/errors.ts';
import { genesisFactors, type LoraFactors } from '../../src/adapters/lora-factors.ts';
import { createPrng } from '../../src/models/tiny/prng.ts';
import { temporaryFolder } from '../models/temporary-folder.ts';

const shape = { layers: 2, hidden: 12, keyValueHeads: 2, headSize: 3, loraRank: 4 };
const about: AdapterAbout = {
  formatVersion: 1,
  domain: 'geography',
  licence: 'Apache-2.0',
  baseModel: 'ab'.repeat(32),
  shape,
  trained: 'B',
  factorSeed: 7,
  seed: 8,
  steps: 9,
  dataHash: 'cd'.repeat(32),
};
const model = { shape, baseModel: about.baseModel };
/** Computed once more in another language from the definition. */
const PINNED_CODES = [-106, 3, 1, -28];

function trainedFactors(): LoraFactors {
  const prng = createPrng(3);
  const genesis = genesisFactors(shape, about.factorSeed);
  const noise = (values: Float32Array) => values.map(() => prng.signed() * prng.signed());
  return { ...genesis, qB: noise(genesis.qB), vB: noise(genesis.vB) };
}

const bytesOf = (changes: Partial<AdapterAbout> = {}): Uint8Array =>
  encodeAdapter({ ...about, ...changes }, trainedFactors());

const bodyStart = (bytes: Uint8Array): number => 12 + Buffer.from(bytes).readUInt32LE(8);

function refusal(bytes: Uint8Array): { code: string; message: string } {
  try {
    parseAdapter(bytes, model, 'a.adapter');
  } catch (error) {
    assert.ok(error instanceof AdapterError, String(error));
    return error;
  }
  assert.fail('the file was accepted');
}

test('a written adapter reads back: factors within half a row scale, factor A from its seed, hash of the bytes', async (t) => {
  const path = join(await temporaryFolder(t), 'a.adapter');
  const factors = trainedFactors();
  const hash = await writeAdapter(path, { about, factors });
  const adapter = await readAdapter(path, model);
  assert.equal(adapter.hash, hash);
  assert.deepEqual(adapter.about, about);
  assert.deepEqual(adapter.factors.qA, genesisFactors(shape, 7).qA);
  for (const [name, width] of [
    ['qB', 12],
    ['vB', 6],
  ] as const) {
    for (let start = 0; start < factors[name].length; start += width) {
      const row = factors[name].subarray(start, start + width);
      const half = (Math.max(...row.map(Math.abs)) / 127 / 2) * 1.0001;
      row.forEach((value, i) => {
        assert.ok(Math.abs(value - adapter.factors[name][start + i]!) <= half, `${name} ${start + i}`);
      });
    }
  }
});

test('a file that holds both factors gives back both', () => {
  const both: LoraFactors = { ...trainedFactors(), qA: trainedFactors().qA.map((value, i) => value + i / 500) };
  const { factors } = parseAdapter(encodeAdapter({ ...about, trained: 'AB' }, both), model, 'a.adapter');
  both.qA.forEach((value, i) => {
    assert.ok(Math.abs(value - factors.qA[i]!) < 0.005, `${i}`);
  });
  assert.notDeepEqual(factors.qA, genesisFactors(shape, 7).qA);
});

test('writing what was read gives the same bytes', () => {
  for (const trained of ['B', 'AB'] as const) {
    const bytes = bytesOf({ trained });
    const read = parseAdapter(bytes, model, 'a.adapter');
    assert.deepEqual(Buffer.from(encodeAdapter(read.about, read.factors)), Buffer.from(bytes));
  }
});

test('factor A is the same everywhere: its first entries are pinned', () => {
  const { qA, vA } = genesisFactors({ layers: 1, hidden: 576, keyValueHeads: 3, headSize: 64, loraRank: 8 }, 1);
  const scale = Math.fround(1 / Math.sqrt((576 * (255 * 255 - 1)) / 12));
  assert.deepEqual(
    [...qA.subarray(0, 4)].map((value) => Math.round(value / scale)),
    PINNED_CODES,
  );
  assert.notDeepEqual(qA.subarray(0, 16), vA.subarray(0, 16));
  const variance = qA.reduce((sum, value) => sum + value * value, 0) / qA.length;
  assert.ok(Math.abs(variance * 576 - 1) < 0.05, `${variance * 576}`);
});

test('every truncation and every extension is refused with a reason', () => {
  const bytes = bytesOf();
  for (let length = 0; length < bytes.length; length++) {
    assert.equal(refusal(bytes.subarray(0, length)).code, 'ADAPTER_FORMAT', `${length}`);
  }
  assert.match(refusal(bytes.subarray(0, bytes.length - 1)).message, /cut short/);
  assert.match(refusal(Buffer.concat([bytes, Buffer.of(0)])).message, /after its end/);
});

test('a scale that is not finite or negative, and the unused code, are refused', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
    const bytes = Buffer.from(bytesOf());
    bytes.writeFloatLE(value, bodyStart(bytes) + 4);
    assert.match(refusal(bytes).message, /scale of row 1 /);
  }
  const bytes = Buffer.from(bytesOf());
  bytes.writeInt8(-128, bytes.length - 1);
  assert.match(refusal(bytes).message, /−128/);
});

test('another shape and other weights are told apart from damage', () => {
  assert.equal(refusal(bytesOf({ baseModel: 'ef'.repeat(32) })).code, 'ADAPTER_WRONG_MODEL');
  const wide = { shape: { ...shape, hidden: 24 }, baseModel: about.baseModel };
  assert.throws(() => parseAdapter(bytesOf(), wide, 'a.adapter'), {
    code: 'ADAPTER_WRONG_SHAPE',
    message: /hidden 12/,
  });
});

test('headers out of bounds, of other kinds, and written otherwise are refused before anything is allocated', () => {
  const withHeader = (text: string): Uint8Array => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.byteLength(text));
    return Buffer.concat([Buffer.from('SYNLORA1'), length, Buffer.from(text)]);
  };
  const huge = { ...shape, layers: 256, hidden: 16_384, loraRank: 64 };
  const cases: readonly [Uint8Array, RegExp][] = [
    [withHeader('{'), /not JSON/],
    [withHeader('[]'), /not an object/],
    [withHeader(JSON.stringify({ ...about, formatVersion: 2 })), /formatVersion/],
    [withHeader(JSON.stringify({ ...about, shape: { ...shape, layers: 1e9 } })), /layers/],
    [withHeader(JSON.stringify({ ...about, licence: 'x'.repeat(201) })), /licence/],
    [withHeader(JSON.stringify({ ...about, note: 'more' })), /one allowed way/],
    [withHeader(JSON.stringify(about, null, 1)), /one allowed way/],
    [Buffer.concat([Buffer.from('SYNLORA1'), Buffer.alloc(4, 255)]), /header is too long/],
    [Buffer.alloc((1 << 20) + 1), /too large/],
    [Buffer.from('not an adapter at all'), /SYNLORA1/],
  ];
  for (const [bytes, reason] of cases) assert.match(refusal(bytes).message, reason);
  const big = { shape: huge, baseModel: about.baseModel };
  const bytes = withHeader(JSON.stringify({ ...about, shape: huge }));
  assert.throws(() => parseAdapter(bytes, big, 'a.adapter'), { code: 'ADAPTER_FORMAT', message: /cut short/ });
});

test('no damage of a byte makes the parser throw anything but its own error', () => {
  const bytes = bytesOf();
  const edit = fc.record({ at: fc.nat(bytes.length - 1), value: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const damaged = Buffer.from(bytes);
      for (const { at, value } of edits) damaged[at] = value;
      try {
        parseAdapter(damaged, model, 'a.adapter');
      } catch (error) {
        assert.ok(error instanceof AdapterError, String(error));
      }
    }),
  );
});

test('a missing file and a file too large to be an adapter are clear errors', async (t) => {
  const folder = await temporaryFolder(t);
  await assert.rejects(readAdapter(join(folder, 'absent'), model), { code: 'ADAPTER_NOT_FOUND' });
  await writeFile(join(folder, 'large'), Buffer.alloc((1 << 20) + 1));
  await assert.rejects(readAdapter(join(folder, 'large'), model), { code: 'ADAPTER_FORMAT', message: /too large/ });
  await assert.rejects(readAdapter(folder, model), { code: 'ADAPTER_NOT_FOUND' });
  await writeFile(join(folder, 'damaged'), (await readFile(join(folder, 'large'))).subarray(0, 40));
  await assert.rejects(readAdapter(join(folder, 'damaged'), model), { code: 'ADAPTER_FORMAT' });
});
