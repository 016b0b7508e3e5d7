/**
 * The bundle for nodes that are about to start, or for the next start of one that runs. Owns when one is made; that it is of these
 * sources is find-bundle.ts's, and a node without one runs from its sources.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { bundleDirectory } from '../settings/paths.ts';
import { findBundle, ROOT } from './find-bundle.ts';

/** Its memory is gone when it ends. */
const MAKER = join(import.meta.dirname, 'make-main.ts');

/** Resolves when it is there, or cannot be: then that is told on stderr. Ends early, without an error, when the signal is given. */
export async function ensureBundle(signal: AbortSignal): Promise<void> {
  if (signal.aborted || findBundle(ROOT, bundleDirectory(process.env)) !== null) return;
  const maker = spawn(process.execPath, [MAKER], { stdio: ['ignore', 'ignore', 'inherit'] });
  const onStop = () => maker.kill();
  signal.addEventListener('abort', onStop);
  await once(maker, 'close');
  signal.removeEventListener('abort', onStop);
}

/** Beside a node that serves already, behind everything else that this machine does. Told in the node's log. */
export function bundleForNextStart(log: Logger, stop: AbortSignal): void {
  if (stop.aborted || findBundle(ROOT, bundleDirectory(process.env)) !== null) return;
  const maker = spawn(process.execPath, [MAKER], { stdio: ['ignore', 'ignore', 'pipe'] });
  if (maker.pid !== undefined) setPriority(maker.pid, constants.priority.PRIORITY_LOW);
  stop.addEventListener('abort', () => maker.kill());
  let told = '';
  maker.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  maker.once('error', (error) => log.warn({ error: error.message }, 'the program could not be bundled'));
  maker.once('close', (code) => {
    if (code === 0) log.info('the program is bundled: its next start is sooner');
    else if (!stop.aborted) log.warn({ told: told.trim() }, 'the program could not be bundled');
  });
}
