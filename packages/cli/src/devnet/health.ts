/**
 * One look a second at a running devnet: heights, who signs, what waits, who is away. Owns the verdict healthy, degraded or stalled,
 * and why.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { PaceMode } from '@synod/node';
import { createNodeClient } from '../rpc/node-client.ts';
import type { DevnetStatus, Report } from './events.ts';
import type { NodeState } from './fleet.ts';
import { offlineReason, partitionReason } from './stall-reason.ts';

const LOOK_INTERVAL_MS = 1000;
const REQUEST_TIMEOUT_MS = 2000;
/** Without a new block for this long the devnet counts as stalled, or as soon as it is known that there can be none. */
const STALLED_AFTER_MS = 15_000;
/** A validator signs when its precommit stands in one of this many last commits. */
const SIGNING_HEIGHTS = 5;

/** What is known of a devnet besides what its nodes tell. */
export type DevnetView = {
  readonly nodes: readonly { readonly name: string; readonly url: string; readonly state: NodeState }[];
  readonly mode: PaceMode;
  readonly groups: readonly (readonly string[])[] | null;
  /** What stops all nodes for a while; null: nothing does. */
  readonly operation: { readonly kind: string; readonly name: string } | null;
};

type Look = { readonly height: number; readonly timeMs: number };

/** Reports a status every second until the signal. */
export async function watchHealth(watch: {
  readonly view: () => DevnetView;
  readonly report: Report;
  readonly signal: AbortSignal;
}): Promise<void> {
  const observe = createObserver();
  while (!watch.signal.aborted) {
    const status = await observe(watch.view());
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

/** Returns a function that looks once at all nodes; it remembers the look before, for the block interval. */
export function createObserver(): (view: DevnetView) => Promise<DevnetStatus> {
  let first: Look | null = null;
  let newest: { readonly height: number; readonly seenAt: number } | null = null;
  return async (view) => {
    const looks = await Promise.all(view.nodes.map((node) => (node.state === 'running' ? lookAt(node.url) : null)));
    const { look, online } = best(looks);
    const seen = { total: view.nodes.length, height: newest?.height ?? 0 };
    if (look === null) return silentStatus(view, seen);
    const now = performance.now();
    if (newest === null || look.head.height !== newest.height) newest = { height: look.head.height, seenAt: now };
    if (first === null || look.head.height < first.height) first = look.head;
    const blocks = look.head.height - first.height;
    const byNode = new Map(view.nodes.map(({ name }, index) => [name, looks[index]?.operator ?? null]));
    const away = offlineReason(look.validators, online) ?? partitionReason(look.validators, view.groups, byNode);
    const isLate = view.mode !== 'manual' && now - newest.seenAt > STALLED_AFTER_MS;
    const late = isLate ? `no block came for ${Math.round((now - newest.seenAt) / 1000)} s` : null;
    const warnings = [...ownWarnings(view), ...look.warnings];
    const isWell = look.signing === look.validators.length && warnings.length === 0;
    const reason = away ?? late;
    return {
      state: reason === null ? (isWell ? 'healthy' : 'degraded') : 'stalled',
      reason,
      mode: view.mode,
      head: look.head.height,
      finalized: look.finalized,
      blockIntervalMs: blocks > 0 ? (look.head.timeMs - first.timeMs) / blocks : null,
      signing: look.signing,
      validators: look.validators.length,
      experts: look.experts,
      pending: look.pending,
      warnings,
    };
  };
}

type NodeLook = NonNullable<Awaited<ReturnType<typeof lookAt>>>;

/** The look of the node that is furthest, and the operators of all that answered. */
function best(looks: readonly (NodeLook | null)[]) {
  const answered = looks.filter((look) => look !== null);
  const online = new Set(answered.map(({ operator }) => operator));
  const look = answered.reduce<NodeLook | null>((a, b) => (a === null || b.head.height > a.head.height ? b : a), null);
  return { look, online };
}

function silentStatus(view: DevnetView, seen: { readonly total: number; readonly height: number }): DevnetStatus {
  const { operation, mode } = view;
  const isBusy = operation !== null;
  return {
    state: isBusy ? 'busy' : 'stalled',
    reason: isBusy ? `${operation.kind} "${operation.name}"` : 'no node answers',
    mode,
    head: seen.height,
    finalized: seen.height,
    blockIntervalMs: null,
    signing: 0,
    validators: seen.total,
    experts: 0,
    pending: 0,
    warnings: isBusy ? [] : ['no node answers'],
  };
}

/** What somebody did on purpose: said first, so that nobody looks for another cause. */
function ownWarnings({ nodes, groups }: DevnetView): string[] {
  const named = (state: NodeState) => nodes.filter((node) => node.state === state).map(({ name }) => name);
  const [down, paused] = [named('down'), named('paused')];
  return [
    ...(down.length > 0 ? [`${down.length} of ${nodes.length} nodes are down (${down.join(', ')})`] : []),
    ...(paused.length > 0 ? [`${paused.join(', ')} paused`] : []),
    ...(groups === null ? [] : [`cut into ${groups.map((group) => group.join('+')).join(' | ')}`]),
  ];
}

async function lookAt(url: string) {
  try {
    const client = createNodeClient(url, REQUEST_TIMEOUT_MS);
    const [status, validators, experts] = await Promise.all([client.status(), client.validators(), client.experts()]);
    const height = Number(status.head.height);
    return {
      operator: status.operator,
      head: { height, timeMs: Number(status.head.time) },
      finalized: Number(status.finalized.height),
      validators: validators.map(({ operator, power }) => ({ operator, power: BigInt(power) })),
      signing: validators.filter(({ lastSignedHeight }) => Number(lastSignedHeight) > height - SIGNING_HEIGHTS).length,
      experts: experts.length,
      pending: status.mempoolTransactions + status.openQueries,
      warnings: status.warnings,
    };
  } catch {
    // Down or busy: the other nodes are asked, and the verdict says who does not answer.
    return null;
  }
}
