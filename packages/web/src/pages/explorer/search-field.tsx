/** The search field of the explorer and its pages: goes where the thing is, or says why it is nowhere. */
import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { isAbort, type Problem, problemOf } from '../../api/problem.ts';
import { go } from '../../frame/hash-router.ts';
import { Icon } from '../../ui/icon.tsx';
import { Failure } from '../../ui/states.tsx';
import { Go } from '../../ui/values.tsx';
import { type Found, findPlace } from './find.ts';

export function SearchField(): VNode {
  const field = useRef<HTMLInputElement>(null);
  const [found, setFound] = useState<Found | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const asking = useRef<AbortController | null>(null);

  const search = async (event: Event) => {
    event.preventDefault();
    asking.current?.abort();
    const controller = new AbortController();
    asking.current = controller;
    try {
      const result = await findPlace(field.current?.value ?? '', controller.signal);
      setProblem(null);
      setFound(result);
      if (result.kind === 'place') go(result.to);
    } catch (error) {
      if (!isAbort(error) && !controller.signal.aborted) setProblem(problemOf(error));
    }
  };

  return (
    <search class="search">
      <form class="search__form" onSubmit={search}>
        <label class="visually-hidden" for="search">
          Search by height, hash, address or expert
        </label>
        <input
          id="search"
          ref={field}
          class="input search__input"
          type="search"
          data-search
          autocomplete="off"
          spellcheck={false}
          placeholder="Height, hash, address or expert"
          aria-describedby="search-result"
          aria-invalid={found?.kind === 'missing'}
          onInput={() => setFound(null)}
        />
        <button type="submit" class="button">
          <Icon name="search" />
          Search
        </button>
      </form>
      <div id="search-result" class="search__result" role="status">
        {found?.kind === 'missing' && (
          <p>
            <strong>Not found.</strong> {found.why}
          </p>
        )}
        {found?.kind === 'choice' && (
          <p>
            Several experts have that in their name:{' '}
            {found.experts.map(({ name, domain, to }, index) => (
              <span key={to}>
                {index > 0 && ', '}
                <Go to={to}>{name}</Go> <span class="quiet">({domain})</span>
              </span>
            ))}
          </p>
        )}
      </div>
      {problem !== null && <Failure problem={problem} />}
    </search>
  );
}
