/**
 * A table that is sorted by its heads. Owns head buttons with `aria-sort`, the caption, and that a row is one target: its link is its head cell, and a
 * click anywhere else in the row goes there too. Rows are keyed, so that focus stays where it is when figures change.
 */
import type { ComponentChildren, VNode } from 'preact';
import { go } from '../frame/hash-router.ts';
import { ScrollRegion } from './data-table.tsx';
import { type Direction, nextSorting, type Sorting, type SortValue, sortRows } from './sorting.ts';

export type Column<Row, Id extends string> = {
  readonly id: Id;
  readonly name: string;
  /** What the figure means, on hover and for those who hear the page. */
  readonly hint?: string;
  readonly kind?: 'num';
  /** Direction of the first click; absent: the column does not sort. */
  readonly first?: Direction;
  readonly cell: (row: Row) => ComponentChildren;
};

export type SortableTableProps<Row, Id extends string> = {
  readonly caption: string;
  readonly columns: readonly Column<Row, Id>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Page of a row. */
  readonly rowTo?: (row: Row) => string;
  readonly sorting: Sorting<Id>;
  readonly onSort: (sorting: Sorting<Id>) => void;
  readonly keyOf: (row: Row, column: Id) => SortValue;
};

export function SortableTable<Row, Id extends string>(props: SortableTableProps<Row, Id>): VNode {
  const { caption, columns, rows, rowKey, rowTo, sorting, onSort, keyOf } = props;
  return (
    <ScrollRegion label={caption}>
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.id} column={column} sorting={sorting} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sortRows(rows, sorting, keyOf).map((row) => (
            <tr key={rowKey(row)} {...(rowTo === undefined ? {} : rowLink(rowTo(row)))}>
              {columns.map(({ id, kind, cell }, index) =>
                index === 0 ? (
                  <th key={id} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={id} class={kind ?? ''}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

type HeadProps<Row, Id extends string> = Pick<SortableTableProps<Row, Id>, 'sorting' | 'onSort'> & {
  readonly column: Column<Row, Id>;
};

function Head<Row, Id extends string>({ column, sorting, onSort }: HeadProps<Row, Id>): VNode {
  const { id, name, hint, kind, first } = column;
  const isSorted = sorting.column === id;
  const title = hint === undefined ? {} : { title: hint };
  if (first === undefined) {
    return (
      <th scope="col" class={kind ?? ''} {...title}>
        {name}
      </th>
    );
  }
  return (
    <th scope="col" class={kind ?? ''} aria-sort={isSorted ? sorting.direction : 'none'}>
      <button type="button" class="sort" {...title} onClick={() => onSort(nextSorting(sorting, id, first))}>
        {name}
        <span class="sort__mark" aria-hidden="true">
          {isSorted ? (sorting.direction === 'ascending' ? '↑' : '↓') : '↕'}
        </span>
      </button>
    </th>
  );
}

/** Goes to the row's page on a click that means the row: not a link or button in it, and not a selection of text. */
export function rowLink(to: string): { readonly class: string; readonly onClick: (event: MouseEvent) => void } {
  return {
    class: 'row-link',
    onClick: (event) => {
      if (event.target instanceof Element && event.target.closest('a, button, summary') !== null) return;
      if (getSelection()?.isCollapsed === false) return;
      go(to);
    },
  };
}
