/** What went wrong, for people: what, why and what to do next, out of any thrown value. Owns the words of the page's own failures. */

export type Problem = {
  /** Stable key, e.g. `INSUFFICIENT_BALANCE`. */
  readonly code: string;
  readonly what: string;
  /** The next step; null where the message says it already. */
  readonly next: string | null;
};

/** Reads a `SynodError` by its shape; anything else is a mistake of the page. */
export function problemOf(error: unknown): Problem {
  const { code, message, facts } = error as { code?: unknown; message?: unknown; facts?: { hint?: unknown } };
  const text = typeof message === 'string' && message !== '' ? message : 'Something failed without saying what.';
  if (code === 'RPC_UNREACHABLE') {
    return {
      code,
      what: 'The node that served this page does not answer.',
      next: 'Start it again with "synod devnet" or "synod start"; the page goes on by itself.',
    };
  }
  if (typeof code !== 'string') {
    return {
      code: 'PAGE_FAILED',
      what: text,
      next: 'Reload the page. If it comes back, the browser console has the details.',
    };
  }
  const hint = facts?.hint;
  return { code, what: text, next: typeof hint === 'string' && hint !== '' && !text.includes(hint) ? hint : null };
}

/** True for a request that was cancelled on purpose. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
