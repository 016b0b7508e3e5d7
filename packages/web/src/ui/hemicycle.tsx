/** The council as seats in a half circle: one dot a member, filled by what it does. The words beside it say the same. */
import type { VNode } from 'preact';
import { hemicycleRows, hemicycleSeats } from './hemicycle-seats.ts';

export type Seat = { readonly key: string; readonly state: string; readonly title: string };

const WIDTH = 100;
const HEIGHT = 56;

export function Hemicycle({ seats, label }: { readonly seats: readonly Seat[]; readonly label: string }): VNode {
  const places = hemicycleSeats(seats.length);
  return (
    <svg class="hemicycle" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {hemicycleRows(seats.length).map(({ radius, width }) => {
        const r = radius * 46;
        const y = HEIGHT - 6;
        const path = `M${WIDTH / 2 - r} ${y}A${r} ${r} 0 0 1 ${WIDTH / 2 + r} ${y}`;
        return <path key={radius} class="bench" d={path} stroke-width={width * 46} />;
      })}
      {seats.map(({ key, state, title }, index) => {
        const seat = places[index] ?? { x: 0, y: 0, radius: 0 };
        return (
          <circle
            key={key}
            class={`seat seat--${state}`}
            cx={WIDTH / 2 + seat.x * 46}
            cy={HEIGHT - 6 - seat.y * 46}
            r={seat.radius * 46}
          >
            <title>{title}</title>
          </circle>
        );
      })}
    </svg>
  );
}
