/**
 * Many schedules, one seed after the other, in one or several threads. Owns the sum of their results and the command that
 * runs a failing seed again; what one schedule is belongs to schedule.ts.
 */
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type FaultKind, faultKinds } from './fault-counts.ts';
import { runSchedule, type ScheduleOptions, type ScheduleResult } from './schedule.ts';
import type { Violation } from './violation.ts';

export type SimulationOptions = Omit<ScheduleOptions, 'seed' | 'keepsTrace'> & {
  /** Both included. */
  readonly seeds: { readonly first: number; readonly last: number };
  /** Threads at work; 0 takes all cores, 1 (as when left out) runs in the caller's thread. */
  readonly threads?: number;
  /** Ends the run when aborted, after the schedules under way. */
  readonly signal?: AbortSignal;
  /** Ends after this many failing seeds; 20 unless given. */
  readonly failuresMax?: number;
};

export type SimulationFailure = {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** Runs this seed alone. */
  readonly command: string;
};

export type SimulationReport = {
  readonly schedules: number;
  readonly failures: readonly SimulationFailure[];
  readonly heights: number;
  readonly messages: number;
  readonly settledQueries: number;
  readonly virtualMs: number;
  /** Highest round in which a block was decided. */
  readonly roundMax: number;
  readonly schedulesWithTwins: number;
  readonly schedulesWithEd25519: number;
  /** Schedules in which each kind was triggered, and how often it was in all. */
  readonly faults: Readonly<Record<FaultKind, { readonly schedules: number; readonly times: number }>>;
  /** First seed that was not run: where a run that ended early goes on. */
  readonly nextSeed: number;
  readonly wallMs: number;
  readonly schedulesPerSecond: number;
};

export type SimulationProgress = { readonly done: number; readonly total: number; readonly failed: number };

/** Room for what a schedule makes and drops; with the usual 16 MiB a twelfth of the time goes to collecting it. */
const resourceLimits = { maxYoungGenerationSizeMb: 128 } as const;

/** Seeds that a thread takes at a time. */
const seedsPerBatch = 10;

/** Runs the seeds and adds up what they showed. `onProgress` hears of every finished schedule. */
export async function runSimulation(
  options: SimulationOptions,
  onProgress: (progress: SimulationProgress, result: ScheduleResult) => void = () => undefined,
): Promise<SimulationReport> {
  const startedAt = performance.now();
  const sum = new Sum(options, onProgress);
  const threads = options.threads === 0 ? availableParallelism() : (options.threads ?? 1);
  if (threads <= 1) {
    for (; sum.nextSeed <= options.seeds.last && !sum.isOver; sum.nextSeed++) {
      sum.add(runSchedule({ ...options, seed: sum.nextSeed }));
      // A signal to end is heard between two schedules.
      await setImmediate();
    }
  } else await runInThreads(options, threads, sum);
  return sum.report(performance.now() - startedAt);
}

/** The command that runs one seed again, with its trace. */
export function replayCommand(seed: number, options: Omit<ScheduleOptions, 'seed'>): string {
  const nodes = options.nodes === undefined ? '' : ` --nodes ${options.nodes[0]}..${options.nodes[1]}`;
  const tier = options.tier === undefined ? '' : ` --signatures ${options.tier}`;
  const control = options.control === undefined ? '' : ` --control ${options.control}`;
  return `./synod simulate --seeds ${seed}..${seed}${nodes}${options.twins ? ' --twins' : ''}${tier}${control} --trace`;
}

class Sum {
  nextSeed: number;
  readonly #options: SimulationOptions;
  readonly #onProgress: (progress: SimulationProgress, result: ScheduleResult) => void;
  readonly #failures: SimulationFailure[] = [];
  readonly #faults = new Map<FaultKind, { schedules: number; times: number }>();
  #totals = { schedules: 0, heights: 0, messages: 0, settledQueries: 0, virtualMs: 0, roundMax: 0 };
  #kinds = { schedulesWithTwins: 0, schedulesWithEd25519: 0 };

  constructor(options: SimulationOptions, onProgress: (progress: SimulationProgress, result: ScheduleResult) => void) {
    this.#options = options;
    this.nextSeed = options.seeds.first;
    this.#onProgress = onProgress;
  }

  get isOver(): boolean {
    const { signal, failuresMax = 20 } = this.#options;
    return signal?.aborted === true || this.#failures.length >= failuresMax;
  }

  add(result: ScheduleResult): void {
    const { seed, violations } = result;
    const totals = this.#totals;
    totals.schedules += 1;
    totals.heights += result.heights;
    totals.messages += result.messages;
    totals.settledQueries += result.settledQueries;
    totals.virtualMs += result.virtualMs;
    totals.roundMax = Math.max(totals.roundMax, result.roundMax);
    if (result.hasTwins) this.#kinds.schedulesWithTwins += 1;
    if (result.tier === 'ed25519') this.#kinds.schedulesWithEd25519 += 1;
    for (const [kind, times] of result.faults) {
      const known = this.#faults.get(kind) ?? { schedules: 0, times: 0 };
      this.#faults.set(kind, { schedules: known.schedules + 1, times: known.times + times });
    }
    if (!result.ok) this.#failures.push({ seed, violations, command: replayCommand(seed, this.#options) });
    const { first, last } = this.#options.seeds;
    this.#onProgress({ done: totals.schedules, total: last - first + 1, failed: this.#failures.length }, result);
  }

  report(wallMs: number): SimulationReport {
    const faults = Object.fromEntries(
      faultKinds.map((kind) => [kind, this.#faults.get(kind) ?? { schedules: 0, times: 0 }]),
    ) as SimulationReport['faults'];
    const failures = this.#failures.toSorted((a, b) => a.seed - b.seed);
    const schedulesPerSecond = Math.round((this.#totals.schedules * 100_000) / wallMs) / 100;
    const { nextSeed } = this;
    const measured = { wallMs: Math.round(wallMs), schedulesPerSecond };
    return { ...this.#totals, ...this.#kinds, failures, faults, nextSeed, ...measured };
  }
}

/** Each thread asks for the next seeds when it is done with its own, so none waits for another. */
async function runInThreads(options: SimulationOptions, threads: number, sum: Sum): Promise<void> {
  const { seeds, nodes, twins, control, tier } = options;
  const shared = {
    ...(nodes && { nodes }),
    ...(twins !== undefined && { twins }),
    ...(control && { control }),
    ...(tier && { tier }),
  };
  const runOne = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./simulation-worker.ts', import.meta.url), { resourceLimits });
      const give = (): void => {
        if (sum.nextSeed > seeds.last || sum.isOver) return void worker.terminate().then(() => resolve(), reject);
        const last = Math.min(seeds.last, sum.nextSeed + seedsPerBatch - 1);
        worker.postMessage({ first: sum.nextSeed, last, options: shared });
        sum.nextSeed = last + 1;
      };
      worker.on('message', (results: readonly ScheduleResult[]) => {
        for (const result of results) sum.add(result);
        give();
      });
      worker.on('error', reject);
      give();
    });
  await Promise.all(Array.from({ length: threads }, runOne));
}
