/** What stands in the place of data: loading, nothing there, and failures with what, why and what to do next. */
import type { ComponentChildren, VNode } from 'preact';
import type { Problem } from '../api/problem.ts';
import type { Loaded } from '../api/use-rpc.ts';

/** Grey lines where data will be. */
export function Loading({ lines = 3, what }: { readonly lines?: number; readonly what: string }): VNode {
  return (
    <div class="loading" role="status" aria-label={`Loading ${what}`}>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} class="loading__line" />
      ))}
    </div>
  );
}

/** Nothing there, and how something would come. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }): VNode {
  return (
    <div class="empty">
      <p class="empty__title">{title}</p>
      {children !== undefined && <div class="empty__text">{children}</div>}
    </div>
  );
}

export function Failure({ problem, onRetry }: { readonly problem: Problem; readonly onRetry?: () => void }): VNode {
  return (
    <div class="failure" role="alert">
      <p class="failure__what">{problem.what}</p>
      {problem.next !== null && <p class="failure__next">{problem.next}</p>}
      <p class="failure__foot">
        <code>{problem.code}</code>
        {onRetry !== undefined && (
          <button type="button" class="button button--small" onClick={onRetry}>
            Try again
          </button>
        )}
      </p>
    </div>
  );
}

/** Shows what was loaded, or how loading stands. A failure after the first answer stands above the data that is still there. */
export function Show<T>(props: {
  readonly of: Loaded<T>;
  readonly what: string;
  readonly lines?: number;
  readonly children: (data: T) => ComponentChildren;
}): VNode {
  const { of, what, lines, children } = props;
  return (
    <>
      {of.problem !== null && <Failure problem={of.problem} onRetry={of.reload} />}
      {of.loading && <Loading what={what} {...(lines === undefined ? {} : { lines })} />}
      {of.data !== null && children(of.data)}
    </>
  );
}
