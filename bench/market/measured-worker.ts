/** A worker that does one job after the other and says what CPU each took. Owns reading the CPU time of another process (Linux). */
import { readdirSync, readFileSync } from 'node:fs';
import { createWorkerClient } from '../../packages/inference/src/client/index.ts';
import type { Job, JobEvent } from '../../packages/inference/src/client/protocol.ts';

export type Final = Exclude<JobEvent, { kind: 'token' | 'failed' }>;

export type MeasuredWorker = {
  /** The job's final event and the CPU milliseconds of the whole worker process meanwhile. Throws when the job fails. */
  run(job: Job): Promise<{ readonly event: Final; readonly cpuMs: number; readonly wallMs: number }>;
  close(): Promise<void>;
};

export function startMeasuredWorker(modelDirectory: string): MeasuredWorker {
  let onFinal: (event: JobEvent) => void = () => {};
  const client = createWorkerClient({
    modelDirectory,
    onEvent: (event) => {
      if (event.kind !== 'token') onFinal(event);
    },
  });
  return {
    async run(job) {
      const [cpuBefore, startedMs] = [cpuMsOf(client.pid()), performance.now()];
      const event = await new Promise<JobEvent>((resolve) => {
        onFinal = resolve;
        client.submit(job);
      });
      if (event.kind === 'failed' || event.kind === 'token')
        throw new Error(`job ${job.id} failed: ${JSON.stringify(event)}`);
      const cpuMs = Math.round(1_000 * (cpuMsOf(client.pid()) - cpuBefore)) / 1_000;
      return { event, cpuMs, wallMs: performance.now() - startedMs };
    },
    close: () => client.close(),
  };
}

/** Of all the process's threads, in nanosecond steps; /proc/PID/stat has steps of ten milliseconds. */
export function cpuMsOf(pid: number | undefined): number {
  if (pid === undefined) throw new Error('The worker is not running.');
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanos = threads.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]));
  return nanos.reduce((sum, value) => sum + value, 0) / 1e6;
}
