import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSameQuantity, quantities } from '../../src/scoring/quantities.ts';

const values = (text: string) => quantities(text).map(({ value }) => value);
const same = (a: string, b: string) => isSameQuantity(quantities(a)[0]!, quantities(b)[0]!);

test('numbers are read as people write them', () => {
  assert.deepEqual(values('1,204,330 km² or 465 000 sq mi'), [1_204_330, 465_000]);
  assert.deepEqual(values('67 million, 1.5 billion and 1.2×10⁻³'), [67e6, 1.5e9, 0.0012]);
  assert.deepEqual(values('−38.83 °C, 12%, seven legs, 3.5-5'), [-38.83, 12, 7, 3.5, 5]);
  assert.deepEqual(values('(1990–2020)'), [1990, 2020]);
});

test('numbers inside names are no quantities', () => {
  assert.deepEqual(values('H2O, CWE-79, ES2015, v1.2.3, B58.0, 3D and the 1st'), []);
});

test('equal amounts in other units are the same', () => {
  assert.ok(same('357,022 sq km', '137,847 square miles'));
  assert.ok(same('1064.18 °C', '1337.33 K'));
  assert.ok(same('8849 m', '29,032 feet'));
  assert.ok(same('2.5 g/cm³', '2500 kg/m3'));
  assert.ok(!same('1064 °C', '1064 K'));
  assert.ok(!same('20 km', '20 kg'));
});

test('a rounding agrees with what it rounds; a neighbour does not', () => {
  for (const rounded of ['67.4 million', '67 million', 'about 70 million', '67,400,000']) {
    assert.ok(same('67,413,000', rounded), rounded);
  }
  assert.ok(same('1.22', '1.2'));
  for (const [a, b] of [
    ['67,413,000', '70 million'],
    ['357,022', '367,022'],
    ['8.96', '8.86'],
    ['1.22', '1.3'],
    ['0.94', '0.9'],
    ['150,000', '153,000'],
    ['1789', '1790'],
    ['100', '101'],
    ['404', '400'],
    ['8,849 m', '8,848 m'],
  ] as const) {
    assert.ok(!same(a, b), `${a} ${b}`);
  }
});

test('any number agrees with itself, however long the text around it', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e12, noNaN: true }), fc.nat(4), (value, places) => {
      const text = `It is ${value.toFixed(places)} m.`;
      const [read] = quantities(text);
      assert.ok(read !== undefined && isSameQuantity(read, quantities(text)[0]!));
    }),
  );
});

test('reading never throws and is quick on hostile text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => void quantities(text)));
  const startedMs = performance.now();
  for (const piece of ['1', '1,', '1 ', '-', '1.', 'million ', '1e', '°']) quantities(piece.repeat(2_000));
  assert.ok(performance.now() - startedMs < 2_000);
});
