/**
 * Named timers of the host over the process's own. Owns arming and delivery; what a timer means is the host's.
 */
import type { HostInput, Timers } from '../host/ports.ts';

/** Longest delay `setTimeout` keeps to; a longer one would fire at once. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/** Fires each timer once as a `timer` input. `stop` clears all of them; later calls of `set` then do nothing. */
export function createTimers(deliver: (input: HostInput) => void): { readonly timers: Timers; stop(): void } {
  const armed = new Map<string, NodeJS.Timeout>();
  let stopped = false;

  function clear(name: string): void {
    clearTimeout(armed.get(name));
    armed.delete(name);
  }

  function set(name: string, delayMs: number): void {
    clear(name);
    if (stopped) return;
    const delay = Math.min(Math.max(delayMs, 0), DELAY_MS_MAX);
    const handle = setTimeout(() => {
      armed.delete(name);
      deliver({ kind: 'timer', name });
    }, delay);
    armed.set(name, handle);
  }

  function stop(): void {
    stopped = true;
    for (const name of [...armed.keys()]) clear(name);
  }

  return { timers: { set, clear }, stop };
}
