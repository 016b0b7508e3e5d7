/** One question with its answer, as it comes and once it is final. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Problem } from '../../api/problem.ts';
import { formatDuration } from '../../format/times.ts';
import { clock } from '../../live/chain-live.ts';
import { Icon } from '../../ui/icon.tsx';
import { Failure } from '../../ui/states.tsx';
import { TimeAgo } from '../../ui/values.tsx';
import { isRunning, progressText, type Turn } from './course.ts';
import { FinalAnswer } from './final-answer.tsx';
import { forget, stop } from './session.ts';

export function TurnView({ turn }: { readonly turn: Turn }): VNode {
  return (
    <article class={`turn turn--${turn.phase}`} aria-label={`Question: ${turn.prompt.slice(0, 80)}`}>
      <header class="turn__question">
        <h2>{turn.prompt}</h2>
        <p class="turn__meta">
          {turn.account !== null && <span>{turn.account}</span>}
          {turn.isPrivate && (
            <span class="turn__private">
              <Icon name="lock" /> private
            </span>
          )}
          <TimeAgo timeMs={turn.askedAtMs} />
          {!isRunning(turn) && (
            <button
              type="button"
              class="icon-button turn__forget"
              aria-label="Remove from this list"
              title="Remove from this list (the chain forgets nothing)"
              onClick={() => forget(turn.key)}
            >
              <Icon name="cross" />
            </button>
          )}
        </p>
      </header>
      {isRunning(turn) && <Running turn={turn} />}
      {turn.problem !== null && <Failure problem={turn.problem} />}
      {turn.phase === 'failed' && turn.provisional !== '' && <Provisional turn={turn} />}
      {turn.result !== null && <FinalAnswer turn={turn} query={turn.result} />}
    </article>
  );
}

function Provisional({ turn }: { readonly turn: Turn }): VNode {
  const expert = turn.selected.find(({ expert }) => expert === turn.provisionalExpert);
  return (
    <div class="answer answer--provisional">
      <p class="answer__label">
        Provisional{expert === undefined ? '' : `, by ${expert.name}`}: what counts is what the validators find best
      </p>
      <p class="answer__text">
        {turn.provisional}
        {turn.phase === 'answering' && <span class="caret" aria-hidden="true" />}
      </p>
    </div>
  );
}

function Running({ turn }: { readonly turn: Turn }): VNode {
  const [problem, setProblem] = useState<Problem | null>(null);
  const seconds = formatDuration(Math.max(0, clock.value - turn.askedAtMs));
  return (
    <>
      {turn.provisional !== '' && <Provisional turn={turn} />}
      <div class="progress">
        <span class="progress__dots" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
        <span role="status">
          {progressText(turn)}
          {turn.selected.length > 0 && turn.provisional === '' && (
            <span class="progress__who">: {turn.selected.map(({ name }) => name).join(', ')}</span>
          )}
        </span>
        <span class="progress__time">{seconds}</span>
        {turn.queryId !== null && (
          <button
            type="button"
            class="button button--small"
            disabled={turn.isStopping}
            onClick={async () => setProblem(await stop(turn))}
          >
            <Icon name="stop" /> Stop
          </button>
        )}
      </div>
      {problem !== null && <Failure problem={problem} />}
    </>
  );
}
