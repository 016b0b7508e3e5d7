/**
 * Can the judge tell right from wrong? Ten kinds of answer to questions about entities that nothing was fitted on, questions written by hand
 * included, judged in mixed groups as in production. Truth is 1 when an answer states the value asked for and nothing against it, else 0.
 * Usage: node bench/judge/run.ts [--knowledge DIR] [--questions DIR] [--ablation] [--likelihood]. Writes bench/results/judge.json.
 */
import { createIntentReader } from '../../packages/inference/src/answering/intent.ts';
import { type JudgeKnowledge, type JudgeTools, judge } from '../../packages/inference/src/scoring/judge.ts';
import { quantile, type Row, report } from '../table.ts';
import { ablation } from './ablation.ts';
import { answerGroup, type Group, KINDS, unanswerableGroup } from './answers.ts';
import { type Attacked, attackRows, printWays, successfulOf } from './attack-report.ts';
import { found, type OpenDomain, options, questionsOf, setUp, undisturbed } from './bench.ts';
import { auc, calibrationGap, mean, spearman } from './statistics.ts';

const TEMPLATE_QUESTIONS = 40;
const UNANSWERABLE_QUESTIONS = 30;
/** Of the hard attacks, which are many and alike, one in so many is judged. */
const HARD_EVERY = 8;

type Judged = {
  readonly domain: string;
  readonly questionId: string;
  readonly isHand: boolean;
  readonly kind: string;
  readonly truth: 0 | 1;
  readonly score: number;
  readonly text: string;
};
type Measured = { judged: Judged[]; attacked: Attacked[]; copyLosses: number[]; msPerAnswer: number[] };

type Judging = Omit<JudgeTools, 'knowledge'>;

async function scoresOf(
  judging: Judging,
  { knowledge }: { readonly knowledge: JudgeKnowledge },
  prompt: string,
  answers: readonly string[],
): Promise<number[]> {
  const all: number[] = [];
  for (let at = 0; at < answers.length; at += 16) {
    const scores = await judge({ ...judging, knowledge }, { prompt, answers: answers.slice(at, at + 16) }, undisturbed);
    all.push(...scores.map(({ scorePpm }) => scorePpm / 1_000_000));
  }
  return all;
}

async function measureGroup(judging: Judging, open: OpenDomain, group: Group, into: Measured) {
  const { question, answers } = group;
  const { knowledge, passages } = await found(open, question);
  const texts = answers.map(({ text }) => text);
  const startedMs = performance.now();
  const scores = await scoresOf(judging, open, question.question, texts);
  into.msPerAnswer.push((performance.now() - startedMs) / texts.length);
  answers.forEach(({ kind, truth, text }, i) => {
    const isHand = question.kind === 'hand';
    into.judged.push({
      domain: open.domain.name,
      questionId: question.id,
      isHand,
      kind,
      truth,
      score: scores[i]!,
      text,
    });
  });
  const right = scores[0]!;
  const copies = [texts[0]!, ...texts.slice(2, 5), texts[0]!, texts[0]!, `${texts[0]!} `];
  const [copiedRight] = await scoresOf(judging, { knowledge }, question.question, copies);
  into.copyLosses.push(right - copiedRight!);
  const hard = group.hardAttacks(passages).filter((_, i) => i % HARD_EVERY === 0);
  const attacks = [...group.attacks, ...hard];
  const attackedScores = await scoresOf(
    judging,
    { knowledge },
    question.question,
    attacks.map(({ attacked }) => attacked),
  );
  attacks.forEach((attack, i) => {
    const before = scores[texts.indexOf(attack.base)]!;
    const after = attackedScores[i]!;
    into.attacked.push({
      ...attack,
      question: question.question,
      gain: after - before,
      beatsRight: after >= right,
      baseBeatsRight: before >= right,
    });
  });
}

/** How often a refusal scores highest where nothing is known, and the mean scores. */
async function measureRefusals(judging: Judging, open: OpenDomain) {
  const groups = questionsOf(open.domain, 'test', UNANSWERABLE_QUESTIONS, false).flatMap(
    (question) => unanswerableGroup(open.domain, question, 'test') ?? [],
  );
  const rows: { best: boolean; refusal: number; wrong: number }[] = [];
  for (const { question, answers } of groups) {
    const scores = await scoresOf(
      judging,
      open,
      question.question,
      answers.map(({ text }) => text),
    );
    const [refusal, ...wrong] = scores;
    rows.push({ best: refusal! > Math.max(...wrong), refusal: refusal!, wrong: mean(wrong) });
  }
  return rows;
}

const scoresWhere = (judged: readonly Judged[], test: (item: Judged) => boolean) =>
  judged.filter(test).map(({ score }) => score);
