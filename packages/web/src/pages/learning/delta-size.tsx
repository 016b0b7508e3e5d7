/** How large one trainer's change is: its bytes, and its norm where this node still has the delta. */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { useRpc } from '../../api/use-rpc.ts';
import { formatCount } from '../../format/numbers.ts';
import { bytesOf, deltaNorm } from './delta-norm.ts';

/** Larger deltas are not fetched for a figure. */
const BYTES_MAX = 400_000;

export function DeltaSize({ content, bytes }: { readonly content: string; readonly bytes: number }): VNode {
  const { data } = useRpc('blob_get', { content }, { when: bytes <= BYTES_MAX });
  const norm = useMemo(() => (data === null ? null : deltaNorm(bytesOf(data.data))), [data]);
  return (
    <span title={`${formatCount(bytes)} bytes, ${content}`}>
      {norm === null ? `${formatCount(bytes)} bytes` : `norm ${norm.toPrecision(3)}`}
    </span>
  );
}
