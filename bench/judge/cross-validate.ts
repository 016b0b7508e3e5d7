/**
 * Chooses features, weights and ridge without the split test: questions of train and tune, five folds of entities, each judged by weights
 * that were fitted on the other four. Owns that table and no weights. Attacks are judged and never fitted on.
 * Usage: node bench/judge/cross-validate.ts [--knowledge DIR] [--questions DIR]
 */
import { FEATURES } from '../../packages/inference/src/scoring/features.ts';
import { answerGroup } from './answers.ts';
import type { Attack } from './attacks.ts';
import { questionsOf, setUp } from './bench.ts';
import { fitLogistic } from './logistic.ts';
import { fraction } from './random.ts';
import { measured, type Sample } from './samples.ts';
import { auc } from './statistics.ts';

const QUESTIONS = 120;
const FOLDS = 5;

/** What is said to one question, and the attacks on it, each with the place of its base among the answers. */
type Group = { readonly fold: number; readonly answers: readonly Sample[]; readonly attacks: readonly Attacked[] };
type Attacked = { readonly features: Sample['features']; readonly base: number };
type Choice = { readonly names: readonly string[]; readonly handWeight: number; readonly ridge: number };

const { engine, domains } = await setUp();
const groups: Group[] = [];
for (const open of domains) {
  for (const question of questionsOf(open.domain, 'fit', QUESTIONS, true)) {
    const group = answerGroup(open.domain, question, 'fit');
    if (group === null) continue;
    const texts = group.answers.map(({ text }) => text);
    const told = [...group.answers, ...group.attacks.map(asAnswer)];
    const samples = await measured(open, question, told);
    if (samples.length === 0) continue;
    groups.push({
      fold: Math.floor(FOLDS * fraction(`fold ${question.subject}`)),
      answers: samples.slice(0, texts.length),
      attacks: group.attacks.map(({ base }, i) => ({
        features: samples[texts.length + i]!.features,
        base: texts.indexOf(base),
      })),
    });
  }
}
await engine.close();

const all: Choice = { names: FEATURES, handWeight: 3, ridge: 1 };
console.log(`${groups.length} questions, ${groups.reduce((sum, { attacks }) => sum + attacks.length, 0)} attacks`);
console.log(
  `${'held-out entities'.padEnd(22)}    AUC  people  ${domains.map(({ domain }) => domain.name).join('  ')}  won`,
);
validate('all', all);
for (const name of FEATURES) validate(`without ${name}`, { ...all, names: FEATURES.filter((other) => other !== name) });
for (const handWeight of [0, 1, 10]) validate(`people's × ${handWeight}`, { ...all, handWeight });
for (const ridge of [0.1, 10]) validate(`ridge ${ridge}`, { ...all, ridge });

function asAnswer({ attacked }: Attack) {
  return { kind: 'stuffed', text: attacked, truth: 0 } as const;
}

function validate(label: string, { names, handWeight, ridge }: Choice): void {
  const weigh = (sample: Sample) => ({ ...sample, weight: sample.question.kind === 'hand' ? handWeight : 1 });
  const fitted = Array.from({ length: FOLDS }, (_, fold) => {
    const others = groups.filter((group) => group.fold !== fold);
    return fitLogistic(
      others.flatMap(({ answers }) => answers.map(weigh)),
      names,
      ridge,
    );
  });
  const scored = groups.flatMap((group) => {
    const { bias, weights } = fitted[group.fold]!;
    const score = (features: Sample['features']) =>
      names.reduce((sum, name) => sum + weights[name]! * features[name as keyof typeof features], bias);
    const scores = group.answers.map(({ features }) => score(features));
    const right = scores[0]!;
    const won = group.attacks.filter(({ features, base }) => score(features) >= right && scores[base]! < right);
    return group.answers.map((sample, i) => ({ sample, score: scores[i]!, won: i === 0 ? won.length : 0 }));
  });
  const aucOf = (test: (sample: Sample) => boolean) => {
    const own = scored.filter(({ sample }) => test(sample));
    const of = (truth: number) => own.flatMap(({ sample, score }) => (sample.truth === truth ? [score] : []));
    return auc(of(1), of(0)).toFixed(4);
  };
  const cells = [
    aucOf(() => true),
    aucOf(({ question }) => question.kind === 'hand'),
    ...domains.map(({ domain: { name } }) => aucOf(({ domain }) => domain === name).padEnd(name.length)),
    scored.reduce((sum, { won }) => sum + won, 0),
  ];
  console.log(`${label.padEnd(22)} ${cells.join('  ')}`);
}
