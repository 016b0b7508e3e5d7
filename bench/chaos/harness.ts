/**
 * A chaos run with faults chosen by a benchmark instead of a schedule: its own devnet of four, its own ports, removed when it
 * passed. Owns nothing of the measuring.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recovery } from '../../packages/cli/src/chaos/inflict.ts';
import { runChaos } from '../../packages/cli/src/chaos/run-chaos.ts';
import type { Fault, FaultKind } from '../../packages/cli/src/chaos/schedule.ts';
import type { Verdict } from '../../packages/cli/src/chaos/verdict.ts';
import { parseDevnetOptions } from '../../packages/cli/src/devnet/options.ts';
import { stopSignal } from '../../packages/cli/src/processes/stop-signals.ts';
import { freePortBase } from '../../test/e2e/devnet-process.ts';

export function faultOf(kind: FaultKind, nodes: readonly number[], holdMs: number, pauseMs = 500): Fault {
  return { kind, nodes, holdMs, pauseMs, offsetMs: 0, latencyMs: 0, cutBytes: 0 };
}

/** Runs the faults one after the other under the bank workload. The folder of a run that failed is kept and named. */
export async function runFaults(
  seed: string,
  faults: readonly Fault[],
): Promise<{ readonly verdict: Verdict; readonly recoveries: readonly Recovery[] }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'synod-bench-chaos-'));
  const portBase = String(await freePortBase());
  const recoveries: Recovery[] = [];
  // Ctrl-C ends the faults; what was found until then is reported.
  const signal = stopSignal();
  const verdict = await runChaos({
    devnet: parseDevnetOptions({ seed, dataDir, portBase, model: 'none' }, process.env),
    seed,
    durationMs: 24 * 3_600_000,
    environment: process.env,
    network: null,
    signal,
    tell: (line) => console.error(line),
    faults,
    onRecovery: (recovery) => recoveries.push(recovery),
  });
  if (verdict.verdict === 'PASS') rmSync(dataDir, { recursive: true, force: true });
  else console.error(`kept: ${dataDir}\n${verdict.problems.join('\n')}`);
  return { verdict, recoveries };
}
