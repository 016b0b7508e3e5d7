/**
 * What a devnet's processes use of the machine while a benchmark runs: peaks of memory and processor time, by node and kind, read from /proc.
 * Owns the walk over processes; what a learner's process does is told by its node's log.
 */
import { readdirSync, readFileSync } from 'node:fs';

const SAMPLE_MS = 250;
const TICKS_PER_SECOND = 100;

export type ProcessKind = 'node' | 'worker' | 'learner';

/** One process as it was last seen; a learner's is one job. */
export type ProcessUse = {
  readonly pid: number;
  readonly node: string;
  readonly kind: ProcessKind;
  /** Of a learner: `train`, `evaluate` or `aggregate`. */
  readonly job: string | null;
  /** Largest resident memory so far (VmHWM), in MiB. */
  readonly peakMiB: number;
  /** Processor time so far, of both modes. */
  readonly cpuSeconds: number;
  /** When it was first and last seen, in milliseconds since the watch began. */
  readonly fromMs: number;
  readonly toMs: number;
};

export type WatchedNode = { readonly name: string; readonly pid: number; readonly log: string };

export type MachineWatch = {
  processes(): readonly ProcessUse[];
  /** Largest memory that learners had resident at one moment, all together. */
  learnersMiB(): number;
  stop(): void;
};

/** Looks every quarter of a second until `stop`. Only on Linux: elsewhere nothing is seen. */
export function watchMachine(nodes: readonly WatchedNode[]): MachineWatch {
  const startedMs = performance.now();
  const seen = new Map<number, ProcessUse>();
  let learnersMiB = 0;
  const look = (): void => {
    const nowMs = performance.now() - startedMs;
    let together = 0;
    for (const found of nodes.flatMap(processesOf)) {
      const fromMs = seen.get(found.pid)?.fromMs ?? nowMs;
      const { residentMiB, ...use } = found;
      seen.set(found.pid, { ...use, job: null, fromMs, toMs: nowMs });
      if (found.kind === 'learner') together += residentMiB;
    }
    learnersMiB = Math.max(learnersMiB, together);
  };
  look();
  const timer = setInterval(look, SAMPLE_MS);
  return {
    processes() {
      const jobs = new Map(nodes.flatMap(({ log }) => jobsOf(log)));
      return [...seen.values()].map((use) => ({ ...use, job: jobs.get(use.pid) ?? null }));
    },
    learnersMiB: () => learnersMiB,
    stop: () => clearInterval(timer),
  };
}

type Found = Omit<ProcessUse, 'fromMs' | 'toMs' | 'job'> & { readonly residentMiB: number };

/** The node and its children. */
function processesOf({ name, pid }: WatchedNode): Found[] {
  const own = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((one) => one === pid || parentOf(one) === pid);
  return own.flatMap((one): Found[] => {
    try {
      const line = readFileSync(`/proc/${one}/cmdline`, 'utf8');
      const kind = one === pid ? 'node' : kindOf(line);
      return kind === null ? [] : [{ pid: one, node: name, kind, ...memoryOf(one), cpuSeconds: cpuSecondsOf(one) }];
    } catch {
      // Gone between the listing and the reading: what was seen of it before stands.
      return [];
    }
  });
}

function kindOf(line: string): ProcessKind | null {
  if (line.includes('learning/main.ts')) return 'learner';
  return line.includes('worker/main.ts') ? 'worker' : null;
}

function memoryOf(pid: number): { readonly peakMiB: number; readonly residentMiB: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  return { peakMiB: field('VmHWM'), residentMiB: field('VmRSS') };
}

const statOf = (pid: number): string[] => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');

function parentOf(pid: number): number {
  try {
    return Number(statOf(pid)[1]);
  } catch {
    return 0;
  }
}

function cpuSecondsOf(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Process and kind of every job that the node's log says a learner was started for. */
function jobsOf(log: string): (readonly [number, string])[] {
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.includes('learner started'))
    .map((line) => JSON.parse(line) as { readonly pid: number; readonly kind: string })
    .map(({ pid, kind }) => [pid, kind] as const);
}
