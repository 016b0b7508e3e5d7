/** Single values as every page shows them: hashes, addresses, amounts, times, heights. */
import type { ComponentChildren, VNode } from 'preact';
import { formatSyn } from '../format/amounts.ts';
import { formatCount, shorten } from '../format/numbers.ts';
import { formatAgo, formatExact } from '../format/times.ts';
import { clock } from '../live/chain-live.ts';
import { CopyButton } from './copy-button.tsx';

/** A hash or address: its ends, the whole on hover, a copy button; a link where `to` names a page. */
export function Hash({
  text,
  what,
  to,
}: {
  readonly text: string;
  readonly what: string;
  readonly to?: string;
}): VNode {
  const short = <span class="hash__text">{shorten(text)}</span>;
  return (
    <span class="hash" title={text}>
      {to === undefined ? short : <a href={`#${to}`}>{short}</a>}
      <CopyButton text={text} what={what} />
    </span>
  );
}

/** The page of a transaction, account, query, block, expert or validator. */
export const pathTo = {
  block: (height: string | number) => `/block/${height}`,
  tx: (id: string) => `/tx/${id}`,
  account: (address: string) => `/account/${address}`,
  query: (id: string) => `/query/${id}`,
  expert: (address: string) => `/expert/${address}`,
  validator: (address: string) => `/validator/${address}`,
} as const;

/** A link within the page. */
export function Go({ to, children }: { readonly to: string; readonly children: ComponentChildren }): VNode {
  return <a href={`#${to}`}>{children}</a>;
}

/** Nano as SYN, with the exact amount on hover. */
export function Syn({ nano, digits = 6 }: { readonly nano: string | bigint; readonly digits?: number }): VNode {
  return (
    <span class="amount" title={`${formatCount(nano)} nano`}>
      {formatSyn(nano, digits)} <span class="unit">SYN</span>
    </span>
  );
}

/** How long ago, kept fresh, with the exact time on hover. */
export function TimeAgo({ timeMs }: { readonly timeMs: number }): VNode {
  return (
    <time dateTime={new Date(timeMs).toISOString()} title={formatExact(timeMs)}>
      {formatAgo(clock.value - timeMs)}
    </time>
  );
}
