/**
 * A linear classifier over sentence embeddings. Owns its file format and its arithmetic; what was fitted and on what is
 * bench/router/fit.ts.
 */

export type ClassifierFile = {
  readonly formatVersion: 1;
  /** Domains, and `none` for everything else. */
  readonly classes: readonly string[];
  readonly dimensions: number;
  /** One row a class: little-endian float32, `dimensions` weights and a bias, in base64. */
  readonly rows: readonly string[];
};

export type Classifier = {
  readonly classes: readonly string[];
  /** Probability of each class, in their order. */
  probabilities(vector: Float32Array): number[];
};

export function createClassifier({ classes, dimensions, rows }: ClassifierFile): Classifier {
  const weights = rows.map((row) => decodeRow(row, dimensions + 1));
  return { classes, probabilities: (vector) => softmax(weights.map((row) => score(row, vector))) };
}

/** The row as it stands in the file. */
export function encodeRow(row: readonly number[]): string {
  const bytes = Buffer.alloc(4 * row.length);
  row.forEach((weight, i) => bytes.writeFloatLE(weight, 4 * i));
  return bytes.toString('base64');
}

function decodeRow(text: string, length: number): number[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length }, (_, i) => bytes.readFloatLE(4 * i));
}

function score(row: readonly number[], vector: Float32Array): number {
  let sum = row[vector.length]!;
  for (let i = 0; i < vector.length; i++) sum += row[i]! * vector[i]!;
  return sum;
}

export function softmax(scores: readonly number[]): number[] {
  const top = Math.max(...scores);
  const powers = scores.map((value) => Math.exp(value - top));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}
