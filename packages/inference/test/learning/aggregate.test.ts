import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  AGGREGATION_RULES,
  type AggregationRule,
  addChange,
  aggregate,
  aggregationRule,
  boundNorm,
  findCopies,
  outliersOf,
} from '../../src/learning/aggregate.ts';
import { dot, integerRoot, squaredDistance } from '../../src/learning/exact-sums.ts';
import { about, count } from './samples.ts';

const WIDE = 1_000_000;
const value = fc.integer({ min: -127 * 2 ** 20, max: 127 * 2 ** 20 });
const row = (length: number) =>
  fc.array(value, { minLength: length, maxLength: length }).map((list) => Int32Array.from(list));
const several = (min: number) => fc.array(row(5), { minLength: min, maxLength: 9 });
const wrapped = (rows: readonly Int32Array[]) => rows.map((values) => ({ values }));
const of = (rows: readonly Int32Array[], rule: AggregationRule, outliers?: number) =>
  aggregate(wrapped(rows), { rule, normMax: WIDE, ...(outliers === undefined ? {} : { outliers }) });
const bigDot = (a: Int32Array, b: Int32Array) => a.reduce((sum, one, i) => sum + BigInt(one) * BigInt(b[i]!), 0n);

test('sums of products are exact for all 32-bit integers', () => {
  const any = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const pairs = fc.array(fc.tuple(any, any), { maxLength: 100 });
  fc.assert(
    fc.property(pairs, (list) => {
      const [a, b] = [Int32Array.from(list, ([x]) => x), Int32Array.from(list, ([, y]) => y)];
      assert.equal(dot(a, b), bigDot(a, b));
      assert.equal(
        squaredDistance(a, b),
        list.reduce((sum, [x, y]) => sum + BigInt(x - y) ** 2n, 0n),
      );
    }),
  );
  const extreme = new Int32Array(1000).fill(-(2 ** 31));
  assert.equal(dot(extreme, extreme), 1000n * 2n ** 62n);
  const odd = new Int32Array(5001).fill(2 ** 31 - 1);
  assert.equal(dot(odd, odd), 5001n * (2n ** 31n - 1n) ** 2n);
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 90n }), (square) => {
      const root = integerRoot(square);
      assert.ok(root * root <= square && (root + 1n) * (root + 1n) > square);
    }),
  );
});

test('the order of trainers changes nothing in mean, median and trimmed mean', () => {
  fc.assert(
    fc.property(
      several(1).chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
      ([rows, shuffled]) => {
        for (const rule of ['mean', 'median', 'trimmedMean'] as const) {
          assert.deepEqual(of(shuffled, rule), of(rows, rule));
        }
      },
    ),
  );
});

test('the result depends on the numbers alone, not on the memory they lie in, and leaves them untouched', () => {
  fc.assert(
    fc.property(several(1), fc.integer({ min: 0, max: 7 }), (rows, offset) => {
      const moved = rows.map((values) => {
        const memory = new Int32Array(new SharedArrayBuffer(4 * (values.length + offset + 3))).fill(-1);
        memory.set(values, offset);
        return memory.subarray(offset, offset + values.length);
      });
      const before = rows.map((values) => [...values]);
      for (const rule of AGGREGATION_RULES) assert.deepEqual([...of(moved, rule)], [...of(rows, rule)]);
      assert.deepEqual(
        rows.map((values) => [...values]),
        before,
      );
    }),
  );
});

test('averaging what each trainer made of the base is the base with the average change, where it divides', () => {
  fc.assert(
    fc.property(several(1), row(5), (rows, base) => {
      const n = rows.length;
      const whole = rows.map((values) => values.map((one) => one - (one % n)));
      const made = whole.map((values) => values.map((one, i) => one + n * Math.trunc(base[i]! / n)));
      const start = { about, values: base.map((one) => n * Math.trunc(one / n)) };
      assert.deepEqual(addChange(start, of(whole, 'mean')).values, of(made, 'mean'));
    }),
  );
});

test('every rule gives what all agree on, and outliers move the robust ones no further than the others reach', () => {
  fc.assert(
    fc.property(row(5), fc.integer({ min: 1, max: 9 }), (values, n) => {
      for (const rule of AGGREGATION_RULES)
        assert.deepEqual(
          of(
            Array.from({ length: n }, () => values),
            rule,
          ),
          values,
        );
    }),
  );
  fc.assert(
    fc.property(several(3), row(5), (rows, lie) => {
      const f = outliersOf(rows.length);
      const honest = rows.slice(f);
      const lied = [...Array.from({ length: f }, () => lie), ...honest];
      for (const rule of ['median', 'trimmedMean'] as const) {
        for (const [i, one] of of(lied, rule).entries()) {
          const column = honest.map((values) => values[i]!);
          assert.ok(one >= Math.min(...column) && one <= Math.max(...column), `${rule}: ${one} of ${column}`);
        }
      }
    }),
  );
});

test('multi-Krum leaves out whom the others do not agree with', () => {
  const honest = [10, 11, 12, 13].map((one) => Int32Array.of(one, one, one));
  const far = Int32Array.of(-9000, 9000, 9000);
  assert.deepEqual(of([far, ...honest], 'multiKrum', 1), Int32Array.of(11, 11, 11));
  assert.deepEqual(of([...honest, far], 'multiKrum', 1), Int32Array.of(11, 11, 11));
});

