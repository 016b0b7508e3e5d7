/**
 * Chooses features, weights and ridge without the split test: questions of train and tune, five folds of entities, each judged by weights
 * that were fitted on the other four. Owns that table and no weights. Attacks are judged and never fitted on. The table is of the features alone;
 * what the rule of judging §6.3 makes of the first row, and of the hard attacks, stands below it.
 * Usage: node bench/judge/cross-validate.ts [--knowledge DIR] [--questions DIR]
 */
import { type Belief, believe } from '../../packages/inference/src/scoring/belief.ts';
import { FEATURES, type Features } from '../../packages/inference/src/scoring/features.ts';
import { normalise } from '../../packages/inference/src/scoring/judge.ts';
import { scoreOf } from '../../packages/inference/src/scoring/score.ts';
import { answerGroup } from './answers.ts';
import { type Attack, isPlain, WAYS } from './attacks.ts';
import { found, questionsOf, setUp } from './bench.ts';
import { fitLogistic } from './logistic.ts';
import { fraction } from './random.ts';
import { measured, type Sample } from './samples.ts';
import { auc } from './statistics.ts';

const QUESTIONS = 120;
const FOLDS = 5;
/** Of the hard attacks, which are many and alike, one in so many is judged. */
const HARD_EVERY = 16;

/** What is said to one question, and the attacks on it, each with the place of its base among the answers. */
type Group = {
  readonly fold: number;
  readonly answers: readonly Sample[];
  readonly attacks: readonly Attacked[];
  readonly belief: Belief;
  readonly told: readonly Attack[];
};
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
    const { knowledge, candidates, passages } = await found(open, question);
    const belief = believe(question.question, candidates, knowledge);
    if (samples.length === 0 || belief === null) continue;
    const hard = group.hardAttacks(passages).filter((_, i) => i % HARD_EVERY === 0);
    groups.push({
      fold: Math.floor(FOLDS * fraction(`fold ${question.subject}`)),
      answers: samples.slice(0, texts.length),
      attacks: group.attacks.map(({ base }, i) => ({
        features: samples[texts.length + i]!.features,
        base: texts.indexOf(base),
      })),
      belief,
      told: [...group.attacks, ...hard],
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
validateWhole(all);

function asAnswer({ attacked }: Attack) {
  return { kind: 'stuffed', text: attacked, truth: 0 } as const;
}

function fitFolds({ names, handWeight, ridge }: Choice) {
  const weigh = (sample: Sample) => ({ ...sample, weight: sample.question.kind === 'hand' ? handWeight : 1 });
  return Array.from({ length: FOLDS }, (_, fold) => {
    const others = groups.filter((group) => group.fold !== fold);
    return fitLogistic(
      others.flatMap(({ answers }) => answers.map(weigh)),
      names,
      ridge,
    );
  });
}

/** The whole judge: AUC, and of each way of attacking how many attacks won. */
function validateWhole(choice: Choice): void {
  const fitted = fitFolds(choice);
  const right: number[] = [];
  const wrong: number[] = [];
  const won = new Map<string, { count: number; of: number }>();
  for (const { fold, answers, belief, told } of groups) {
    const { bias, weights } = fitted[fold]!;
    const score = (text: string) => scoreOf(belief, normalise(text), { bias, weights: weights as Features });
    const scores = answers.map(({ text }) => score(text));
    answers.forEach(({ truth }, i) => {
      (truth === 1 ? right : wrong).push(scores[i]!);
    });
    const baseScores = new Map(answers.map(({ text }, i) => [text, scores[i]!]));
    for (const { way, base, attacked } of told) {
      const entry = won.get(way) ?? { count: 0, of: 0 };
      const isWon = baseScores.get(base)! < scores[0]! && score(attacked) >= scores[0]!;
      won.set(way, { count: entry.count + Number(isWon), of: entry.of + 1 });
    }
  }
  console.log(`the whole judge: AUC ${auc(right, wrong).toFixed(4)}; won:`);
  for (const way of WAYS) {
    const { count, of } = won.get(way) ?? { count: 0, of: 0 };
    console.log(`  ${(isPlain({ way }) ? way : `hard: ${way}`).padEnd(20)} ${count} of ${of}`);
  }
}

function validate(label: string, choice: Choice): void {
  const { names } = choice;
  const fitted = fitFolds(choice);
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
