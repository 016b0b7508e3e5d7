/**
 * The three listeners of a devnet's events: a person, a program (--json), and the process that waits for --detach.
 * Owns where and how often each writes; banner.ts owns the words.
 */
import { displayPath } from '../settings/paths.ts';
import { cutVisible, note, print, toJson } from '../terminal/output.ts';
import { headingLines, nodeExitedLines, phaseLine, progressLine, readyLines, statusLine } from './banner.ts';
import type { DevnetEvent, PhaseName, Report } from './events.ts';

const STATUS_INTERVAL_MS = 30_000;
const PROGRESS_INTERVAL_MS = 2000;
const CLEAR_LINE = '\r\u001b[2K';

/** For people: on a terminal the last line is redrawn in place; in a pipe the status goes to stderr every 30 s. */
export function humanReporter(stop = 'Ctrl-C'): Report {
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
    // A line that wraps could not be cleared.
    process.stdout.write(`${CLEAR_LINE}${cutVisible(text, (process.stdout.columns ?? 80) - 1)}`);
    redrawn = true;
  };
  return (event) => {
    switch (event.kind) {
      case 'heading':
        return lines(headingLines(event));
      case 'progress':
        if (terminal) return redraw(progressLine(event));
        if (isProgressDue(event.phase !== phase)) note(progressLine(event));
        phase = event.phase;
        return;
      case 'phase':
        return lines([phaseLine(event)]);
      case 'ready':
        return lines(readyLines(event.record, event.elapsedMs, stop));
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

/** For a person who wants to hear only that it is ready, and what goes wrong. */
export function quietReporter(): Report {
  return (event) => {
    if (event.kind === 'ready') print(`Ready: ${event.record.endpoints[0]}`);
    else if (event.kind === 'nodeExited') nodeExitedLines(event).forEach(note);
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
    // The parent may leave at any moment: then nobody waits for the news.
    if (process.connected) process.send?.(event, () => {});
    if (event.kind === 'status' || event.kind === 'progress') return;
    // devnet.json has the record, and is closed to others.
    const line = event.kind === 'ready' ? { kind: event.kind, elapsedMs: event.elapsedMs } : event;
    note(toJson({ time: new Date().toISOString(), ...line }));
  };
}

/** True at the first call and then at most once per interval, unless `now` insists. */
function throttle(intervalMs: number): (insist?: boolean) => boolean {
  let next = 0;
  return (insist = false) => {
    const now = performance.now();
    if (!insist && now < next) return false;
    next = now + intervalMs;
    return true;
  };
}
