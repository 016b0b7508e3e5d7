/**
 * Ctrl-C and SIGTERM: the first asks for a graceful end, a second one for an immediate end.
 * npm and shells may deliver one Ctrl-C twice, so repeats within a moment count as one.
 */
import { EXIT } from '../terminal/exit-codes.ts';

const SAME_KEYPRESS_MS = 700;

/**
 * Aborts at the first signal. At a later second one runs `onSecond`, then exits at once. SIGHUP is a stop too, as when a terminal
 * closes, unless `onHangUp` is given something better to do.
 */
export function stopSignal(
  onSecond: () => void = () => {},
  { onHangUp = null }: { readonly onHangUp?: (() => void) | null } = {},
): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | null = null;
  const onSignal = () => {
    const now = performance.now();
    if (firstAt === null) {
      firstAt = now;
      controller.abort();
    } else if (now - firstAt > SAME_KEYPRESS_MS) {
      onSecond();
      process.exit(EXIT.interrupted);
    }
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  process.on('SIGHUP', onHangUp ?? onSignal);
  return controller.signal;
}
