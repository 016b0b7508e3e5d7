/**
 * The newest items of a history, which a node reads down its blocks a bounded number at a time: a page can be short, even empty, while there is a next
 * one. Owns how many pages are asked for.
 */

const limits = { pages: 6 } as const;

export type HistoryPage<Item> = {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
  readonly scannedFrom: string;
};

export type Newest<Item> = {
  readonly items: readonly Item[];
  /** Lowest height that was looked at. */
  readonly scannedFrom: string;
};

/** Asks page after page, from `load(null)` on, until there are `count` items, nothing older is kept, or six pages were read. */
export async function newestItems<Item>(
  count: number,
  load: (cursor: string | null) => Promise<HistoryPage<Item>>,
): Promise<Newest<Item>> {
  const items: Item[] = [];
  let cursor: string | null = null;
  let scannedFrom = '0';
  for (let page = 0; page < limits.pages; page++) {
    const got: HistoryPage<Item> = await load(cursor);
    items.push(...got.items);
    scannedFrom = got.scannedFrom;
    if (got.nextCursor === null || items.length >= count) break;
    cursor = got.nextCursor;
  }
  return { items: items.slice(0, count), scannedFrom };
}
