/**
 * A linear classifier over a prompt's embedding, the known names in it and its nearness to typical prompts. Owns its file format and its arithmetic; what was fitted and on
 * what is bench/router/fit.ts.
 */
import { createNameFilter, type NameFilter } from './name-filter.ts';
import { decodePoints, nearness, type Prototypes } from './prototypes.ts';

/** The class of everything else. */
export const NONE = 'none';

export type ClassifierFile = {
  readonly formatVersion: 1;
  /** Domains, and `none` for everything else. */
  readonly classes: readonly string[];
  /** Numbers of an input: the embedding, then three for each filter, then one for each class's prototypes. */
  readonly dimensions: number;
  /** Of them, the embedding's. */
  readonly embedding: number;
  /** One row a class: little-endian float32, `dimensions` weights and a bias, in base64. */
  readonly rows: readonly string[];
  /** Names of each domain (name-filter.ts), in the order of `classes`. */
  readonly names: readonly string[];
  /** Points of each class (prototypes.ts), in the order of `classes`. */
  readonly points: readonly string[];
};

export type Classifier = {
  readonly classes: readonly string[];
  /** Whether any domain has this name. */
  knowsName(name: string): boolean;
  /** Probability of each class, in their order, of a prompt and its embedding. An embedder of another width says nothing: all to `none`. */
  probabilities(prompt: string, vector: Float32Array): number[];
};

export function createClassifier({ classes, dimensions, embedding, rows, names, points }: ClassifierFile): Classifier {
  const weights = rows.map((row) => decodeRow(row, dimensions + 1));
  const marks = { filters: names.map(createNameFilter), prototypes: points.map((one) => decodePoints(one, embedding)) };
  return {
    classes,
    knowsName: (name) => marks.filters.some((filter) => filter.find(name).share === 1),
    probabilities: (prompt, vector) => {
      if (vector.length !== embedding) return classes.map((name) => (name === NONE ? 1 : 0));
      return softmax(weights.map((row) => score(row, inputOf(prompt, vector, marks))));
    },
  };
}

/** What a prompt's embedding is seen beside. */
export type Marks = { readonly filters: readonly NameFilter[]; readonly prototypes: Prototypes };

/** What the weights weigh. */
export function inputOf(prompt: string, vector: Float32Array, { filters, prototypes }: Marks): number[] {
  const hits = filters.map((filter) => filter.find(prompt));
  const near = nearness(vector, prototypes).map((value) => NEARNESS_SCALE * value);
  return [...vector, ...hits.flatMap(marksOfHit), ...near];
}

/** Numbers of an input for each domain's names: the share, the longest name, and whether there is any. */
export const NAMES_SIZE = 3;

function marksOfHit({ share, longest }: { readonly share: number; readonly longest: number }): number[] {
  return [share, Math.min(1, longest / LONG_NAME_WORDS), longest > 0 ? 1 : 0];
}

/** Brings nearness, some tenths at most, to the size of the other numbers. */
const NEARNESS_SCALE = 4;

/** A name of that many words is hardly there by chance. */
const LONG_NAME_WORDS = 3;

/** The row as it stands in the file. */
export function encodeRow(row: readonly number[]): string {
  const bytes = Buffer.alloc(4 * row.length);
  for (const [i, weight] of row.entries()) bytes.writeFloatLE(weight, 4 * i);
  return bytes.toString('base64');
}

function decodeRow(text: string, length: number): number[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length }, (_, i) => bytes.readFloatLE(4 * i));
}

function score(row: readonly number[], input: readonly number[]): number {
  let sum = row[input.length]!;
  for (let i = 0; i < input.length; i++) sum += row[i]! * input[i]!;
  return sum;
}

export function softmax(scores: readonly number[]): number[] {
  const top = Math.max(...scores);
  const powers = scores.map((value) => Math.exp(value - top));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}
