/** Where the seats of a half circle are: rows of arcs, filled from one side to the other. Pure geometry. */

export type SeatPlace = {
  /** −1 (left) to 1 (right). */
  readonly x: number;
  /** 0 (floor) to 1 (top). */
  readonly y: number;
  readonly radius: number;
};

/** A bench: the arc that a row of seats stands on. */
export type Bench = { readonly radius: number; readonly width: number };

const INNER = 0.42;
const OUTER = 0.9;
/** Part of its bench's width that a seat takes. */
const SEAT_PART = 0.36;

/** The benches for so many seats, the outermost first. */
export function hemicycleRows(count: number): readonly Bench[] {
  const rows = rowsFor(count);
  if (rows === 1) return [{ radius: 0.82, width: 0.26 }];
  const step = (OUTER - INNER) / (rows - 1);
  return Array.from({ length: rows }, (_, row) => ({ radius: OUTER - row * step, width: step * 0.72 }));
}

/** Places of so many seats, from left to right. */
export function hemicycleSeats(count: number): readonly SeatPlace[] {
  const benches = hemicycleRows(count);
  const lengths = benches.reduce((sum, { radius }) => sum + radius, 0);
  let left = count;
  const places = benches.flatMap(({ radius, width }, row) => {
    const isLast = row === benches.length - 1;
    const wanted = isLast ? left : Math.min(left, Math.round((count * radius) / lengths));
    left -= wanted;
    return seatsOf(radius, Math.min(width * SEAT_PART, (radius * Math.PI * 0.36) / Math.max(1, wanted)), wanted);
  });
  return places.sort((one, other) => other.angle - one.angle).map(({ x, y, size }) => ({ x, y, radius: size }));
}

function rowsFor(count: number): number {
  if (count <= 9) return 1;
  if (count <= 24) return 2;
  if (count <= 48) return 3;
  return Math.min(7, Math.ceil(Math.sqrt(count / 5)));
}

function seatsOf(radius: number, size: number, count: number) {
  return Array.from({ length: count }, (_, index) => {
    const angle = Math.PI * (1 - (index + 0.5) / count);
    return { angle, size, x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
  });
}
