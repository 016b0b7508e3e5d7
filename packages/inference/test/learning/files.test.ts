import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { parseAdapter, readAdapterAbout } from '../../src/adapters/adapter-file.ts';
import { decodeDelta, deltaBytes, encodeDelta } from '../../src/learning/delta-file.ts';
import {
  adapterFromFixed,
  decodeFixedFactors,
  encodeFixedFactors,
  factorsHash,
  fixedFromAdapter,
  fixedFromFloats,
  floatsFromFixed,
  UNITS_PER_ONE,
} from '../../src/learning/fixed-factors.ts';
import { about, count, deltaAbout } from './samples.ts';

const int32s = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: count, maxLength: count });
const problemOf = (result: object): string => ('problem' in result ? String(result.problem) : 'no problem');
const ramp = Int32Array.from({ length: count }, (_, i) => (i - 9) * 70_001);

test('fixed-point factors come back as written, whatever their values', () => {
  fc.assert(
    fc.property(int32s, (list) => {
      const values = Int32Array.from(list);
      assert.deepEqual(decodeFixedFactors(encodeFixedFactors({ about, values }), about), { about, values });
    }),
  );
});

test('a delta comes back within half a scale of what was written, and what is too large is cut to the format', () => {
  fc.assert(
    fc.property(int32s, (list) => {
      const values = Int32Array.from(list);
      const bytes = encodeDelta(deltaAbout, values);
      assert.equal(bytes.length, deltaBytes(deltaAbout));
      const read = decodeDelta(bytes, deltaAbout);
      assert.ok('values' in read);
      const most = 127 * 2 ** 20;
      for (const [i, value] of values.entries()) {
        const cut = Math.max(-most, Math.min(most, value));
        assert.ok(Math.abs(read.values[i]! - cut) <= 2 ** 19 + 1, `${read.values[i]} for ${value}`);
      }
    }),
  );
  const small = decodeDelta(
    encodeDelta(
      deltaAbout,
      ramp.map((value) => Math.sign(value)),
    ),
    deltaAbout,
  );
  assert.deepEqual(small, { values: ramp.map((value) => Math.sign(value)) });
});

test('no bytes make the readers throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
      assert.ok('problem' in decodeDelta(noise, deltaAbout));
      assert.ok('problem' in decodeFixedFactors(noise, about));
    }),
  );
});

test('a delta of another round, base, shape or seed, cut, lengthened or with an impossible code or scale is a problem', () => {
  const bytes = encodeDelta(deltaAbout, ramp);
  const others = [
    { round: '00'.repeat(32) },
    { baseModel: '00'.repeat(32) },
    { factorSeed: 2 },
    { shape: { ...about.shape, layers: 3 } },
  ];
  for (const other of others) assert.match(problemOf(decodeDelta(bytes, { ...deltaAbout, ...other })), /another round/);
  for (let length = 0; length < bytes.length; length++) {
    assert.match(problemOf(decodeDelta(bytes.subarray(0, length), deltaAbout)), /cut short/);
  }
  assert.match(problemOf(decodeDelta(Buffer.concat([bytes, Buffer.alloc(1)]), deltaAbout)), /after its end/);
  const code = Buffer.from(bytes);
  code.writeInt8(-128, code.length - 1);
  assert.match(problemOf(decodeDelta(code, deltaAbout)), /−128/);
  const scale = Buffer.from(bytes);
  const rows = 2 * about.shape.layers * about.shape.loraRank;
  const scaleAt = bytes.length - count - 4 * rows;
  for (const pattern of [0x7fc0_0000, 0x7f80_0000, 0xff80_0000, 0xffff_ffff, 2 ** 20 + 1]) {
    scale.writeUInt32LE(pattern, scaleAt);
    assert.match(problemOf(decodeDelta(scale, deltaAbout)), /scale of row 0/);
  }
  assert.match(problemOf(decodeDelta(encodeFixedFactors({ about, values: ramp }), deltaAbout)), /SYNDELT1/);
  const long = Buffer.from(bytes);
  long.writeUInt32LE(2 ** 32 - 1, 8);
  assert.match(problemOf(decodeDelta(long, deltaAbout)), /header is too long/);
});

test('a fixed-point file of another base, cut or lengthened is a problem', () => {
  const bytes = encodeFixedFactors({ about, values: ramp });
  assert.match(problemOf(decodeFixedFactors(bytes, { ...about, baseModel: '00'.repeat(32) })), /another round, base/);
  assert.match(problemOf(decodeFixedFactors(bytes.subarray(0, -1), about)), /cut short/);
  assert.match(problemOf(decodeFixedFactors(Buffer.concat([bytes, Buffer.alloc(4)]), about)), /after its end/);
});

test('what is no number or does not fit has no fixed-point form', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -128, 3e38]) {
    assert.equal(fixedFromFloats({ qB: Float32Array.of(0.5, value), vB: Float32Array.of(0) }), null);
  }
  const values = fixedFromFloats({ qB: Float32Array.of(0.5, -127.5), vB: Float32Array.of(2 ** -24) });
  assert.deepEqual(values, Int32Array.of(2 ** 23, -127.5 * UNITS_PER_ONE, 1));
});

test('factors make the same adapter file each time, which holds them within half a code', () => {
  const values = ramp;
  const bytes = adapterFromFixed({ about, values }, 'geography');
  assert.deepEqual(adapterFromFixed({ about, values }, 'geography'), bytes);
  const { factors, about: header } = parseAdapter(bytes, about, 'made');
  assert.deepEqual([header.domain, header.trained, header.factorSeed], ['geography', 'B', 1]);
  assert.equal(header.dataHash, factorsHash({ about, values }));
  const floats = floatsFromFixed({ about, values });
  assert.deepEqual(factors.qA, floats.qA);
  const peak = Math.max(...floats.qB.map(Math.abs));
  assert.ok(floats.qB.every((value, i) => Math.abs(value - factors.qB[i]!) <= (0.51 * peak) / 127));
  const other = adapterFromFixed({ about, values: values.map((value) => value + 1) }, 'geography');
  assert.notDeepEqual(other, bytes);
});

test('every shipped adapter has a fixed-point form, and its adapter file computes what the shipped one does', async () => {
  for (const domain of ['chemistry', 'geography', 'medicine', 'programming']) {
    const path = fileURLToPath(new URL(`../../../experts/adapters/${domain}.adapter`, import.meta.url));
    const shipped = parseAdapter(await readFile(path), (await readAdapterAbout(path)).about, path);
    const fixed = fixedFromAdapter(shipped);
    assert.ok('values' in fixed, problemOf(fixed));
    const again = parseAdapter(adapterFromFixed(fixed, domain), shipped.about, 'computed');
    for (const name of ['qA', 'vA', 'qB', 'vB'] as const) {
      const worst = shipped.factors[name].reduce(
        (most, value, i) => Math.max(most, Math.abs(value - again.factors[name][i]!)),
        0,
      );
      assert.ok(worst < 2 ** -23, `${domain} ${name} differs by ${worst}`);
    }
  }
});

test('an adapter with both factors trained or another factor A has no fixed-point form', () => {
  const adapter = parseAdapter(adapterFromFixed({ about, values: ramp }, 'x'), about, 'made');
  assert.match(problemOf(fixedFromAdapter({ ...adapter, about: { ...adapter.about, trained: 'AB' } })), /both factors/);
  assert.match(problemOf(fixedFromAdapter({ ...adapter, about: { ...adapter.about, factorSeed: 7 } })), /seed 7/);
});
