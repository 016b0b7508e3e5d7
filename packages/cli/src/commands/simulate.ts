/**
 * `synod simulate`: whole networks of the production host under faults, one seed after the other. Owns the flags' ranges and
 * the report; the simulator owns what a schedule is.
 */
import { SynodError } from '@synod/chain';
import { runSchedule, runSimulation, type SimulationProgress, type SimulationReport } from '@synod/simulator';
import { stopSignal } from '../processes/stop-signals.ts';
import { parseCount } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, note, print, printJson, table } from '../terminal/output.ts';

export type SimulateFlags = CommonOptions & {
  readonly seeds: string;
  readonly nodes?: string;
  readonly twins?: boolean;
  readonly signatures?: string;
  readonly control?: string;
  readonly threads: string;
  readonly trace?: boolean;
};

/** How often a person at a terminal hears of the run, and how often a log does. */
const PROGRESS_INTERVAL_MS = { terminal: 2_000, log: 30_000 } as const;
const SIGNATURES = ['keyed-hash', 'ed25519'] as const;
const CONTROLS = ['f1-twins', 'deaf'] as const;

/** Throws `SIMULATION_FAILED` when a schedule broke a promise, after the report. */
export async function runSimulate(flags: SimulateFlags): Promise<void> {
  const [first, last] = parseSeeds(flags.seeds);
  const tier = oneOf(flags.signatures, '--signatures', SIGNATURES);
  const control = oneOf(flags.control, '--control', CONTROLS);
  const network = {
    ...(flags.nodes === undefined ? {} : { nodes: range(flags.nodes, '--nodes', { min: 4, max: 32 }) }),
    ...(flags.twins === true ? { twins: true } : {}),
    ...(tier === undefined ? {} : { tier }),
    ...(control === undefined ? {} : { control }),
  };
  if (flags.trace === true) {
    for (let seed = first; seed <= last; seed++) {
      for (const line of runSchedule({ ...network, seed, keepsTrace: true }).trace) print(line);
    }
  }
  const signal = stopSignal();
  const startedAtMs = performance.now();
  const intervalMs = PROGRESS_INTERVAL_MS[process.stderr.isTTY ? 'terminal' : 'log'];
  let toldAtMs = startedAtMs;
  const kinds = new Set<string>();
  const report = await runSimulation(
    {
      seeds: { first, last },
      threads: parseCount(flags.threads, '--threads', { min: 0, max: 64 }),
      signal,
      ...network,
    },
    (progress, { faults }) => {
      for (const [kind] of faults) kinds.add(kind);
      if (performance.now() - toldAtMs < intervalMs) return;
      toldAtMs = performance.now();
      note(progressLine(progress, { ranMs: toldAtMs - startedAtMs, kinds: kinds.size }));
    },
  );
  if (flags.json) printJson(report);
  else show(report);
  if (report.nextSeed <= last) note(`Ended early. Go on with  ${SYNOD} simulate --seeds ${report.nextSeed}..${last}`);
  if (report.failures.length === 0) return;
  throw new SynodError(
    'SIMULATION_FAILED',
    `${report.failures.length} of ${report.schedules} schedules broke a promise. Run one again:  ${report.failures[0]?.command}`,
  );
}

/** What a run says of itself while it goes on: `ranMs` since it began, `kinds` of fault triggered so far. */
export function progressLine(
  { done, total, failed }: SimulationProgress,
  run: { ranMs: number; kinds: number },
): string {
  const perSecond = (1_000 * done) / run.ranMs;
  const leftS = Math.ceil((total - done) / perSecond);
  const left = leftS < 120 ? `${leftS} s` : `${Math.ceil(leftS / 60)} min`;
  return `  … ${done} of ${total} schedules, ${perSecond.toFixed(1)}/s, ${left} left, ${run.kinds} kinds of fault, ${failed} failed`;
}

/** `first..last`, or one seed. */
export function parseSeeds(text: string): [first: number, last: number] {
  return range(text, '--seeds', { min: 1, max: 1_000_000_000 });
}

function show(report: SimulationReport): void {
  const { schedules, heights, messages, settledQueries, roundMax, schedulesWithTwins, schedulesPerSecond } = report;
  print(`${schedules} schedules   ${heights} heights   ${messages} messages   ${settledQueries} queries settled`);
  print(`${schedulesWithTwins} with twins   highest round ${roundMax}   ${schedulesPerSecond} schedules/s`);
  print('faults triggered (schedules, times)');
  const rows = Object.entries(report.faults).map(([kind, { schedules: count, times }]) => [
    kind,
    `${count}`,
    `${times}`,
  ]);
  for (const line of table(rows)) print(line);
  for (const { seed, violations, command } of report.failures) {
    print(`✖ seed ${seed}: ${violations.map(({ kind, text }) => `${kind}: ${text}`).join('; ')}`);
    print(`  ${command}`);
  }
}

function range(text: string, source: string, bounds: { min: number; max: number }): [number, number] {
  const [least = '', most = least] = text.split('..');
  const parsed: [number, number] = [parseCount(least, source, bounds), parseCount(most, source, bounds)];
  if (parsed[0] <= parsed[1]) return parsed;
  throw new SynodError('NUMBER_INVALID', `${source} "${text}" runs backwards. Write the lower number first.`);
}

function oneOf<T extends string>(text: string | undefined, source: string, known: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new SynodError('USAGE', `${source} "${text}" is not known. Choose one of ${known.join(', ')}.`);
}
