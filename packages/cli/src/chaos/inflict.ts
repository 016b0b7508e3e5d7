/**
 * One fault after the other: begins it, holds it, heals it and measures how long the network took to be whole again. Owns what a
 * kind of fault does to the cluster; the schedule owns when and to whom.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import { removeLog, tearLog } from './damage-log.ts';
import type { Fault, FaultKind } from './schedule.ts';

/** Longest wait for a network that is whole to show it. */
export const RECOVERY_MS_MAX = 60_000;

export type Recovery = {
  readonly kind: FaultKind;
  readonly nodes: readonly number[];
  /** From healing until some node told of a block above all known before; null: not within `RECOVERY_MS_MAX`. */
  readonly nextBlockMs: number | null;
  /** From healing until every node told of a head that was the newest when it was looked at; null likewise. */
  readonly caughtUpMs: number | null;
  /** Bytes really torn off a log; null for other kinds. */
  readonly tornBytes: number | null;
  /** Blocks that came while it lasted, and how long that was. */
  readonly held: { readonly blocks: number; readonly durationMs: number };
};

/** Resolves when the network is whole again or could not become so in time. `signal` shortens what is held. */
export async function inflict(cluster: Cluster, fault: Fault, signal: AbortSignal): Promise<Recovery> {
  const tornBytes = await begin(cluster, fault);
  const held = { from: cluster.highest(), sinceMs: performance.now() };
  await pause(fault.holdMs, signal);
  const healedAtMs = performance.now();
  const before = cluster.highest();
  await heal(cluster, fault);
  const times = await recovered(cluster, { before, healedAtMs });
  const blocks = { blocks: before - held.from, durationMs: healedAtMs - held.sinceMs };
  return { kind: fault.kind, nodes: fault.nodes, tornBytes, held: blocks, ...times };
}

/** Every process runs, none is stopped, no fault is set. */
export async function healAll(cluster: Cluster): Promise<void> {
  for (const { index } of cluster.nodes) {
    if (!cluster.isRunning(index)) await cluster.start(index);
    else if (cluster.isPaused(index)) cluster.resume(index);
  }
  const everyone = cluster.nodes.map(({ index }) => index);
  await cluster.until(RECOVERY_MS_MAX, () => everyone.every((index) => cluster.head(index) !== null));
  await cluster.heal();
}

/** Waits until heads moved beyond `before`, and until all nodes are level. */
export async function recovered(
  cluster: Cluster,
  { before, healedAtMs }: { readonly before: number; readonly healedAtMs: number },
): Promise<Pick<Recovery, 'nextBlockMs' | 'caughtUpMs'>> {
  const heads = () => cluster.nodes.map(({ index }) => cluster.head(index));
  const timed = async (isReached: () => boolean) => {
    const reached = await cluster.until(RECOVERY_MS_MAX, isReached);
    return reached ? performance.now() - healedAtMs : null;
  };
  // Both are watched at once: who is level last may be so before the next block is seen.
  const [nextBlockMs, caughtUpMs] = await Promise.all([
    timed(() => cluster.highest() > before),
    timed(() => {
      const known = heads();
      const least = Math.min(...known.map((head) => head?.height ?? 0));
      return (
        known.every((head) => head !== null && head.seenAtMs > healedAtMs) &&
        least >= cluster.highest() &&
        least >= before
      );
    }),
  ]);
  return { nextBlockMs, caughtUpMs };
}

/** Bytes torn off, or null. */
async function begin(cluster: Cluster, fault: Fault): Promise<number | null> {
  const { kind, nodes } = fault;
  switch (kind) {
    case 'kill one':
    case 'kill two':
    case 'kill all':
      await Promise.all(nodes.map((index) => cluster.kill(index)));
      return null;
    case 'stop one':
    case 'stop two':
      for (const index of nodes) cluster.pause(index);
      return null;
    case 'cut off one':
    case 'cut in halves':
      await cluster.cut(nodes);
      return null;
    case 'skew clock':
      await Promise.all(nodes.map((index) => cluster.set(index, { clockOffsetMs: fault.offsetMs })));
      return null;
    case 'slow links':
      await Promise.all(nodes.map((index) => cluster.set(index, { latencyMs: fault.latencyMs })));
      return null;
    case 'tear log':
    case 'remove log':
      return await damage(cluster, fault);
  }
}

async function heal(cluster: Cluster, { kind, nodes }: Fault): Promise<void> {
  if (kind === 'stop one' || kind === 'stop two') for (const index of nodes) cluster.resume(index);
  else if (kind.startsWith('kill') || kind.endsWith('log'))
    await Promise.all(nodes.map((index) => cluster.start(index)));
  else await cluster.heal();
}

async function damage(cluster: Cluster, { kind, nodes, cutBytes }: Fault): Promise<number | null> {
  let torn = 0;
  for (const index of nodes) {
    await cluster.kill(index);
    const { home } = cluster.nodes[index]!;
    if (kind === 'tear log') torn += tearLog(home, cutBytes);
    else removeLog(home);
  }
  return kind === 'tear log' ? torn : null;
}

/** Ends early, without an error, when the signal is given. */
export async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(durationMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
