/**
 * The newest blocks, kept while new ones come: each is asked for once. Owns how many are kept and the gap rule: a page that was hidden for long
 * begins anew at the head.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { callRpc } from '../../api/client.ts';
import { isAbort, type Problem, problemOf } from '../../api/problem.ts';
import type { Block } from '../../api/rpc-types.ts';

export type RecentBlocks = {
  /** The newest first. */
  readonly blocks: readonly Block[];
  readonly problem: Problem | null;
  readonly loading: boolean;
};

/** `head`: height of the newest block; `count`: how many are kept. */
export function useRecentBlocks(head: number, count: number): RecentBlocks {
  const [state, setState] = useState<RecentBlocks>({ blocks: [], problem: null, loading: true });
  const latest = useRef<readonly Block[]>([]);
  useEffect(() => {
    if (head === 0) return;
    const controller = new AbortController();
    const from = nextHeight(latest.current, { head, count });
    if (from > head) return;
    callRpc('chain_getBlocks', { from: String(from), limit: count }, controller.signal).then(
      ({ items }) => {
        latest.current = mergeBlocks(latest.current, items, count);
        setState({ blocks: latest.current, problem: null, loading: false });
      },
      (error: unknown) => {
        if (controller.signal.aborted || isAbort(error)) return;
        setState({ blocks: latest.current, problem: problemOf(error), loading: false });
      },
    );
    return () => controller.abort();
  }, [head, count]);
  return state;
}

/** First height to ask for: after the newest that is here, or the oldest that will be shown. */
export function nextHeight(
  have: readonly Pick<Block, 'height'>[],
  { head, count }: { readonly head: number; readonly count: number },
): number {
  const oldest = Math.max(1, head - count + 1);
  const newest = have[0] === undefined ? 0 : Number(have[0].height);
  return newest > head ? oldest : Math.max(oldest, newest + 1);
}

/** The newest first, each once, at most `count`, without gaps: what is older than a gap is let go. */
export function mergeBlocks<Item extends Pick<Block, 'height' | 'hash'>>(
  have: readonly Item[],
  more: readonly Item[],
  count: number,
): readonly Item[] {
  const byHeight = new Map([...have, ...more].map((block) => [Number(block.height), block]));
  const sorted = [...byHeight.values()].sort((a, b) => Number(b.height) - Number(a.height));
  const gap = sorted.findIndex((block, index) => {
    const before = sorted[index - 1];
    return before !== undefined && Number(before.height) - Number(block.height) !== 1;
  });
  return (gap === -1 ? sorted : sorted.slice(0, gap)).slice(0, count);
}