test('medians and trimmed means are those of the clause', () => {
  const column = (...list: number[]) => list.map((one) => Int32Array.of(one));
  assert.deepEqual([...of(column(5, -3), 'median')], [1]);
  assert.deepEqual([...of(column(-5, 2), 'median')], [-1], 'toward zero');
  assert.deepEqual([...of(column(9, 1, 2, 1000), 'median')], [5], '(2 + 9) / 2 toward zero');
  assert.deepEqual([...of(column(9, 1, 1000), 'trimmedMean')], [9]);
  assert.deepEqual([...of(column(1000, 1, 2, 4, 6, 8, -1000), 'trimmedMean')], [4], 'two of seven off each end');
  assert.deepEqual([1, 2, 3, 4, 6, 7, 10].map(outliersOf), [0, 0, 1, 1, 1, 2, 3]);
});

test('a longer delta is shortened to the norm and keeps its direction; a shorter one stays as it is', () => {
  fc.assert(
    fc.property(row(20), fc.integer({ min: 1, max: 50_000 }), (values, normMax) => {
      const bounded = boundNorm(values, normMax);
      const most = BigInt(Math.floor((normMax * 2 ** 24) / 1000));
      const squares = dot(bounded, bounded);
      assert.ok(squares <= most * most);
      if (dot(values, values) <= most * most) assert.deepEqual(bounded, values);
      else {
        const kept = Number(integerRoot(squares)) / Number(most);
        assert.ok(kept > 0.99 || normMax < 1000, `${kept} of the norm is left`);
        assert.ok(bounded.every((one, i) => Math.sign(one) === Math.sign(values[i]!) || one === 0));
      }
    }),
  );
  assert.deepEqual(boundNorm(Int32Array.of(3 * 2 ** 24, 4 * 2 ** 24), 2500), Int32Array.of(48 * 524_287, 64 * 524_287));
});

test('of two deltas with a cosine of 0.98 or more the later committed one is the copy', () => {
  const original = Int32Array.of(1000, 2000, -3000);
  const scaled = original.map((one) => 3 * one);
  const opposite = original.map((one) => -one);
  const zero = new Int32Array(3);
  const deltas = [scaled, original, opposite, zero, zero].map((values, i) => ({ values, order: [4, 1, 2, 0, 3][i]! }));
  assert.deepEqual(findCopies(deltas), [true, false, false, false, false]);
  const at = (cosine: number) => {
    const angle = Math.acos(cosine);
    return Int32Array.of(Math.round(1e8 * Math.cos(angle)), Math.round(1e8 * Math.sin(angle)));
  };
  const first = { values: Int32Array.of(1e8, 0), order: 0 };
  assert.deepEqual(findCopies([first, { values: at(0.9801), order: 1 }]), [false, true]);
  assert.deepEqual(findCopies([first, { values: at(0.9799), order: 1 }]), [false, false]);
});

test('sums beyond 32 bits stop at their ends; no delta changes nothing', () => {
  const base = { about, values: new Int32Array(count).fill(2 ** 31 - 5) };
  assert.deepEqual(addChange(base, new Int32Array(count).fill(9)).values, new Int32Array(count).fill(2 ** 31 - 1));
  assert.deepEqual(addChange(base, aggregate([], { rule: 'mean', normMax: 1 })), base);
});

test('what cannot be aggregated is refused', () => {
  const one = Int32Array.of(1);
  assert.throws(() => of([one, Int32Array.of(1, 2)], 'mean'), /different lengths/);
  assert.throws(() => of([one, one], 'trimmedMean', 1), /cannot be left out/);
  assert.throws(
    () =>
      of(
        Array.from({ length: 65 }, () => one),
        'mean',
      ),
    /at most 64/,
  );
  assert.throws(() => aggregationRule(4), /no aggregation rule 4/);
  assert.deepEqual([0, 1, 2, 3].map(aggregationRule), AGGREGATION_RULES);
});

type Vectors = {
  readonly input: readonly number[][];
  readonly cases: readonly { rule: string; f?: number; out: number[] }[];
};

test('the published vectors of robust aggregators hold for our rules', () => {
  const path = resolve(
    import.meta.dirname,
    '../../../..',
    process.env['SYNOD_VECTORS'] ?? '../shared/vectors',
    'scores/robust_aggregators.json',
  );
  if (!existsSync(path)) {
    console.log(
      'vectors scores/robust_aggregators.json skipped: no such file under SYNOD_VECTORS (default ../shared/vectors)',
    );
    return;
  }
  const { input, cases } = JSON.parse(readFileSync(path, 'utf8')) as Vectors;
  const ours = {
    mean: 'mean',
    coordinate_median: 'median',
    trimmed_mean: 'trimmedMean',
    multi_krum: 'multiKrum',
  } as const;
  // Halves stand among the results: all is doubled.
  const rows = input.map((values) => Int32Array.from(values, (one) => 2 * one));
  let checked = 0;
  for (const { rule, f, out } of cases) {
    const name = ours[rule as keyof typeof ours];
    if (name === undefined) continue;
    assert.deepEqual(
      [...of(rows, name, f)].map((one) => one / 2),
      out,
      rule,
    );
    checked++;
  }
  assert.equal(checked, 4);
});
