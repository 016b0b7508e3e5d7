/** A line that tells how far something is: redrawn in place on a terminal, a line now and then elsewhere. Owns where and how often. */
import { cutVisible, note } from './output.ts';

const CLEAR_LINE = '\r\u001b[2K';
const INTERVAL_MS = { terminal: 200, log: 2_000 } as const;

export type ProgressLine = {
  /** Shows it, unless one was shown a moment ago. */
  show(text: string): void;
  /** Clears the line, so that something else can be said. */
  end(): void;
};

/** On standard error. */
export function progressLine(): ProgressLine {
  const { stderr } = process;
  const isTerminal = stderr.isTTY === true && process.env['TERM'] !== 'dumb';
  const intervalMs = isTerminal ? INTERVAL_MS.terminal : INTERVAL_MS.log;
  let shownAtMs = Number.NEGATIVE_INFINITY;
  let isDrawn = false;
  return {
    show(text) {
      const nowMs = performance.now();
      if (nowMs - shownAtMs < intervalMs) return;
      shownAtMs = nowMs;
      if (!isTerminal) return note(text);
      // A line that wraps could not be cleared.
      stderr.write(`${CLEAR_LINE}${cutVisible(text, (stderr.columns ?? 80) - 1)}`);
      isDrawn = true;
    },
    end() {
      if (isDrawn) stderr.write(CLEAR_LINE);
      isDrawn = false;
    },
  };
}
