/**
 * What attacks gain when the judge believes wrongly, on the splits train and tune: each question is judged with what was retrieved, with its two best
 * passages in each other's place, and with the best one not found. And what right answers keep that are said as people say them. Owns these two
 * tables; attacks are made in attacks.ts. Usage: node bench/judge/mistaken.ts [--each 20] [--seed 1] [--knowledge DIR] [--questions DIR]
 */
import type { Question } from '../../packages/experts/src/questions/question.ts';
import { type Belief, believe, type Candidate } from '../../packages/inference/src/scoring/belief.ts';
import { normalise } from '../../packages/inference/src/scoring/judge.ts';
import { scoreOf } from '../../packages/inference/src/scoring/score.ts';
import { answerGroup, type Group } from './answers.ts';
import { type Attacked, printWays, successfulOf } from './attack-report.ts';
import { found, type OpenDomain, options, questionsOf, setUp } from './bench.ts';
import { fraction } from './random.ts';
import { auc, mean } from './statistics.ts';

/** Of the attacks on one question, which are hundreds and alike, one in so many is judged. */
const ATTACKS_EVERY = 16;
/** People's questions are few: so many times as many of them. */
const HAND_TIMES = 4;
/** What a judge that lost the right passage still believes of the next one, at least. */
const NEXT_PROBABILITY = 0.7;

/** `{v}` the value, `{p}` the passage, `{s}` the subject, `{a}` another name of it. */
const SHAPES = [
  '{v}. {p}',
  '{v} ({p})',
  '{v}, of course.',
  'In brief, {v}',
  'Easy: {v}!',
  '{s}: {v}',
  '{s} ({a}): {v}',
  '{s}, also known as {a}: {v}',
  'Short answer: {v}. Long answer: {p}',
  'As far as I know it is {v}, but please check this.',
  '"{p}"',
  '{p} That is all I know.',
];

type Told = { readonly belief: Belief; readonly group: Group; readonly believed: readonly Candidate[] };

const { engine, domains } = await setUp();
const attacked = new Map<string, Attacked[]>();
const kept = new Map<string, number[]>();
const [right, wrong]: [number[], number[]] = [[], []];
for (const open of domains) for (const question of sampleOf(open)) await measure(open, question);
await engine.close();
for (const [name, list] of attacked) {
  const gained = list.filter(({ gain }) => gain > 0.01).length;
  console.log(`\n${name}: ${successfulOf(list).length} of ${list.length} won, ${gained} gained more than 1 %`);
  printWays(list);
}
console.log(
  `\nAUC ${auc(right, wrong).toFixed(4)} of ${right.length + wrong.length} answers; mean score of right answers:`,
);
for (const [shape, scores] of kept) console.log(`  ${shape.padEnd(54)} ${mean(scores).toFixed(3)} of ${scores.length}`);

function sampleOf({ domain }: OpenDomain): Question[] {
  const share = (kind: string) => (kind === 'hand' ? HAND_TIMES : 1) / Number(options.each);
  const all = questionsOf(domain, 'fit', domain.questions.length, true);
  return all.filter(({ id, kind }) => fraction(`${options.seed} mistaken ${id}`) < share(kind));
}

async function measure(open: OpenDomain, question: Question): Promise<void> {
  // Another name of the question makes other answers and attacks.
  const group = answerGroup(open.domain, { ...question, id: `${question.id} ${options.seed}` }, 'fit');
  const { knowledge, candidates } = await found(open, question);
  const [first, second, ...rest] = candidates;
  if (group === null || first === undefined || second === undefined) return;
  const beliefs: Record<string, Candidate[]> = {
    'as retrieved': [first, second, ...rest],
    'two best swapped': [
      { ...second, probability: first.probability },
      { ...first, probability: second.probability },
      ...rest,
    ],
    'best one lost': [{ ...second, probability: Math.max(second.probability, NEXT_PROBABILITY) }, ...rest],
  };
  for (const [name, believed] of Object.entries(beliefs)) {
    const belief = believe(question.question, believed, knowledge)!;
    attacked.set(name, [...(attacked.get(name) ?? []), ...attack({ belief, group, believed })]);
    if (name === 'as retrieved') keep(open, question, belief);
    if (name === 'as retrieved')
      for (const { text, truth } of group.answers) (truth === 1 ? right : wrong).push(scoreOf(belief, normalise(text)));
  }
}

/** Scores are compared as they leave the judge, in parts per million. */
function score(belief: Belief, text: string): number {
  return Math.round(1e6 * scoreOf(belief, normalise(text))) / 1e6;
}

function attack({ belief, group, believed }: Told): Attacked[] {
  const { question, id } = group.question;
  const hard = group.hardAttacks(believed.slice(0, 6).map(({ passage }) => passage));
  const chosen = [...group.attacks, ...hard].filter((_, i) => fraction(`${id} attack ${i}`) < 1 / ATTACKS_EVERY);
  const honest = score(belief, group.answers[0]!.text);
  return chosen.map((one) => {
    const [before, after] = [score(belief, one.base), score(belief, one.attacked)];
    return { ...one, question, gain: after - before, beatsRight: after >= honest, baseBeatsRight: before >= honest };
  });
}

function keep({ domain }: OpenDomain, { gold, passage }: Question, belief: Belief): void {
  const fact = domain.byText.get(passage!)!;
  const asksSubject = gold.includes(fact.subject) && !gold.includes(fact.value ?? '');
  const other = domain.aliases[fact.subject]?.[0];
  for (const shape of SHAPES) {
    if ((asksSubject && shape.includes('{s}')) || (other === undefined && shape.includes('{a}'))) continue;
    const parts = { v: asksSubject ? fact.subject : gold[0]!, p: fact.text, s: fact.subject, a: other ?? '' };
    const text = shape.replace(/\{([vpsa])\}/g, (_, name: keyof typeof parts) => parts[name]);
    kept.set(shape, [...(kept.get(shape) ?? []), score(belief, text.charAt(0).toUpperCase() + text.slice(1))]);
  }
}
