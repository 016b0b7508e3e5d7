/**
 * Tells systemd that the node serves, and that it stops, where systemd started it (NOTIFY_SOCKET). Owns nothing else. Node has no Unix
 * datagrams, so systemd's own tool sends the word; it is there wherever systemd is.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Logger } from 'pino';

const TOOL = 'systemd-notify';

/** `READY=1`, `STOPPING=1`. Does nothing elsewhere; a failure is logged, for systemd would then end the node after its start timeout. */
export async function notifySystemd(
  word: 'ready' | 'stopping',
  { environment, log }: { readonly environment: NodeJS.ProcessEnv; readonly log: Pick<Logger, 'warn'> },
): Promise<void> {
  if ((environment['NOTIFY_SOCKET'] ?? '') === '') return;
  // The word is of this process, not of the tool that carries it.
  const child = spawn(TOOL, [`--${word}`, `--pid=${process.pid}`], { stdio: 'ignore' });
  try {
    const [code] = await once(child, 'exit');
    if (code !== 0) log.warn({ code, word }, 'systemd was not told');
  } catch (error) {
    log.warn({ error: error instanceof Error ? error.message : String(error), word }, 'systemd was not told');
  }
}
