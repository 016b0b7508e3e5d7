/**
 * `synod devnet`: runs one in the foreground, or with --detach in the background. Owns the choice of reporter and the
 * hand-over to the background process; the supervisor owns the devnet.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { SynodError } from '@synod/chain';
import { makeDirectory } from '@synod/node/make-directory';
import type { DevnetEvent, Report } from '../devnet/events.ts';
import { layoutOf } from '../devnet/layout.ts';
import { MAIN_FILE } from '../devnet/node-process.ts';
import { type DevnetFlags, parseDevnetOptions } from '../devnet/options.ts';
import { detachedReporter, humanReporter, jsonReporter, quietReporter } from '../devnet/reporters.ts';
import { devnetRunning, runningDevnet, superviseDevnet } from '../devnet/supervisor.ts';
import { stopSignal } from '../processes/stop-signals.ts';
import { displayPath } from '../settings/paths.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { describeFailure } from '../terminal/failure.ts';
import type { CommonOptions } from '../terminal/output.ts';

export type DevnetCommandFlags = DevnetFlags &
  CommonOptions & { readonly detach?: boolean; readonly detached?: boolean; readonly quiet?: boolean };

type ToParent =
  | DevnetEvent
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly facts: object };

export async function runDevnet(flags: DevnetCommandFlags): Promise<void> {
  const options = parseDevnetOptions(flags, process.env);
  if (flags.detach === true) return await detach(flags);
  const report = flags.detached === true ? detachedReporter() : reporterOf(flags);
  try {
    await superviseDevnet({ options, environment: process.env, report, signal: stopSignal() });
  } catch (error) {
    if (flags.detached === true && process.connected) {
      const { code, message, facts } = describeFailure(error);
      process.send?.({ kind: 'failed', code, message, facts } satisfies ToParent);
    }
    throw error;
  }
}

function reporterOf({ json, quiet }: DevnetCommandFlags, stop?: string): Report {
  if (json) return jsonReporter();
  return quiet === true ? quietReporter() : humanReporter(stop);
}

/** Starts this command again in a session of its own, shows its progress, and returns when it is ready. */
async function detach(flags: DevnetCommandFlags): Promise<void> {
  const { directory } = parseDevnetOptions(flags, process.env);
  const layout = layoutOf(directory);
  const pid = runningDevnet(layout);
  if (pid !== null) throw devnetRunning(layout, pid);
  makeDirectory(layout.logs);
  const log = openSync(layout.supervisorLog, 'a');
  const args = process.argv.slice(2).filter((argument) => argument !== '--detach');
  const child = spawn(process.execPath, [MAIN_FILE, ...args, '--detached'], {
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  const interrupted = stopSignal();
  interrupted.addEventListener('abort', () => child.kill('SIGTERM'));
  const report = reporterOf(flags, `${SYNOD} devnet stop`);
  await followUntilReady(child, { report, log: layout.supervisorLog, interrupted });
  child.disconnect();
  child.unref();
}

function followUntilReady(
  child: ChildProcess,
  context: { readonly report: Report; readonly log: string; readonly interrupted: AbortSignal },
): Promise<void> {
  const { report, log, interrupted } = context;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.on('message', (message) => {
    const event = message as ToParent;
    if (event.kind === 'failed')
      return reject(new SynodError(event.code, event.message, { facts: event.facts as Record<string, string> }));
    report(event);
    if (event.kind === 'ready') resolve();
  });
  child.once('error', reject);
  const ended = () =>
    reject(
      interrupted.aborted
        ? new SynodError('INTERRUPTED', 'Interrupted before the devnet was ready; everything was stopped.')
        : new SynodError('DEVNET_NOT_READY', `The devnet ended before it was ready. See ${displayPath(log)}`),
    );
  // What it said last may still be on its way when its end is known: the channel closes behind it.
  child.once('exit', () => (child.connected ? child.once('disconnect', ended) : ended()));
  return promise;
}
