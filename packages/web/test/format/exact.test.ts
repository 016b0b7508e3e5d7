import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exactSyn, plainSyn, sumNano } from '../../src/format/exact.ts';
import { changeText, parametersText, percentText, ppbText, ppmOf, threeDecimals } from '../../src/format/ratios.ts';

test('amounts are exact to the nano, however large', () => {
  assert.equal(exactSyn('1900000'), '0.0019 SYN');
  assert.equal(exactSyn('1'), '0.000000001 SYN');
  assert.equal(exactSyn(18_446_744_073_709_551_615n), '18,446,744,073.709551615 SYN');
  assert.equal(plainSyn('1234500000000'), '1234.5');
});

test('plain amounts read back to the same nano', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (nano) => {
      const [whole = '0', fraction = ''] = plainSyn(nano).split('.');
      assert.equal(BigInt(whole + fraction.padEnd(9, '0')), nano);
    }),
  );
});

test('sums lose nothing that floats would', () => {
  assert.equal(sumNano(['9007199254740993', '1', 2n]), 9_007_199_254_740_996n);
});

test('ratios keep all six digits', () => {
  assert.deepEqual(['0.873', '1.000', '0.000001', '2.5'].map(ppmOf), [873_000, 1_000_000, 1, 2_500_000]);
  assert.deepEqual(['0.873', '1.000', '0.1234', '0.0004'].map(percentText), ['87.3 %', '100 %', '12.3 %', '0 %']);
  assert.deepEqual(['0.8734', '1.9996', '12.000'].map(threeDecimals), ['0.873', '2.000', '12.000']);
  assert.deepEqual([500_000_000, 1, 0, 1_250_000_000].map(ppbText), ['0.5', '0.000000001', '0', '1.25']);
});

test('a change has its sign, and none where nothing changed', () => {
  assert.equal(changeText('1.842', '1.797'), '−0.045');
  assert.equal(changeText('1.797', '1.842'), '+0.045');
  assert.equal(changeText('1.7970', '1.7972'), '±0');
});

test('sizes of models are short', () => {
  assert.deepEqual([91_648, 134_515_008, 7_241_732_096, 12].map(parametersText), ['92 k', '135 M', '7.2 B', '12']);
});
