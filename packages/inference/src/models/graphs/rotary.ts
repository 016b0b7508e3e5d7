/**
 * Tables of cosines and sines for rotary position embedding. Owns reproducibility: only operations that IEEE 754 rounds
 * in one way (+ − × ÷ √) are used, because the last bits of Math.cos and Math.pow may differ between machines and the
 * tables are part of the hashed weights.
 */

/** π/2 in three parts of which the first two have 33 bits, so that their products with small integers are exact. */
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_MIDDLE = 6.0771005063039e-11;
const HALF_PI_LOW = 2.0222662487959506e-21;

const SERIES_TERMS = 12;

export type RotaryTables = {
  /** [positions, headSize / 2] */
  readonly cos: Float32Array;
  /** [positions, headSize / 2] */
  readonly sin: Float32Array;
};

/** cos and sin of position · theta^(−2i / headSize). `headSize` must be a power of two. */
export function rotaryTables(shape: { positions: number; headSize: number; theta: number }): RotaryTables {
  const half = shape.headSize / 2;
  const frequencies = rotaryFrequencies(half, shape.theta);
  const cos = new Float32Array(shape.positions * half);
  const sin = new Float32Array(shape.positions * half);
  for (let position = 0; position < shape.positions; position++) {
    for (let i = 0; i < half; i++) {
      const at = position * half + i;
      [cos[at], sin[at]] = cosineAndSine(position * frequencies[i]!);
    }
  }
  return { cos, sin };
}

/** theta^(−i / half) for i below `half`, from repeated square roots. */
function rotaryFrequencies(half: number, theta: number): number[] {
  let root = theta;
  for (let power = half; power > 1; power /= 2) root = Math.sqrt(root);
  const frequencies = [1];
  for (let i = 1; i < half; i++) frequencies.push(frequencies[i - 1]! / root);
  return frequencies;
}

/** Cosine and sine of an angle between 0 and about a million, to within a few units of the last place. */
export function cosineAndSine(angle: number): readonly [cos: number, sin: number] {
  const quarters = Math.floor(angle / (HALF_PI_HIGH + HALF_PI_MIDDLE) + 0.5);
  const rest = angle - quarters * HALF_PI_HIGH - quarters * HALF_PI_MIDDLE - quarters * HALF_PI_LOW;
  const cos = alternatingSeries(rest * rest, 0);
  const sin = rest * alternatingSeries(rest * rest, 1);
  switch (quarters % 4) {
    case 0:
      return [cos, sin];
    case 1:
      return [-sin, cos];
    case 2:
      return [-cos, -sin];
    default:
      return [sin, -cos];
  }
}

/** 1 − x/((f+1)(f+2)) + x²/((f+1)…(f+4)) − …, the cosine series for f = 0 and that of sin(r)/r for f = 1. */
function alternatingSeries(square: number, first: 0 | 1): number {
  let sum = 1;
  for (let term = SERIES_TERMS; term > 0; term--) {
    sum = 1 - (sum * square) / ((2 * term - 1 + first) * (2 * term + first));
  }
  return sum;
}
