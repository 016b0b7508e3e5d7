/**
 * `synod devnet stop`: ends a devnet that runs. Owns waiting until it has ended.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SynodError } from '@synod/chain';
import { type Layout, layoutOf } from '../devnet/layout.ts';
import { runningDevnet } from '../devnet/supervisor.ts';
import { displayPath } from '../settings/paths.ts';
import { dataDirectory } from '../settings/settings.ts';
import { type CommonOptions, print, printJson } from '../terminal/output.ts';

export type DevnetTargetFlags = CommonOptions & { readonly dataDir?: string };

/** More than the supervisor gives its nodes. */
const STOP_TIMEOUT_MS = 15_000;
const POLL_MS = 50;

/** Asks it to end and waits until it has. A devnet that does not run is no error: the wish is fulfilled. */
export async function runDevnetStop(flags: DevnetTargetFlags): Promise<void> {
  const layout = layoutOf(dataDirectory(flags.dataDir, process.env));
  const pid = runningDevnet(layout);
  if (pid !== null) {
    process.kill(pid, 'SIGTERM');
    await untilGone(layout, pid);
  }
  if (flags.json) printJson({ stopped: pid !== null, pid, dataDir: layout.directory });
  else if (pid === null) print(`No devnet runs on ${displayPath(layout.directory)}.`);
  else print(`✔ devnet stopped. Everything is kept in ${displayPath(layout.directory)}`);
}

/** Throws `NODE_UNREACHABLE` when no devnet runs there. Returns its supervisor's pid. */
export function requireRunning(layout: Layout): number {
  const pid = runningDevnet(layout);
  if (pid !== null) return pid;
  throw new SynodError(
    'NODE_UNREACHABLE',
    `No devnet runs on ${displayPath(layout.directory)}. Start one:  synod devnet`,
    {
      facts: { directory: layout.directory },
    },
  );
}

async function untilGone(layout: Layout, pid: number): Promise<void> {
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  while (runningDevnet(layout) === pid) {
    if (performance.now() > deadline) {
      throw new SynodError(
        'TIMEOUT',
        `The devnet (process ${pid}) has not ended after ${STOP_TIMEOUT_MS / 1000} s. Look at ${displayPath(layout.supervisorLog)}`,
        {
          facts: { pid },
        },
      );
    }
    await delay(POLL_MS);
  }
}
