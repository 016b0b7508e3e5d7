/**
 * Durations as people write them on the command line: `500ms`, `1s`, `2m`, `12h`, `14d`. Owns parsing and the words.
 */
import { SynodError } from '@synod/chain/errors';

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Whole milliseconds of `500ms`, `1s`, `1.5s`, `2m`, `12h` or `14d`. Throws `DURATION_INVALID`, also outside `minMs` … `maxMs`. */
export function parseDurationMs(text: string, range: { readonly minMs: number; readonly maxMs: number }): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  if (match === null) throw invalid(text, 'is not a duration. Write a number with its unit, e.g. 500ms or 1s');
  const durationMs = Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  if (!Number.isSafeInteger(durationMs)) throw invalid(text, 'is not a whole number of milliseconds');
  if (durationMs < range.minMs || durationMs > range.maxMs) {
    throw invalid(text, `must lie between ${range.minMs}ms and ${range.maxMs}ms`);
  }
  return durationMs;
}

function invalid(text: string, why: string): SynodError {
  return new SynodError('DURATION_INVALID', `"${text}" ${why}.`, { facts: { duration: text } });
}

/** A duration for people, in its two largest units: "42 s", "3 min", "1 h 23 min", "13 d 21 h". */
export function durationText(durationMs: number): string {
  const seconds = Math.ceil(durationMs / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
