/**
 * The three listeners of a devnet's events: a person, a program (--json), and the process that waits for --detach.
 * Owns where and how often each writes; banner.ts owns the words.
 */
import pc from 'picocolors';
import { displayPath } from '../settings/paths.ts';
import { note, print, toJson } from '../terminal/output.ts';
import { headingLines, nodeExitedLines, phaseLine, progressLine, readyLines, statusLine } from './banner.ts';
import type { DevnetEvent, PhaseName, Report } from './events.ts';

const STATUS_INTERVAL_MS = 30_000;
const PROGRESS_INTERVAL_MS = 2000;
const CLEAR_LINE = '\r\u001b[2K';

/** For people: on a terminal the last line is redrawn in place; in a pipe the status goes to stderr every 30 s. */
export function humanReporter(): Report {
  const terminal = process.stdout.isTTY === true && process.env['TERM'] !== 'dumb';
  const isStatusDue = throttle(STATUS_INTERVAL_MS);
  const isProgressDue = throttle(PROGRESS_INTERVAL_MS);
  let phase: PhaseName | null = null;
  let redrawn = false;
  const lines = (texts: readonly string[]) => {
    if (redrawn) process.stdout.write(CLEAR_LINE);
    redrawn = false;
    for (const text of texts) print(text);
  };
  const redraw = (text: string) => {
    process.stdout.write(`${CLEAR_LINE}${text.slice(0, visibleWidth(text))}${pc.reset('')}`);
    redrawn = true;
  };
  return (event) => {
    switch (event.kind) {
      case 'heading':
        return lines(headingLines(event));
      case 'progress':
        if (terminal) return redraw(progressLine(event));
        if (phase !== event.phase || isProgressDue()) note(progressLine(event));
        phase = event.phase;
        return;
      case 'phase':
        return lines([phaseLine(event)]);
      case 'ready':
        return lines(readyLines(event.record, event.elapsedMs));
      case 'status':
        if (terminal) return redraw(statusLine(event.status));
        if (isStatusDue()) note(statusLine(event.status));
        return;
      case 'nodeExited':
        if (redrawn) lines([]);
        return nodeExitedLines(event).forEach(note);
      case 'nodeStarted':
        return lines([`✔ ${event.node} runs again (process ${event.pid})`]);
      case 'stopping':
        return lines(['', 'Stopping …']);
      case 'stopped':
        return lines([`Stopped. Everything is kept in ${displayPath(event.dataDir)}`]);
    }
  };
}

/** For programs: exactly one object on stdout, when ready; everything else as NDJSON on stderr. */
export function jsonReporter(): Report {
  const isStatusDue = throttle(STATUS_INTERVAL_MS);
  const isProgressDue = throttle(PROGRESS_INTERVAL_MS);
  return (event) => {
    if (event.kind === 'ready') print(toJson(readyObject(event)));
    else if (event.kind === 'status' ? isStatusDue() : event.kind === 'progress' ? isProgressDue() : true)
      note(toJson(event));
  };
}

/** The ready object: devnet.json with the time it took. */
export function readyObject(event: Extract<DevnetEvent, { kind: 'ready' }>): object {
  return { ...event.record, readyMs: Math.round(event.elapsedMs) };
}

/** For --detach: to the waiting parent while it listens; the supervisor's log has everything but the status. */
export function detachedReporter(): Report {
  return (event) => {
    if (process.connected) process.send?.(event);
    if (event.kind !== 'status' && event.kind !== 'progress')
      note(toJson({ time: new Date().toISOString(), ...event }));
  };
}

/** True at the first call and then at most once per interval. */
function throttle(intervalMs: number): () => boolean {
  let next = 0;
  return () => {
    const now = performance.now();
    if (now < next) return false;
    next = now + intervalMs;
    return true;
  };
}

/** A redrawn line must not wrap, or it could not be cleared; colour codes make the cut a little early. */
function visibleWidth(text: string): number {
  const columns = process.stdout.columns ?? 80;
  return text.length <= columns ? text.length : columns - 1;
}
