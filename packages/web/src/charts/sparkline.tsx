/** A line of the last values, as small as a word. Owns the drawing; the figure beside it and its label say the same in numbers. */
import type { VNode } from 'preact';
import './charts.css';
import { sparkPoints } from './spark-points.ts';

const WIDTH = 72;
const HEIGHT = 18;
const INSET = 2;

/** Values from 0 to `most`, the oldest first; with fewer than two there is nothing to draw. */
export function Sparkline({
  values,
  most,
  label,
}: {
  readonly values: readonly number[];
  readonly most: number;
  readonly label: string;
}): VNode | null {
  if (values.length < 2) return null;
  const points = sparkPoints(values, { most, width: WIDTH, height: HEIGHT, inset: INSET });
  const last = points.at(-1);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <polyline points={points.map(({ x, y }) => `${x},${y}`).join(' ')} />
      {last !== undefined && <circle cx={last.x} cy={last.y} r="2" />}
    </svg>
  );
}
