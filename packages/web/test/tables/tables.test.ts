import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvText } from '../../src/tables/csv.ts';
import { nextSorting, type SortValue, sortRows } from '../../src/tables/sorting.ts';

const values = (rows: readonly { readonly value: SortValue }[]) => rows.map(({ value }) => value);
const byValue = (row: { readonly value: SortValue }) => row.value;
const rowsOf = (...all: readonly SortValue[]) => all.map((value) => ({ value }));

test('rows are sorted by their values, and what is not known goes last in either direction', () => {
  const rows = rowsOf(3n, null, 10n, 2n ** 70n);
  assert.deepEqual(values(sortRows(rows, { column: 'value', direction: 'ascending' }, byValue)), [
    3n,
    10n,
    2n ** 70n,
    null,
  ]);
  assert.deepEqual(values(sortRows(rows, { column: 'value', direction: 'descending' }, byValue)), [
    2n ** 70n,
    10n,
    3n,
    null,
  ]);
});

test('names with numbers are sorted as people count', () => {
  const rows = rowsOf('expert-10', 'expert-9', 'Expert-1');
  assert.deepEqual(values(sortRows(rows, { column: 'value', direction: 'ascending' }, byValue)), [
    'Expert-1',
    'expert-9',
    'expert-10',
  ]);
});

test('ties keep their order in both directions, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 3 }))), fc.boolean(), (all, isUp) => {
      const rows = all.map((value, index) => ({ value, index }));
      const sorted = sortRows(rows, { column: 'value', direction: isUp ? 'ascending' : 'descending' }, byValue);
      assert.equal(new Set(sorted).size, rows.length);
      for (const [at, row] of sorted.entries()) {
        const before = sorted[at - 1];
        if (before === undefined || before.value !== row.value) continue;
        assert.ok(before.index < row.index);
      }
    }),
  );
});

test('a second click turns the direction, another column begins with its own', () => {
  const first = nextSorting({ column: 'name', direction: 'ascending' }, 'stake', 'descending');
  assert.deepEqual(first, { column: 'stake', direction: 'descending' });
  assert.deepEqual(nextSorting(first, 'stake', 'descending'), { column: 'stake', direction: 'ascending' });
});

/** Reads RFC 4180 back. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n)/gy;
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    rows.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '\r\n') rows.push([]);
    if (cell.lastIndex === text.length) break;
  }
  return rows.slice(0, -1);
}

test('whatever stands in a cell comes back from the CSV', () => {
  const plain = fc.string().filter((text) => !/^[=+\-@\t\r]/.test(text));
  fc.assert(
    fc.property(fc.array(fc.array(plain, { minLength: 2, maxLength: 2 }), { minLength: 1 }), (rows) => {
      assert.deepEqual(parseCsv(csvText(['a', 'b'], rows)), [['a', 'b'], ...rows]);
    }),
  );
});

test('no cell begins like a formula, and numbers stay numbers', () => {
  const text = csvText(['a'], [['=1+1'], ['@x'], ['-5'], ['+cmd|x'], [-3], [null]]);
  assert.equal(text, "a\r\n'=1+1\r\n'@x\r\n-5\r\n'+cmd|x\r\n-3\r\n\r\n");
});
