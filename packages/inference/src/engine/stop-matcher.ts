/**
 * Finds stop sequences in streamed text. Owns what may be shown: text that could still become a stop sequence waits.
 */

export type StopMatcher = {
  /** Adds text; returns what is safe to show now, and whether a stop sequence was met (nothing of it is ever shown). */
  push(text: string): { readonly text: string; readonly stopped: boolean };
  /** What was held back, when the answer ends without a stop sequence. */
  flush(): string;
};

export function createStopMatcher(stops: readonly string[]): StopMatcher {
  const sequences = stops.filter((stop) => stop !== '');
  let held = '';
  return {
    push(text) {
      held += text;
      const at = firstMatch(held, sequences);
      const end = at >= 0 ? at : held.length - longestOpenSuffix(held, sequences);
      const shown = held.slice(0, end);
      held = at >= 0 ? '' : held.slice(end);
      return { text: shown, stopped: at >= 0 };
    },
    flush() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

function firstMatch(text: string, sequences: readonly string[]): number {
  const places = sequences.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
}

/** Length of the longest end of `text` with which a stop sequence begins. */
function longestOpenSuffix(text: string, sequences: readonly string[]): number {
  let longest = 0;
  for (const stop of sequences) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}
