/** What every benchmark prints and leaves behind: a table for people, JSON for tools. Owns the format only. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const results = resolve(fileURLToPath(import.meta.url), '../results');

export type Row = {
  readonly figure: string;
  readonly value: string;
  readonly goal: string;
  readonly met: boolean | null;
};

/** Prints the rows and writes `bench/results/NAME.json` with the machine they were measured on. */
export function report(name: string, rows: readonly Row[], details: unknown): void {
  const width = Math.max(...rows.map(({ figure }) => figure.length));
  console.log(`\n${name}`);
  for (const { figure, value, goal, met } of rows) {
    const mark = met === null ? ' ' : met ? '✔' : '✖';
    console.log(`  ${mark} ${figure.padEnd(width)}  ${value.padEnd(34)}  goal ${goal}`);
  }
  const machine = {
    cores: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  mkdirSync(results, { recursive: true });
  const file = join(results, `${name}.json`);
  writeFileSync(file, `${JSON.stringify({ name, machine, commit: commitId(), rows, details }, null, 2)}\n`);
  console.log(`\n  written to bench/results/${name}.json`);
}

/** The q-quantile of the values (nearest rank), q in 0 … 1. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}

function commitId(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    // Measured outside a checkout: the figures still stand, only their commit is unknown.
    return 'unknown';
  }
}
