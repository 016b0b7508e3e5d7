/**
 * Typical prompts of each class as points among the embeddings, and how near a prompt comes to them. Owns their bytes and their making; what
 * nearness is worth is fitted.
 */

/** Nearest points of a class whose cosines are averaged. */
const NEAREST = 3;
/** Rounds of k-means. */
const ROUNDS = 12;

export type Prototypes = readonly (readonly Float32Array[])[];

/** One class: its points as signed bytes, scaled so that the largest component is 127, in base64. */
export function encodePoints(points: readonly Float32Array[]): string {
  const bytes = points.map((point) => {
    const scale = 127 / Math.max(...point.map(Math.abs));
    return Int8Array.from(point, (value) => Math.round(value * scale));
  });
  return Buffer.concat(bytes.map((row) => Buffer.from(row.buffer))).toString('base64');
}

/** Unit vectors again. */
export function decodePoints(text: string, dimensions: number): Float32Array[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: Math.floor(bytes.length / dimensions) }, (_, i) =>
    unit(Float32Array.from({ length: dimensions }, (_, at) => bytes.readInt8(i * dimensions + at))),
  );
}

/** For each class, how much less near it is than the nearest one: 0 for that one, below for the others. */
export function nearness(vector: ArrayLike<number>, prototypes: Prototypes): number[] {
  const means = prototypes.map((points) => {
    const cosines = points.map((point) => dot(point, vector)).toSorted((a, b) => b - a);
    return cosines.slice(0, NEAREST).reduce((sum, value) => sum + value, 0) / NEAREST;
  });
  const nearest = Math.max(...means);
  return means.map((mean) => mean - nearest);
}

/** At most `count` points that stand for the vectors: k-means on the sphere, begun with vectors evenly spread over the list. */
export function summarise(vectors: readonly Float32Array[], count: number): Float32Array[] {
  if (vectors.length <= count) return vectors.map((vector) => Float32Array.from(vector));
  let points = Array.from({ length: count }, (_, i) => vectors[Math.floor((i * vectors.length) / count)]!);
  for (let round = 0; round < ROUNDS; round++) {
    const sums = points.map((point) => new Float32Array(point.length));
    for (const vector of vectors) {
      const sum = sums[nearestOf(vector, points)]!;
      for (let i = 0; i < sum.length; i++) sum[i]! += vector[i]!;
    }
    points = sums.map((sum, i) => (sum.some((value) => value !== 0) ? unit(sum) : points[i]!));
  }
  return points;
}

function nearestOf(vector: Float32Array, points: readonly Float32Array[]): number {
  let best = 0;
  let highest = Number.NEGATIVE_INFINITY;
  for (const [i, point] of points.entries()) {
    const cosine = dot(point, vector);
    if (cosine > highest) [best, highest] = [i, cosine];
  }
  return best;
}

function dot(a: Float32Array, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
