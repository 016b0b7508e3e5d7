/**
 * Fits the router: multinomial logistic regression on sentence embeddings, full batches, from zero, so that equal inputs give equal weights.
 * Usage: node bench/router/fit.ts [--knowledge DIR] [--questions DIR] [--model DIR]. Writes packages/inference/src/routing/coefficients.json.
 */
import { writeFile } from 'node:fs/promises';
import { type ClassifierFile, encodeRow, inputOf, softmax } from '../../packages/inference/src/routing/classifier.ts';
import { createNameFilter, encodeNames } from '../../packages/inference/src/routing/name-filter.ts';
import { decodePoints, encodePoints, summarise } from '../../packages/inference/src/routing/prototypes.ts';
import { shorten } from '../../packages/inference/src/routing/shorten.ts';
import { embedPrompts, options } from './embedding.ts';
import { CLASSES, fittingPrompts, namesOf } from './prompts.ts';

const STEPS = 200;
const RATE = 0.1;
/** Weight of the squared weights, and of a class's share: every class counts alike. */
const DECAY = 1e-4;
/** Label noise that keeps the router from being certain. */
const SMOOTHING = 0.02;

/** Weight of prompts with their names against the same without. */
const NAMED_SHARE = 0.75;
/** Prototypes a class. */
const POINTS = 64;

type Sample = { readonly vector: readonly number[]; readonly label: number; readonly weight: number };

function fit(samples: readonly Sample[], dimensions: number): number[][] {
  const rows = CLASSES.map(() => new Float64Array(dimensions + 1));
  const [first, second] = [0, 1].map(() => rows.map(() => new Float64Array(dimensions + 1)));
  for (let step = 1; step <= STEPS; step++) {
    const gradients = gradientsOf(samples, rows, dimensions);
    for (const [k, row] of rows.entries()) adam(row, gradients[k]!, first![k]!, second![k]!, step);
  }
  return rows.map((row) => [...row]);
}

function gradientsOf(samples: readonly Sample[], rows: readonly Float64Array[], dimensions: number): Float64Array[] {
  const gradients = rows.map((row) => row.map((weight, i) => (i === dimensions ? 0 : DECAY * weight)));
  for (const { vector, label, weight } of samples) {
    const scores = rows.map((row) => row[dimensions]! + vector.reduce((sum, value, i) => sum + value * row[i]!, 0));
    softmax(scores).forEach((probability, k) => {
      const target = k === label ? 1 - SMOOTHING : SMOOTHING / (rows.length - 1);
      const error = weight * (probability - target);
      const gradient = gradients[k]!;
      for (let i = 0; i < dimensions; i++) gradient[i]! += error * vector[i]!;
      gradient[dimensions]! += error;
    });
  }
  return gradients;
}

function adam(
  row: Float64Array,
  gradient: Float64Array,
  first: Float64Array,
  second: Float64Array,
  step: number,
): void {
  for (let i = 0; i < row.length; i++) {
    first[i] = 0.9 * first[i]! + 0.1 * gradient[i]!;
    second[i] = 0.999 * second[i]! + 0.001 * gradient[i]! ** 2;
    row[i]! -= (RATE * (first[i]! / (1 - 0.9 ** step))) / (Math.sqrt(second[i]! / (1 - 0.999 ** step)) + 1e-8);
  }
}

const { questions, knowledge, model } = options();
const prompts = await fittingPrompts({ questions, knowledge });
const vectors = await embedPrompts(model, prompts);
const names = namesOf(knowledge).map(encodeNames);
const points = CLASSES.map((name) =>
  encodePoints(
    summarise(
      vectors.filter((_, i) => prompts[i]!.label === name),
      POINTS,
    ),
  ),
);
const width = vectors[0]!.length;
const marks = { filters: names.map(createNameFilter), prototypes: points.map((one) => decodePoints(one, width)) };
const counts = CLASSES.map((name) => prompts.filter(({ label }) => label === name).length);
const samples = prompts.flatMap(({ text, label, origin }, i): Sample[] => {
  const k = CLASSES.indexOf(label as (typeof CLASSES)[number]);
  // What people might write counts more than what templates fill in; every class counts alike in the sum.
  const weight = (origin === 'template' || origin === 'passage' ? 1 : 2) / (counts[k]! * CLASSES.length);
  const vector = inputOf(shorten(text), vectors[i]!, marks);
  // Once as it is and once as if its names were unknown: the router must not lean on names alone.
  const nameless = vector.map((value, at) => (at < width || at >= width + 2 * names.length ? value : 0));
  return [
    { vector, label: k, weight: NAMED_SHARE * weight },
    { vector: nameless, label: k, weight: (1 - NAMED_SHARE) * weight },
  ];
});
const dimensions = samples[0]!.vector.length;
const rows = fit(samples, dimensions).map(encodeRow);
const file: ClassifierFile = {
  formatVersion: 1,
  classes: [...CLASSES],
  dimensions,
  embedding: width,
  rows,
  names,
  points,
};
const target = new URL('../../packages/inference/src/routing/coefficients.json', import.meta.url);
await writeFile(target, `${JSON.stringify(file, null, 2)}\n`);
console.log(`fitted on ${prompts.length} prompts (${CLASSES.map((name, k) => `${name} ${counts[k]}`).join(', ')})`);
