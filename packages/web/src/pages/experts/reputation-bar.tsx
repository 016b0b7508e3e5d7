/** A mean with its deviation: the figure, and a bar on which the possible range is shaded. */
import type { VNode } from 'preact';
import { barOf } from './expert-model.ts';

/** Millionths. */
export function ReputationBar({ mean, deviation }: { readonly mean: number; readonly deviation: number }): VNode {
  const { from, to, at } = barOf(mean, deviation);
  return (
    <span class="reputation">
      <span class="reputation__figure">
        {decimals(mean)} <span class="unit">± {decimals(deviation)}</span>
      </span>
      <svg class="reputation__bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect class="reputation__ground" x="0" y="3" width="100" height="2" />
        <rect class="reputation__range" x={from} y="1" width={Math.max(1, to - from)} height="6" />
        <rect class="reputation__mean" x={Math.min(98.5, at)} y="0" width="1.5" height="8" />
      </svg>
    </span>
  );
}

function decimals(ppm: number): string {
  return (ppm / 1_000_000).toFixed(3);
}
