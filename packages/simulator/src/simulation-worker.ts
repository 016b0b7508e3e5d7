/** A thread of a simulation: runs the seeds it is given and says what came of them. Owns nothing else. */
import { parentPort } from 'node:worker_threads';
import { runSchedule, type ScheduleOptions } from './schedule.ts';

export type WorkerTask = {
  readonly first: number;
  readonly last: number;
  readonly options: Omit<ScheduleOptions, 'seed'>;
};

parentPort?.on('message', ({ first, last, options }: WorkerTask) => {
  const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  parentPort?.postMessage(seeds.map((seed) => runSchedule({ ...options, seed })));
});
