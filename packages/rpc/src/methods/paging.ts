/**
 * Lists in pages: `{items, nextCursor}` with an opaque cursor that stays true under new blocks (spec: rpc §2.6).
 */
import type { SynodError } from '@synod/chain';
import { z } from 'zod';
import { invalidParams } from '../errors.ts';
import { countParam } from '../json/scalars.ts';
import { defaultLimits } from '../limits.ts';

/** Parameters of a paged list. */
export const pageParams = {
  limit: countParam(
    { min: 1, max: defaultLimits.pageItemsMax },
    'Items of the page, at most 100; default 30.',
  ).optional(),
  cursor: z.string().max(256).optional().describe('`nextCursor` of the page before.'),
};

/** Result of a paged list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** Cuts the page after `cursor` out of items sorted by `keyOf`. */
export function page<Item>(
  items: readonly Item[],
  options: {
    readonly limit?: number | undefined;
    readonly cursor?: string | undefined;
    readonly keyOf: (item: Item) => string;
  },
): { items: Item[]; nextCursor: string | null } {
  const after = options.cursor === undefined ? null : decodeCursor(options.cursor);
  const sorted = [...items].sort((a, b) => compareText(options.keyOf(a), options.keyOf(b)));
  const rest = after === null ? sorted : sorted.filter((item) => compareText(options.keyOf(item), after) > 0);
  const taken = rest.slice(0, options.limit ?? defaultLimits.pageItemsDefault);
  const last = taken.at(-1);
  const more = taken.length < rest.length && last !== undefined;
  return { items: taken, nextCursor: more ? encodeCursor(options.keyOf(last)) : null };
}

/** The opaque form of where a list goes on. */
export function encodeCursor(place: string): string {
  return Buffer.from(`c:${place}`).toString('base64url');
}

/** Throws `INVALID_PARAMS` for what `encodeCursor` did not make. */
export function decodeCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!text.startsWith('c:')) throw badCursor();
  return text.slice(2);
}

export function badCursor(): SynodError {
  return invalidParams('The cursor is not one of ours.', 'Pass nextCursor of the page before, unchanged.');
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
