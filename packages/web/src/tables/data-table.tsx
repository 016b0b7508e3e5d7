/**
 * A table with a caption, whose rows have heads (`<th scope="row">`) and which scrolls sideways by itself on a narrow page. What the pages of data show
 * in rows and do not sort; sortable-table.tsx is for what they do.
 */
import type { ComponentChildren, VNode } from 'preact';

export type HeadCell = string | readonly [name: string, kind: 'num'];

export type DataTableProps = {
  /** Says what the table is, for those who do not see the title above it. */
  readonly caption: string;
  readonly head: readonly HeadCell[];
  readonly children: ComponentChildren;
  readonly foot?: ComponentChildren;
  /** Told while somebody points into the table or has the focus in it. */
  readonly onHold?: ((isHeld: boolean) => void) | undefined;
};

export function DataTable({ caption, head, children, foot, onHold }: DataTableProps): VNode {
  return (
    <ScrollRegion label={caption} onHold={onHold}>
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {head.map((cell) => {
              const [name, kind] = typeof cell === 'string' ? [cell, ''] : cell;
              return (
                <th key={name} scope="col" class={kind}>
                  {name}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>{children}</tbody>
        {foot !== undefined && <tfoot>{foot}</tfoot>}
      </table>
    </ScrollRegion>
  );
}

type RegionProps = Pick<DataTableProps, 'onHold' | 'children'> & { readonly label: string };

/** What is wider than the page scrolls within it; by keyboard it is reached like a field. */
export function ScrollRegion({ label, onHold, children }: RegionProps): VNode {
  const hold = (isHeld: boolean) => () => onHold?.(isHeld);
  return (
    <section
      class="table data-table"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
      tabIndex={0}
      onMouseEnter={hold(true)}
      onMouseLeave={hold(false)}
      onFocusCapture={hold(true)}
      onBlurCapture={hold(false)}
    >
      {children}
    </section>
  );
}
