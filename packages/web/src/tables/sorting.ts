/** Sorting of tables by a column. Owns the order: values of one kind, nothing known goes last in either direction, ties keep their order. */

export type SortValue = string | number | bigint | null;
export type Direction = 'ascending' | 'descending';
export type Sorting<Column extends string> = { readonly column: Column; readonly direction: Direction };

/** A new list in the order of the column. `keyOf` gives what a row is compared by; null: not known. */
export function sortRows<Row, Column extends string>(
  rows: readonly Row[],
  { column, direction }: Sorting<Column>,
  keyOf: (row: Row, column: Column) => SortValue,
): Row[] {
  const sign = direction === 'ascending' ? 1 : -1;
  return rows
    .map((row, index) => ({ row, index, key: keyOf(row, column) }))
    .sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null) || a.index - b.index;
      return sign * compare(a.key, b.key) || a.index - b.index;
    })
    .map(({ row }) => row);
}

/** What a click on a column's head makes of the sorting: the other direction, or the column's own first one. */
export function nextSorting<Column extends string>(
  now: Sorting<Column>,
  column: Column,
  first: Direction,
): Sorting<Column> {
  if (now.column !== column) return { column, direction: first };
  return { column, direction: now.direction === 'ascending' ? 'descending' : 'ascending' };
}

function compare(a: string | number | bigint, b: string | number | bigint): number {
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b, 'en', { numeric: true });
  return a < b ? -1 : a > b ? 1 : 0;
}
