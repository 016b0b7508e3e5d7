/** Where the seats of a half circle are: rows of arcs, filled from one side to the other. Pure geometry. */

export type SeatPlace = {
  /** −1 (left) to 1 (right). */
  readonly x: number;
  /** 0 (floor) to 1 (top). */
  readonly y: number;
  readonly radius: number;
};

const RADIUS_MAX = 0.13;
const INNER = 0.4;

/** Places of `count` seats, by angle from left to right. */
export function hemicycleSeats(count: number): readonly SeatPlace[] {
  if (count <= 0) return [];
  const rows = rowsFor(count);
  const radii = Array.from({ length: rows }, (_, row) => (rows === 1 ? 0.86 : 1 - (row * (1 - INNER)) / (rows - 1)));
  const lengths = radii.reduce((sum, radius) => sum + radius, 0);
  let left = count;
  const places = radii.flatMap((radius, row) => {
    const wanted = row === rows - 1 ? left : Math.min(left, Math.round((count * radius) / lengths));
    left -= wanted;
    return arc(radius, wanted);
  });
  const size = Math.min(RADIUS_MAX, (0.42 * (1 - INNER)) / Math.max(1, rows - 1), 1.15 / (count / rows + 1));
  return places.sort((one, other) => other.angle - one.angle).map(({ x, y }) => ({ x, y, radius: size }));
}

function rowsFor(count: number): number {
  if (count <= 7) return 1;
  if (count <= 18) return 2;
  if (count <= 40) return 3;
  return Math.min(7, Math.ceil(Math.sqrt(count / 4)));
}

function arc(radius: number, count: number): { readonly angle: number; readonly x: number; readonly y: number }[] {
  return Array.from({ length: count }, (_, index) => {
    const angle = count === 1 ? Math.PI / 2 : Math.PI - (Math.PI * index) / (count - 1);
    return { angle, x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
  });
}
