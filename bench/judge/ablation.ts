/** What each feature is worth: refitted without it, measured on the test side. Owns that table; the shipped weights are fit.ts. */
import { cosine } from '../../packages/inference/src/engine/embedder.ts';
import type { Engine } from '../../packages/inference/src/engine/engine.ts';
import { FEATURES } from '../../packages/inference/src/scoring/features.ts';
import { type OpenDomain, undisturbed } from './bench.ts';
import { fitLogistic } from './logistic.ts';
import { type Sample, samplesOf } from './samples.ts';
import { auc, mean } from './statistics.ts';

const FIT_QUESTIONS = 120;
const TEST_QUESTIONS = 60;
/** Likelihood costs 80–120 ms an answer, so its worth is measured on fewer. */
const LIKELIHOOD_QUESTIONS = 25;

type Rich = Omit<Sample, 'features'> & { readonly features: Readonly<Record<string, number>> };

export async function ablation(
  engine: Engine,
  domains: readonly OpenDomain[],
  { likelihood }: { readonly likelihood: boolean },
) {
  const fitting: Sample[] = [];
  const testing: Sample[] = [];
  for (const open of domains) {
    fitting.push(...(await samplesOf(open, 'fit', likelihood ? LIKELIHOOD_QUESTIONS : FIT_QUESTIONS)));
    testing.push(...(await samplesOf(open, 'test', likelihood ? LIKELIHOOD_QUESTIONS : TEST_QUESTIONS)));
  }
  const names: readonly string[] = FEATURES;
  const table: Record<string, number> = { all: aucWith(fitting, testing, names) };
  for (const name of names) {
    table[`without ${name}`] = aucWith(
      fitting,
      testing,
      names.filter((other) => other !== name),
    );
    table[`${name} alone`] = aucWith(fitting, testing, [name]);
  }
  if (likelihood) {
    const [c, d] = [await withCosine(engine, fitting), await withCosine(engine, testing)];
    table['with cosine'] = aucWith(c, d, [...names, 'cosine']);
    table['cosine alone'] = aucWith(c, d, ['cosine']);
    const [a, b] = [await withLikelihood(engine, fitting), await withLikelihood(engine, testing)];
    table['with likelihood'] = aucWith(a, b, [...names, 'likelihood']);
    table['likelihood alone'] = aucWith(a, b, ['likelihood']);
  }
  console.log('\nAUC on the test side, refitted');
  for (const [name, value] of Object.entries(table)) console.log(`  ${name.padEnd(20)}${value.toFixed(4)}`);
  return table;
}

function aucWith(fitting: readonly Rich[], testing: readonly Rich[], names: readonly string[]): number {
  const { bias, weights } = fitLogistic(fitting, names);
  const score = ({ features }: Rich) => names.reduce((sum, name) => sum + weights[name]! * features[name]!, bias);
  const answerable = testing.filter(({ question }) => question.unanswerable === null);
  const of = (truth: number) => answerable.filter((sample) => sample.truth === truth).map(score);
  return auc(of(1), of(0));
}

/** Cosine of the answer and the judge's best passage. */
async function withCosine(engine: Engine, samples: readonly Sample[]): Promise<Rich[]> {
  const rich: Rich[] = [];
  for (const sample of samples) {
    const [a, b] = await engine.embed([sample.text, sample.top], undisturbed);
    rich.push({ ...sample, features: { ...sample.features, cosine: cosine(a!, b!) } });
  }
  return rich;
}

/** Mean log-probability of the answer's first tokens after the question, in units of 10 nats. */
async function withLikelihood(engine: Engine, samples: readonly Sample[]): Promise<Rich[]> {
  const rich: Rich[] = [];
  for (const sample of samples) {
    const request = { question: sample.question.question, answers: [sample.text], tokensMax: 64, adapter: null };
    const [tokens] = await engine.likelihoods(request, undisturbed);
    const likelihood = tokens!.length === 0 ? -1 : mean(tokens!) / 10;
    rich.push({ ...sample, features: { ...sample.features, likelihood } });
  }
  return rich;
}
