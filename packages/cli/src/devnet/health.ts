/**
 * One look a second at a running devnet: heights, who signs, what waits. Owns the verdict healthy, degraded or stalled.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createNodeClient } from '../rpc/node-client.ts';
import type { DevnetStatus, Report } from './events.ts';
import { rpcUrlOf } from './layout.ts';
import type { NodeProcess } from './node-process.ts';

const LOOK_INTERVAL_MS = 1000;
const REQUEST_TIMEOUT_MS = 2000;
/** Without a new block for this long the devnet counts as stalled. */
const STALLED_AFTER_MS = 15_000;
/** A validator signs when its precommit stands in one of this many last commits. */
const SIGNING_HEIGHTS = 5;

type Look = { readonly height: number; readonly timeMs: number };

/** Reports a status every second until the signal. */
export async function watchHealth(watch: {
  readonly nodes: () => readonly NodeProcess[];
  readonly total: number;
  readonly report: Report;
  readonly signal: AbortSignal;
}): Promise<void> {
  const observe = createObserver();
  while (!watch.signal.aborted) {
    const status = await observe(
      watch.nodes().map(({ place }) => rpcUrlOf(place)),
      watch.total,
    );
    if (watch.signal.aborted) return;
    watch.report({ kind: 'status', status });
    await pause(watch.signal);
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await delay(LOOK_INTERVAL_MS, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Returns a function that looks once at the nodes that run; it remembers the look before, for the block interval. */
export function createObserver(): (urls: readonly string[], validators: number) => Promise<DevnetStatus> {
  let first: Look | null = null;
  let newest: { readonly height: number; readonly seenAt: number } | null = null;
  return async (urls, validators) => {
    for (const url of urls) {
      const look = await lookAt(url);
      if (look === null) continue;
      const now = performance.now();
      if (newest === null || look.head.height > newest.height) newest = { height: look.head.height, seenAt: now };
      first ??= look.head;
      const blocks = look.head.height - first.height;
      const stalled = now - newest.seenAt > STALLED_AFTER_MS;
      const down = validators - urls.length;
      const warnings = [...(down > 0 ? [`${down} of ${validators} nodes are down`] : []), ...look.warnings];
      const isWell = look.signing === validators && warnings.length === 0;
      const state = stalled ? 'stalled' : isWell ? 'healthy' : 'degraded';
      const blockIntervalMs = blocks > 0 ? (look.head.timeMs - first.timeMs) / blocks : null;
      return { ...look, state, warnings, head: look.head.height, blockIntervalMs, validators };
    }
    const warnings = ['no node answers'];
    return {
      state: 'stalled',
      head: newest?.height ?? 0,
      finalized: newest?.height ?? 0,
      blockIntervalMs: null,
      signing: 0,
      validators,
      experts: 0,
      pending: 0,
      warnings,
    };
  };
}

async function lookAt(url: string) {
  try {
    const client = createNodeClient(url, REQUEST_TIMEOUT_MS);
    const [status, validators, experts] = await Promise.all([client.status(), client.validators(), client.experts()]);
    const height = Number(status.head.height);
    return {
      head: { height, timeMs: Number(status.head.time) },
      finalized: Number(status.finalized.height),
      signing: validators.filter(({ lastSignedHeight }) => Number(lastSignedHeight) > height - SIGNING_HEIGHTS).length,
      experts: experts.length,
      pending: status.mempoolTransactions + status.openQueries,
      warnings: status.warnings,
    };
  } catch {
    // Down or busy: the next node is asked, and the verdict says when none answers.
    return null;
  }
}
