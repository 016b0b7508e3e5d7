/**
 * What a chaos run found, as data and as lines for people. Owns the rule of PASS and the figures; facts come from the run.
 */
import { table } from '../terminal/output.ts';
import { type Chain, countLost, type Finding, type Submitted } from './check-history.ts';
import type { Recovery } from './inflict.ts';
import { FAULT_KINDS, type FaultKind } from './schedule.ts';

/** What nodes were cut apart by: their own network namespaces, or their fault ports on loopback. */
export type NetworkKind = 'namespaces' | 'loopback';

/** Everything a run observed. */
export type Observations = {
  readonly seed: string;
  readonly network: NetworkKind;
  readonly validators: number;
  readonly blockTimeMs: number;
  readonly elapsedMs: number;
  readonly interrupted: boolean;
  readonly recoveries: readonly Recovery[];
  readonly submitted: readonly Submitted[];
  readonly latenciesMs: readonly number[];
  readonly reads: number;
  readonly chains: readonly (Chain & { readonly supplyOk: boolean; readonly issued: bigint })[];
  readonly findings: readonly Finding[];
  /** Double signings that nodes noticed, by their logs. */
  readonly doubleSignings: number;
  /** What went wrong beyond the check: a node that ended, one that stopped signing, no liveness at the end. */
  readonly problems: readonly string[];
};

export type Spread = { readonly median: number; readonly p99: number; readonly max: number };

export type FaultFigures = {
  readonly kind: FaultKind;
  readonly times: number;
  readonly unrecovered: number;
  readonly nextBlockMs: Spread | null;
  readonly caughtUpMs: Spread | null;
};

export type Verdict = {
  readonly verdict: 'PASS' | 'FAIL';
  readonly seed: string;
  readonly network: NetworkKind;
  readonly validators: number;
  readonly elapsedMs: number;
  readonly interrupted: boolean;
  readonly faults: readonly FaultFigures[];
  readonly transactions: {
    readonly submitted: number;
    readonly acknowledged: number;
    readonly refused: number;
    readonly unknown: number;
    readonly lost: number;
    readonly latencyMs: Spread | null;
  };
  readonly reads: number;
  readonly heights: number;
  readonly blockTimeMs: number;
  readonly blockIntervalMs: Spread | null;
  readonly differingBlocks: number;
  readonly evidence: number;
  readonly supplyConserved: boolean;
  readonly problems: readonly string[];
};

const PROBLEMS_SHOWN = 10;

/** PASS when no promise was broken and every fault was recovered from. */
export function judge(seen: Observations): Verdict {
  const evidence = Math.max(
    0,
    ...seen.chains.map(({ blocks }) => blocks.reduce((sum, block) => sum + block.evidence, 0)),
  );
  const issued = new Set(seen.chains.map((chain) => chain.issued));
  const supplyConserved = seen.chains.length > 0 && seen.chains.every(({ supplyOk }) => supplyOk) && issued.size === 1;
  const faults = faultFigures(seen.recoveries);
  const problems = [
    ...seen.problems,
    ...seen.findings.map(({ kind, text }) => `${kind}: ${text}`),
    ...(evidence + seen.doubleSignings > 0 ? ['an honest validator was seen signing twice'] : []),
    ...(supplyConserved ? [] : ['the supply was not conserved, or could not be counted']),
    ...faults.filter(({ unrecovered }) => unrecovered > 0).map(({ kind }) => `not recovered in time from: ${kind}`),
  ];
  const count = (outcome: Submitted['outcome']) => seen.submitted.filter((one) => one.outcome === outcome).length;
  const longest = seen.chains.reduce<Chain | null>(
    (best, one) => (best === null || one.blocks.length > best.blocks.length ? one : best),
    null,
  );
  const times = longest?.blocks.map(({ timeMs }) => timeMs) ?? [];
  return {
    verdict: problems.length === 0 ? 'PASS' : 'FAIL',
    seed: seen.seed,
    network: seen.network,
    validators: seen.validators,
    elapsedMs: Math.round(seen.elapsedMs),
    interrupted: seen.interrupted,
    faults,
    transactions: {
      submitted: seen.submitted.length,
      acknowledged: count('acknowledged'),
      refused: count('refused'),
      unknown: count('unknown'),
      lost: countLost(seen.findings),
      latencyMs: spreadOf(seen.latenciesMs),
    },
    reads: seen.reads,
    heights: longest?.blocks.length ?? 0,
    blockTimeMs: seen.blockTimeMs,
    // The first block's time is counted from genesis, which is a fixed date.
    blockIntervalMs: spreadOf(times.slice(2).map((time, index) => time - times[index + 1]!)),
    differingBlocks: seen.findings.filter(({ kind }) => kind === 'diverged').length,
    evidence: evidence + seen.doubleSignings,
    supplyConserved,
    problems,
  };
}

