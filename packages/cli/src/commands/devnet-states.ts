/**
 * Commands for whole states of a running devnet: `synod devnet snapshot|restore|snapshots|dump|load`, and `reset` of a stopped one. Owns
 * their words and waiting until it is done; the supervisor does it.
 */
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SynodError } from '@synod/chain';
import { resetDirectory } from '../devnet/chain-file.ts';
import { requestControl } from '../devnet/control.ts';
import { layoutOf } from '../devnet/layout.ts';
import type { Operation } from '../devnet/operations.ts';
import { devnetRunning, lockDirectory, runningDevnet } from '../devnet/supervisor.ts';
import { displayPath } from '../settings/paths.ts';
import { dataDirectory } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { bytesText, table, tell } from '../terminal/output.ts';
import { running } from './devnet-nodes.ts';
import type { DevnetTargetFlags } from './devnet-stop.ts';

const POLL_MS = 100;

export async function runDevnetSnapshot(name: string, flags: DevnetTargetFlags): Promise<void> {
  const { control } = running(flags);
  await requestControl(control, 'snapshot', { name });
  const json = await untilDone(control);
  const lines = [`✔ snapshot "${name}" at block ${json.height}`, `  Go back to it:  ${SYNOD} devnet restore ${name}`];
  tell(flags, { json, lines });
}

export async function runDevnetRestore(name: string, flags: DevnetTargetFlags): Promise<void> {
  const { control } = running(flags);
  await requestControl(control, 'restore', { name });
  const json = await untilDone(control);
  tell(flags, { json, lines: [`✔ back at block ${json.height}, as "${name}" has it. The chain goes on from there.`] });
}

export async function runDevnetSnapshots(flags: DevnetTargetFlags): Promise<void> {
  const { items } = await requestControl(running(flags).control, 'snapshots', {});
  const rows = items.map((item) => [item.name, `block ${item.height}`, bytesText(item.bytes), item.takenAt]);
  const lines =
    items.length === 0 ? ['There are no snapshots.', `  Take one:  ${SYNOD} devnet snapshot NAME`] : table(rows, '');
  tell(flags, { json: { items }, lines });
}

export async function runDevnetDump(file: string, flags: DevnetTargetFlags): Promise<void> {
  const { control } = running(flags);
  await requestControl(control, 'dump', { name: file, file: resolve(file) });
  const json = await untilDone(control);
  const lines = [
    `✔ state of block ${json.height} written to ${file} (${bytesText(json.bytes ?? 0)})`,
    `  Here:  ${SYNOD} devnet load ${file}      elsewhere:  ${SYNOD} devnet --state ${file} --data-dir NEW`,
  ];
  tell(flags, { json, lines });
}

export async function runDevnetLoad(file: string, flags: DevnetTargetFlags): Promise<void> {
  const { control } = running(flags);
  await requestControl(control, 'load', { name: file, file: resolve(file) });
  const json = await untilDone(control);
  tell(flags, { json, lines: [`✔ at block ${json.height}, as ${file} has it. The chain goes on from there.`] });
}

/** Deletes the chain of a stopped devnet, its snapshots included. Throws `DEVNET_RUNNING`. */
export async function runDevnetReset(flags: DevnetTargetFlags): Promise<void> {
  const layout = layoutOf(dataDirectory(flags.dataDir, process.env));
  const pid = runningDevnet(layout);
  if (pid !== null) throw devnetRunning(layout, pid);
  const release = lockDirectory(layout);
  try {
    resetDirectory(layout);
  } finally {
    release();
  }
  const lines = [`✔ ${displayPath(layout.directory)} is empty: the next start makes a new chain.`];
  tell(flags, { json: { reset: true, dataDir: layout.directory }, lines });
}

/** Throws what the operation failed with. */
async function untilDone(control: string): Promise<Operation> {
  for (;;) {
    const { operation } = await requestControl(control, 'status', {});
    if (operation?.state === 'done') return operation;
    if (operation?.state === 'failed') {
      const { code, message } = operation.error ?? { code: 'INTERNAL', message: 'The operation failed.' };
      throw new SynodError(code, message);
    }
    await delay(POLL_MS);
  }
}
