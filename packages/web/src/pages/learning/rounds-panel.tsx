/** Training rounds under way: which phase, how much of it is in, and by which block it ends. */
import type { VNode } from 'preact';
import type { Round } from '../../api/rpc-types.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { experts, height } from '../../live/chain-live.ts';
import { Badge, Panel } from '../../ui/panel.tsx';
import { Go, Hash, pathTo } from '../../ui/values.tsx';
import { blocksLeft, phaseLines } from './round-model.ts';

export function Rounds({ rounds }: { readonly rounds: readonly Round[] }): VNode {
  return (
    <Panel title="Rounds under way">
      {rounds.length === 0 ? (
        <p class="quiet">None at present. One begins when enough feedback is in, or at the end of an epoch.</p>
      ) : (
        rounds.map((round) => <OneRound key={round.round} round={round} />)
      )}
    </Panel>
  );
}

function OneRound({ round }: { readonly round: Round }): VNode {
  const names = new Map(experts.value.map(({ address, name }) => [address, name]));
  return (
    <article class="round">
      <p>
        Round <Hash text={round.round} what="round id" /> on {plural(round.items.length, 'feedback', 'feedback')}, from{' '}
        {round.base === 0 ? 'what experts were registered with' : `version ${round.base}`}
      </p>
      <ol class="phases">
        {phaseLines(round).map(({ name, state, count }) => (
          <li
            key={name}
            class={`phases__one phases__one--${state}`}
            aria-current={state === 'now' ? 'step' : undefined}
          >
            <span>{name}</span>
            {count !== null && (
              <>
                <progress max={count.of} value={count.got} aria-label={`${count.got} of ${count.of} ${count.what}`} />
                <span class="unit">
                  {count.got} of {count.of} {count.what}
                </span>
              </>
            )}
          </li>
        ))}
      </ol>
      <p class="quiet">
        This phase ends by block {formatCount(round.deadline)}, in {plural(blocksLeft(round, height.value), 'block')} at
        most.
      </p>
      {round.trainers.length > 0 && (
        <ul class="trainers">
          {round.trainers.map(({ expert, hasCommitted, delta }) => (
            <li key={expert}>
              <Go to={pathTo.expert(expert)}>{names.get(expert) ?? expert}</Go>{' '}
              <Badge tone={delta !== null ? 'good' : hasCommitted ? 'accent' : 'quiet'}>
                {delta !== null ? 'delta open' : hasCommitted ? 'trained' : 'training'}
              </Badge>
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}
