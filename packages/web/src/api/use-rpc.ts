/**
 * Data of one method for one component: loads, says how loading stands, and loads again on demand or at an interval while the page
 * is visible. What comes back is kept while a fresh answer is on its way, so that nothing flickers.
 */
import type { RpcMethodMap, RpcMethodName } from '@synod/rpc/client';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { callRpc, type Result } from './client.ts';
import { isAbort, type Problem, problemOf } from './problem.ts';

export type Loaded<T> = {
  readonly data: T | null;
  readonly problem: Problem | null;
  /** True until the first answer. */
  readonly loading: boolean;
  readonly reload: () => void;
};

export type UseOptions = {
  /** Loads again this often; 0 or absent: never by itself. */
  readonly everyMs?: number;
  /** False: nothing is asked yet. */
  readonly when?: boolean;
};

/** Calls a method with parameters; a change of either starts anew and cancels what was under way. */
export function useRpc<Name extends RpcMethodName>(
  name: Name,
  params: RpcMethodMap[Name]['params'],
  options: UseOptions = {},
): Loaded<Result<Name>> {
  const key = JSON.stringify([name, params]);
  return useLoad((signal) => callRpc(name, params, signal), key, options);
}

/** The same for anything that loads by several calls; `key` tells when it is another thing. */
export function useLoad<T>(
  load: (signal: AbortSignal) => Promise<T>,
  key: string,
  { everyMs = 0, when = true }: UseOptions = {},
): Loaded<T> {
  const [state, setState] = useState<{ key: string; data: T | null; problem: Problem | null }>({
    key: '',
    data: null,
    problem: null,
  });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const reload = useCallback(() => setTurn((value) => value + 1), []);
  const isUnderWay = useRef(false);

  useEffect(() => {
    if (!when) return;
    const controller = new AbortController();
    isUnderWay.current = true;
    latest.current(controller.signal).then(
      (data) => {
        if (!controller.signal.aborted) isUnderWay.current = false;
        setState({ key, data, problem: null });
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        isUnderWay.current = false;
        if (isAbort(error)) return;
        setState((before) => ({ key, data: before.key === key ? before.data : null, problem: problemOf(error) }));
      },
    );
    return () => controller.abort();
  }, [key, turn, when]);

  useEffect(() => {
    if (everyMs <= 0 || !when) return;
    // A node slower than the interval is waited for: asking anew would cancel its answer every time.
    const again = () => document.visibilityState === 'visible' && !isUnderWay.current && reload();
    const timer = setInterval(again, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, when, reload]);

  const current = state.key === key;
  return {
    data: current ? state.data : null,
    problem: current ? state.problem : null,
    loading: !current || (state.data === null && state.problem === null),
    reload,
  };
}
