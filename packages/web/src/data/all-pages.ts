/** Lists that come in pages, whole. Owns the bound: what is beyond it is said to be, and not loaded. */

const limits = { pages: 10 } as const;

export type Whole<Item> = {
  readonly items: readonly Item[];
  /** False where there are more than were loaded. */
  readonly isWhole: boolean;
};

/** Asks page after page, from `load(null)` on, at most ten. */
export async function allPages<Item>(
  load: (cursor: string | null) => Promise<{ readonly items: readonly Item[]; readonly nextCursor: string | null }>,
): Promise<Whole<Item>> {
  const items: Item[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < limits.pages; page++) {
    const { items: more, nextCursor } = await load(cursor);
    items.push(...more);
    if (nextCursor === null) return { items, isWhole: true };
    cursor = nextCursor;
  }
  return { items, isWhole: false };
}
