/** The network in one glance, on every page: the light with its word, and the numbers behind it. On narrow screens they fold away. */
import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';
import { formatCount, plural } from '../format/numbers.ts';
import { formatAge } from '../format/times.ts';
import { experts, health, isAsked, peers, peersAskedAt, status } from '../live/chain-live.ts';
import { Hemicycle } from '../ui/hemicycle.tsx';
import { Go, pathTo } from '../ui/values.tsx';

export function HealthStrip(): VNode {
  const [isOpen, setOpen] = useState(false);
  const now = status.value;
  const { level, word, sentence, blockAgeMs, seats, signing } = health.value;
  if (!isAsked.value) return <section class="strip strip--unknown" aria-label="Network health" aria-busy="true" />;
  return (
    <section class={`strip strip--${level} ${isOpen ? 'strip--open' : ''}`} aria-label="Network health">
      <div class="strip__verdict">
        <span class={`light light--${level}`} aria-hidden="true" />
        <strong class="strip__word">{word}</strong>
        {level === 'good' ? (
          <span class="visually-hidden">{sentence}</span>
        ) : (
          <span class="strip__sentence" role="status">
            {sentence}
          </span>
        )}
        {now !== null && (
          <button
            type="button"
            class="strip__more"
            aria-expanded={isOpen}
            aria-controls="strip-numbers"
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? 'less' : 'more'}
          </button>
        )}
      </div>
      {now !== null && (
        <dl id="strip-numbers" class="strip__numbers">
          <Figure name="block">
            <Go to={pathTo.block(now.head.height)}>{formatCount(now.head.height)}</Go>
          </Figure>
          <Figure name="final">{formatCount(now.finalized.height)}</Figure>
          <Figure name="last block">{blockAgeMs === null ? '–' : ageText(blockAgeMs)}</Figure>
          <Figure name="signing">
            <Hemicycle
              label={`${signing} of ${plural(seats.length, 'validator')} signing`}
              seats={seats.map(({ operator, state }) => ({ key: operator, state, title: `${operator}: ${state}` }))}
            />
            {signing}/{seats.length}
          </Figure>
          <Figure name="peers">{formatCount(now.peers)}</Figure>
          <Figure name="experts">{expertsText()}</Figure>
          <Figure name="mempool">{formatCount(now.mempoolTransactions)}</Figure>
          <Figure name="heights apart">{skewText()}</Figure>
        </dl>
      )}
    </section>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: ComponentChildren }): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function ageText(ageMs: number): string {
  const age = formatAge(ageMs);
  return age === 'now' ? '< 1 s' : age;
}

/** "3 geology, 2 astronomy". */
function expertsText(): string {
  const active = experts.value.filter((expert) => expert.status === 'active');
  const byDomain = Map.groupBy(active, ({ domain }) => domain);
  if (byDomain.size === 0) return 'none';
  return [...byDomain].map(([domain, members]) => `${members.length} ${domain}`).join(', ');
}

/** How far peers are behind what was the head here when they were asked, at most. */
function skewText(): string {
  const behind = (peers.value ?? []).flatMap((peer) =>
    peer.height === null ? [] : [Math.max(0, peersAskedAt.value - Number(peer.height))],
  );
  return behind.length === 0 ? '–' : String(Math.max(...behind));
}
