/**
 * Whether this node may answer those who want something written: what is signed by an old height is refused by everybody else, and its
 * sender waits in vain. Owns that question and its error; a node that is a few blocks late is not meant.
 */
import { type Genesis, type Height, readParams, readValidatorRecord, SynodError } from '@synod/chain';
import { type Host, limits } from '../host/index.ts';

/** Intervals, and milliseconds more, after which a head is old for a node that has heard of nobody. */
const OLD_HEAD = { intervals: 10, moreMs: 5_000 } as const;

export type Behind = { readonly height: Height; readonly networkHeight: Height | null };

/** Null where the node is at the head, as far as it can know. `networkHeight` is null where it has heard of nobody since it started. */
export function behindOf(host: Pick<Host, 'head' | 'sync' | 'pace'>, headTime: number, nowMs: number): Behind | null {
  const { height, state } = host.head;
  const networkHeight = newestOfNetwork(host);
  if (networkHeight !== null) {
    return networkHeight - height > limits.syncingSlackHeights ? { height, networkHeight } : null;
  }
  const isAlone = readValidatorRecord(state).validators.length <= 1;
  if (isAlone || height === 0 || host.pace.pace.mode === 'manual') return null;
  const oldMs = OLD_HEAD.intervals * readParams(state).timeouts.blockIntervalMs + OLD_HEAD.moreMs;
  return nowMs - headTime > oldMs ? { height, networkHeight: null } : null;
}

/** The check, for whatever is about to be written. */
export function upToDateCheck(
  host: Host,
  { genesis, nowMs }: { readonly genesis: Genesis; nowMs(): number },
): () => void {
  return () => requireUpToDate(behindOf(host, host.head.header?.time ?? genesis.time, nowMs()));
}

/** Newest block that more than a third of the peers have; null while none has said. */
export function newestOfNetwork({ sync }: Pick<Host, 'sync'>): Height | null {
  const deciding = sync.networkHeight();
  return deciding === null ? null : deciding - 1;
}

/** Throws `SYNCING` while the node is known to be behind. */
export function requireUpToDate(behind: Behind | null): void {
  if (behind === null) return;
  const { height, networkHeight } = behind;
  const what =
    networkHeight === null
      ? `This node has heard of no other since its block ${height}, which is old`
      : `This node is at block ${height} and its network at ${networkHeight}: it is catching up`;
  throw new SynodError(
    'SYNCING',
    `${what}. What is signed by so old a height nobody would take, so nothing was sent. Wait until "synod status --watch" says that it has caught up, ` +
      'or use another node with --rpc.',
    { facts: { height, ...(networkHeight === null ? {} : { networkHeight }) } },
  );
}
