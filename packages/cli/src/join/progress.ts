/**
 * Tells how far a node that catches up has come. Owns the pace of telling; the node owns the facts.
 */
import type { Logger } from 'pino';

/** The part of a node's API that is asked. */
export type Progressing = {
  status(): { readonly syncing: boolean; readonly head: { readonly height: number } };
  peers(): readonly { readonly height: number | null }[];
};

const INTERVAL_MS = 1_000;

/** Logs while the node is behind, and once when it has caught up. Returns what ends it. */
export function reportProgress(
  api: Progressing,
  log: Logger,
  nowMs: () => number = () => performance.now(),
): () => void {
  let last = { height: api.status().head.height, atMs: nowMs() };
  let wasBehind = false;
  const timer = setInterval(() => {
    const { syncing, head } = api.status();
    const atMs = nowMs();
    const blocksPerSecond = Math.round(((head.height - last.height) * 1_000) / Math.max(1, atMs - last.atMs));
    last = { height: head.height, atMs };
    if (syncing) {
      // A peer's height is the one being decided there.
      const target = Math.max(head.height, ...api.peers().map(({ height }) => (height ?? 1) - 1));
      log.info({ height: head.height, target, blocksPerSecond }, 'catching up');
    } else if (wasBehind) log.info({ height: head.height }, 'caught up');
    wasBehind = syncing;
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}