function faultFigures(recoveries: readonly Recovery[]): FaultFigures[] {
  return FAULT_KINDS.flatMap((kind): FaultFigures[] => {
    const of = recoveries.filter((one) => one.kind === kind);
    if (of.length === 0) return [];
    const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
    return [
      {
        kind,
        times: of.length,
        unrecovered: of.filter(({ nextBlockMs, caughtUpMs }) => nextBlockMs === null || caughtUpMs === null).length,
        nextBlockMs: spreadOf(known(of.map(({ nextBlockMs }) => nextBlockMs))),
        caughtUpMs: spreadOf(known(of.map(({ caughtUpMs }) => caughtUpMs))),
      },
    ];
  });
}

/** Nearest rank, whole milliseconds; null of nothing. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!);
  return { median: at(0.5), p99: at(0.99), max: at(1) };
}

export function verdictLines(verdict: Verdict): string[] {
  const { transactions, faults, blockIntervalMs } = verdict;
  const heading = ['fault', 'times', 'next block: median', 'max', 'caught up: median', 'max'];
  const rows = faults.map(({ kind, times, nextBlockMs, caughtUpMs }) => [
    kind,
    String(times),
    seconds(nextBlockMs?.median),
    seconds(nextBlockMs?.max),
    seconds(caughtUpMs?.median),
    seconds(caughtUpMs?.max),
  ]);
  const interval =
    blockIntervalMs === null
      ? 'unknown'
      : `median ${seconds(blockIntervalMs.median)}, p99 ${seconds(blockIntervalMs.p99)}, longest ${seconds(blockIntervalMs.max)} (block time ${seconds(verdict.blockTimeMs)})`;
  const { submitted, acknowledged, refused, unknown, lost, latencyMs } = transactions;
  return [
    '',
    ...table([heading, ...rows]),
    '',
    ...table([
      [
        'transactions',
        `${submitted} sent, ${acknowledged} acknowledged as final, ${refused} refused, ${unknown} without answer`,
      ],
      ['acknowledged and lost', String(lost)],
      ['sent to final', `median ${seconds(latencyMs?.median)}, p99 ${seconds(latencyMs?.p99)}`],
      ['reads checked', String(verdict.reads)],
      ['blocks compared', `${verdict.heights}, differing: ${verdict.differingBlocks}`],
      ['block interval', interval],
      ['double signing', `${verdict.evidence} seen`],
      ['supply', verdict.supplyConserved ? 'conserved' : 'NOT conserved'],
    ]),
    '',
    ...verdict.problems.slice(0, PROBLEMS_SHOWN).map((problem) => `  ✖ ${problem}`),
    ...(verdict.problems.length > PROBLEMS_SHOWN ? [`  … ${verdict.problems.length - PROBLEMS_SHOWN} more`] : []),
    `${verdict.verdict}   seed ${verdict.seed}   network ${verdict.network}   ${seconds(verdict.elapsedMs)}${verdict.interrupted ? '   interrupted' : ''}`,
  ];
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '–' : `${(ms / 1000).toFixed(2)} s`;
}