const isTrue = ({ truth }: Judged) => truth === 1;
const aucOf = (judged: readonly Judged[]) =>
  auc(
    scoresWhere(judged, isTrue),
    scoresWhere(judged, (item) => !isTrue(item)),
  );
const aucAgainst = (judged: readonly Judged[], kind: string) =>
  auc(
    scoresWhere(judged, (item) => isTrue(item) && item.kind !== 'copied'),
    scoresWhere(judged, (item) => item.kind === kind && !isTrue(item)),
  );
const three = (value: number) => value.toFixed(3);
const percent = (value: number) => `${(100 * value).toFixed(2)} %`;

const { engine, domains } = await setUp();
const judging: Judging = { engine, intent: createIntentReader(engine.embed) };
const measured: Measured = { judged: [], attacked: [], copyLosses: [], msPerAnswer: [] };
const refusals: { best: boolean; refusal: number; wrong: number }[] = [];
for (const open of domains) {
  const groups = questionsOf(open.domain, 'test', TEMPLATE_QUESTIONS, true).flatMap(
    (question) => answerGroup(open.domain, question, 'test') ?? [],
  );
  for (const group of groups) await measureGroup(judging, open, group, measured);
  refusals.push(...(await measureRefusals(judging, open)));
}
const { judged, attacked, copyLosses, msPerAnswer } = measured;

console.log(`\n${'kind'.padEnd(14)}${'answers'.padStart(8)}${'mean'.padStart(8)}${'AUC against right'.padStart(20)}`);
for (const kind of KINDS) {
  const own = judged.filter((item) => item.kind === kind);
  const isWrong = own.some((item) => !isTrue(item)) && kind !== 'copied';
  const against = isWrong ? three(aucAgainst(judged, kind)) : '';
  console.log(
    `${kind.padEnd(14)}${String(own.length).padStart(8)}${three(mean(own.map(({ score }) => score))).padStart(8)}${against.padStart(20)}`,
  );
}

printWays(attacked);

const scores = judged.map(({ score }) => score);
const truths = judged.map(({ truth }): number => truth);
const share = mean(truths);
const ceiling = Math.sqrt(3 * share * (1 - share));
const rho = spearman(scores, truths);
const total = aucOf(judged);
const field = aucAgainst(judged, 'wrong field');
const hand = judged.filter(({ isHand }) => isHand);
const rows: Row[] = [
  {
    figure: 'answers judged, questions',
    value: `${judged.length}, ${copyLosses.length}`,
    goal: '≥ 600',
    met: judged.length >= 600,
  },
  { figure: 'AUC', value: three(total), goal: '≥ 0.960', met: total >= 0.96 },
  ...domains.map(({ domain: { name } }) => ({
    figure: `  ${name}`,
    value: three(aucOf(judged.filter(({ domain }) => domain === name))),
    goal: '–',
    met: null,
  })),
  ...(hand.length === 0
    ? []
    : [
        {
          figure: '  questions written by hand',
          value: `${three(aucOf(hand))} (${hand.length})`,
          goal: '–',
          met: null,
        },
      ]),
  { figure: 'right against wrong field', value: three(field), goal: '≥ 0.880', met: field >= 0.88 },
  {
    figure: 'Spearman with truth',
    value: `${three(rho)} of a ceiling ${three(ceiling)}`,
    goal: '≥ 0.660',
    met: rho >= 0.66,
  },
  ...attackRows(attacked),
  {
    figure: 'loss of a right answer by copies, largest',
    value: percent(Math.max(...copyLosses)),
    goal: '≤ 1 %',
    met: Math.max(...copyLosses) <= 0.01,
  },
  {
    figure: 'refusal best where nothing is known',
    value:
      refusals.length === 0 ? '–' : `${percent(mean(refusals.map(({ best }) => Number(best))))} of ${refusals.length}`,
    goal: '–',
    met: null,
  },
  { figure: 'calibration gap (10 bins)', value: percent(calibrationGap(scores, truths)), goal: '–', met: null },
  { figure: 'one answer, median', value: `${quantile(msPerAnswer, 0.5).toFixed(1)} ms`, goal: '–', met: null },
];
const without = options.ablation || options.likelihood ? await ablation(engine, domains, options) : {};
await engine.close();
const misjudged = judged.filter(({ truth, score }) => (truth === 1 ? score < 0.3 : score > 0.7));
report('judge', rows, {
  ablation: without,
  refusals: { mean: mean(refusals.map(({ refusal }) => refusal)), wrong: mean(refusals.map(({ wrong }) => wrong)) },
  misjudged,
  successful: successfulOf(attacked),
});
