/** Where the values of a sparkline stand. Pure. */

export type SparkBox = {
  readonly most: number;
  readonly width: number;
  readonly height: number;
  readonly inset: number;
};

/** Where each value stands, left to right; the greatest is at the top. */
export function sparkPoints(
  values: readonly number[],
  { most, width, height, inset }: SparkBox,
): readonly { readonly x: number; readonly y: number }[] {
  const step = (width - 2 * inset) / Math.max(1, values.length - 1);
  const round = (value: number) => Math.round(value * 10) / 10;
  return values.map((value, index) => ({
    x: round(inset + index * step),
    y: round(height - inset - (Math.min(most, Math.max(0, value)) / most) * (height - 2 * inset)),
  }));
}
