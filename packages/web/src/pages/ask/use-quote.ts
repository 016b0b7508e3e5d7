/** The price of a question while it is typed: asked once typing pauses, and no longer of a question that has changed. */
import { useEffect, useState } from 'preact/hooks';
import { callRpc, type Result } from '../../api/client.ts';
import { type Problem, problemOf } from '../../api/problem.ts';
import type { Terms } from './terms.ts';

const PAUSE_MS = 450;

export type QuoteState = {
  readonly quote: Result<'query_quote'> | null;
  readonly problem: Problem | null;
  readonly isAsking: boolean;
};

const none: QuoteState = { quote: null, problem: null, isAsking: false };

/** `when` false: nothing is asked, e.g. because what was typed is no question yet. The last price stays until the next is there. */
export function useQuote(prompt: string, { maxCost: _, ...terms }: Terms, when: boolean): QuoteState {
  const [state, setState] = useState<QuoteState>(none);
  const key = JSON.stringify([prompt.trim(), terms]);
  useEffect(() => {
    if (!when) {
      setState(none);
      return;
    }
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      setState((before) => ({ ...before, isAsking: true }));
      try {
        const quote = await callRpc('query_quote', { prompt, ...terms }, controller.signal);
        setState({ quote, problem: null, isAsking: false });
      } catch (error) {
        if (!controller.signal.aborted) setState({ quote: null, problem: problemOf(error), isAsking: false });
      }
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [key, when]);
  return state;
}
