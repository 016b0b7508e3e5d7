/** What came of a transaction: done, or the chain's code for why it failed. */
import type { VNode } from 'preact';
import { Badge } from '../../ui/panel.tsx';

export function ResultBadge({ code }: { readonly code: string }): VNode {
  return code === 'OK' ? <Badge tone="good">done</Badge> : <Badge tone="bad">{code}</Badge>;
}
