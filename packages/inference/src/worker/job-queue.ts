/**
 * The waiting jobs of a worker, bounded and ordered. Owns the order in each priority: first come, first served; and the priorities' own.
 */
import type { JobPriority } from '../client/protocol.ts';

/** Most urgent first (protocol.ts, `JobPriority`). */
export const PRIORITIES: readonly JobPriority[] = ['score', 'answer', 'verify', 'train'];

export type JobQueue<T extends Queued> = {
  /** False when the priority's room is full; the job is then not queued. */
  add(item: T): boolean;
  /** The job of this priority that has waited longest. */
  take(priority: JobPriority): T | undefined;
  /** Takes a waiting job out. */
  remove(id: string): T | undefined;
  /** Waiting jobs of this priority. */
  size(priority: JobPriority): number;
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
    take: (priority) => lanes.get(priority)!.shift(),
    remove(id) {
      for (const lane of lanes.values()) {
        const at = lane.findIndex((item) => item.id === id);
        if (at >= 0) return lane.splice(at, 1)[0];
      }
      return undefined;
    },
    size: (priority) => lanes.get(priority)!.length,
  };
}
