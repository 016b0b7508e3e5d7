/**
 * Fits the router: multinomial logistic regression on sentence embeddings, names and prototypes, so that equal inputs give equal weights.
 * Usage: node bench/router/fit.ts [--knowledge DIR] [--questions DIR] [--model DIR]. Writes packages/inference/src/routing/coefficients.json.
 */
import { writeFile } from 'node:fs/promises';
import { type ClassifierFile, encodeRow } from '../../packages/inference/src/routing/classifier.ts';
import { encodeNames } from '../../packages/inference/src/routing/name-filter.ts';
import { embedPrompts, options } from './embedding.ts';
import { CLASSES, fittingPrompts, NONE, namesOf } from './prompts.ts';
import { fitRows } from './regression.ts';
import { marksOf, pointsOf, samplesOf } from './samples.ts';

/** Added to the score of none. Chosen on half of the fitting prompts, held out, and on none-tune.txt: above it, domains lose more than none gains. */
const NONE_LEAN = 0.2;

const { questions, knowledge, model } = options();
const prompts = await fittingPrompts({ questions, knowledge });
const vectors = await embedPrompts(model, prompts);
const embedding = vectors[0]!.length;
const names = namesOf(knowledge).map(encodeNames);
const points = pointsOf(prompts, vectors);
const samples = samplesOf(prompts, vectors, marksOf(names, points, embedding));
const file: ClassifierFile = {
  formatVersion: 1,
  classes: [...CLASSES],
  dimensions: samples[0]!.vector.length,
  embedding,
  rows: fitRows(samples, CLASSES.length).map((row, k) => encodeRow(CLASSES[k] === NONE ? lean(row) : row)),
  names,
  points,
};
const target = new URL('../../packages/inference/src/routing/coefficients.json', import.meta.url);
await writeFile(target, `${JSON.stringify(file, null, 2)}\n`);
const counts = CLASSES.map((name) => `${name} ${prompts.filter(({ label }) => label === name).length}`);
console.log(`fitted on ${prompts.length} prompts (${counts.join(', ')})`);

/** The bias stands last. */
function lean(row: readonly number[]): number[] {
  return row.map((weight, i) => (i === row.length - 1 ? weight + NONE_LEAN : weight));
}
