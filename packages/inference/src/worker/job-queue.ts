/**
 * The waiting jobs of a worker, bounded and ordered. Owns the order: more urgent first, then first come first served.
 */
import type { JobPriority } from '../client/protocol.ts';

/** Most urgent first (protocol.ts, `JobPriority`). */
export const PRIORITIES: readonly JobPriority[] = ['score', 'answer', 'verify', 'train'];

export type JobQueue<T extends Queued> = {
  /** False when the priority's room is full; the job is then not queued. */
  add(item: T): boolean;
  /** The next job, or only one more urgent than `than`. */
  take(than?: JobPriority): T | undefined;
  /** Takes a waiting job out. */
  remove(id: string): T | undefined;
  size(): number;
};

export type Queued = { readonly id: string; readonly priority: JobPriority };

export function createJobQueue<T extends Queued>(queuedMax: Readonly<Record<JobPriority, number>>): JobQueue<T> {
  const lanes = new Map<JobPriority, T[]>(PRIORITIES.map((priority) => [priority, []]));
  return {
    add(item) {
      const lane = lanes.get(item.priority)!;
      if (lane.length >= queuedMax[item.priority]) return false;
      lane.push(item);
      return true;
    },
    take(than) {
      const open = than === undefined ? PRIORITIES : PRIORITIES.slice(0, PRIORITIES.indexOf(than));
      const lane = open.map((priority) => lanes.get(priority)!).find((waiting) => waiting.length > 0);
      return lane?.shift();
    },
    remove(id) {
      for (const lane of lanes.values()) {
        const at = lane.findIndex((item) => item.id === id);
        if (at >= 0) return lane.splice(at, 1)[0];
      }
      return undefined;
    },
    size: () => [...lanes.values()].reduce((sum, lane) => sum + lane.length, 0),
  };
}
