/** What of a validator's items fits into its vote extension. Owns the order of giving up only: what stands last goes first. */
import { type ExtensionItem, encodeVoteExtension, type Hash } from '@synod/chain';

/** The items that come to at most so many bytes, encoded together, in their order; attestations are shortened before they are left out. */
export function fittingItems(items: readonly ExtensionItem[], bytesMax: number): readonly ExtensionItem[] {
  if (sizeOf(items) <= bytesMax) return items;
  const kept: ExtensionItem[] = [];
  for (const item of items) {
    const fits = (one: ExtensionItem) => sizeOf([...kept, one]) <= bytesMax;
    const fitting = fits(item) ? item : shortened(item, fits);
    if (fitting !== null) kept.push(fitting);
  }
  return kept;
}

function shortened(item: ExtensionItem, fits: (item: ExtensionItem) => boolean): ExtensionItem | null {
  if (item.kind !== 'blob.attest') return null;
  const first = (count: number): ExtensionItem => ({ ...item, contents: item.contents.slice(0, count) as Hash[] });
  for (let count = item.contents.length - 1; count > 0; count--) if (fits(first(count))) return first(count);
  return null;
}

function sizeOf(items: readonly ExtensionItem[]): number {
  return encodeVoteExtension({ items }).length;
}
