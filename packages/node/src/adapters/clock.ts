/**
 * Wall-clock time for the host. Owns nothing else: durations are the timers' business.
 */
import type { Clock } from '../host/ports.ts';

/** The system's clock in milliseconds since the Unix epoch. It may jump; consensus bounds what it believes of it. */
export const systemClock: Clock = { nowMs: () => Date.now() };
