/**
 * Fits the judge's weights: logistic regression by Newton's method on answers to questions of the splits train and tune, templates and
 * people's, in the groups they would come in. Usage: node bench/judge/fit.ts [--knowledge DIR] [--questions DIR]. Writes
 * packages/inference/src/scoring/coefficients.json.
 */
import { writeFile } from 'node:fs/promises';
import { FEATURES } from '../../packages/inference/src/scoring/features.ts';
import { setUp } from './bench.ts';
import { fitLogistic } from './logistic.ts';
import { type Sample, samplesOf } from './samples.ts';
import { auc } from './statistics.ts';

const QUESTIONS = 300;

const { engine, domains } = await setUp();
const samples: Sample[] = [];
for (const open of domains) samples.push(...(await samplesOf(open, 'fit', QUESTIONS)));
await engine.close();

const { bias, weights } = fitLogistic(samples, FEATURES);
const rounded = Object.fromEntries(FEATURES.map((name) => [name, Number(weights[name]!.toFixed(3))]));
const target = new URL('../../packages/inference/src/scoring/coefficients.json', import.meta.url);
await writeFile(target, `${JSON.stringify({ bias: Number(bias.toFixed(3)), weights: rounded }, null, 2)}\n`);

const score = ({ features }: Sample) => FEATURES.reduce((sum, name) => sum + weights[name]! * features[name], bias);
const right = samples.filter(({ truth }) => truth === 1).map(score);
const wrong = samples.filter(({ truth }) => truth === 0).map(score);
console.log(`fitted on ${samples.length} answers; AUC on the same ${auc(right, wrong).toFixed(3)}`, {
  bias,
  ...weights,
});
