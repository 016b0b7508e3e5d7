/**
 * What do malicious respondents cost? Panels of ten answer recorded questions through the chain; two or four of them, drawn anew for each
 * question, are replaced by liars of one kind. The market delivers the best-scored group; beside it a majority vote over equal texts and a
 * plain debate: the bare model reads all ten answers and writes the last word (recorded by record-debate.ts).
 * Usage: node bench/market/malicious.ts [--runs 3]. Writes bench/results/market-malicious.json.
 */
import { parseArgs } from 'node:util';
import { normalWords } from '../../packages/experts/src/questions/scoring.ts';
import { type Row, report } from '../table.ts';
import { readDebates } from './debate.ts';
import { MarketRun } from './market-run.ts';
import { KINDS, type Kind, MALICIOUS, PANEL, panelFor } from './panels.ts';
import type { RecordedAnswer, RecordedQuestion } from './recording.ts';
import { answerBy, deliveredAnswer, expertOf, loadRecordings, recordedScript, SCORERS } from './replay.ts';
import { shuffled } from './shuffle.ts';

const LOSS_MAX: Readonly<Record<number, number>> = { 2: 0.02, 4: 0.04 };

const { values } = parseArgs({ options: { runs: { type: 'string', default: '3' } } });
const recordings = loadRecordings();
const domains = [...new Set(recordings.questions.map(({ domain }) => domain))];

type Quality = { readonly market: number; readonly majority: number; readonly questions: number };

/** Share of right answers. One seed draws panels, order and beacons. */
function measure(kind: Kind, bad: number, seed: string): Quality {
  const roles = new Map<string, string>();
  const seats = domains.flatMap((domain) =>
    PANEL.map((_, seat) => expertOf(recordings, `${domain}-seat-${seat}`, domain)),
  );
  const params = { respondentsMax: PANEL.length };
  const run = new MarketRun({ seed, scorers: SCORERS, experts: seats, params }, recordedScript(recordings, roles));
  let [market, majority] = [0, 0];
  for (const question of shuffled(recordings.questions, seed)) {
    const panel = panelFor(question, { kind, bad, seed });
    panel.forEach((plays, seat) => {
      roles.set(`${question.domain}-seat-${seat}`, plays);
    });
    const { domain, question: prompt } = question;
    const receipt = run.ask({ prompt, domain, respondents: PANEL.length, maxFee: 10_000_000_000n });
    market += Number(deliveredAnswer(receipt, question)?.contains ?? false);
    majority += Number(byMajority(question, panel).contains);
  }
  const questions = recordings.questions.length;
  return { market: market / questions, majority: majority / questions, questions };
}

/** The answer most of the panel gave, word for word; of equals the first. */
function byMajority(question: RecordedQuestion, panel: readonly string[]): RecordedAnswer {
  const answers = panel.map((name) => answerBy(question, name));
  const camps = Map.groupBy(answers, ({ text }) => normalWords(text).join(' '));
  return [...camps.values()].reduce((best, camp) => (camp.length > best.length ? camp : best))[0]!;
}

function averaged(kind: Kind, bad: number): Quality {
  const all = Array.from({ length: Number(values.runs) }, (_, i) => measure(kind, bad, `malicious ${i}`));
  const mean = (of: (one: Quality) => number) => all.reduce((sum, one) => sum + of(one), 0) / all.length;
  return {
    market: mean(({ market }) => market),
    majority: mean(({ majority }) => majority),
    questions: all[0]!.questions,
  };
}

/** A dash where no debate was recorded. */
const points = (value: number) => (Number.isNaN(value) ? '–' : (100 * value).toFixed(1));
const honest = averaged('liars', 0);
const debates = readDebates();
const debateQuality = (kind: Kind, bad: number) => {
  const own = debates.filter((one) => (bad === 0 ? one.bad === 0 : one.kind === kind && one.bad === bad));
  return own.length === 0 ? Number.NaN : own.filter(({ contains }) => contains).length / own.length;
};
const rows: Row[] = [
  {
    figure: 'ten honest: market / majority / debate, right',
    value: `${points(honest.market)} / ${points(honest.majority)} / ${points(debateQuality('liars', 0))} %`,
    goal: '–',
    met: null,
  },
];
const details: Record<string, unknown> = { honest };
for (const bad of MALICIOUS) {
  let worst = 0;
  for (const kind of KINDS) {
    const quality = averaged(kind, bad);
    const loss = honest.market - quality.market;
    worst = Math.max(worst, loss);
    const debate = debateQuality(kind, bad);
    const others = `majority ${points(honest.majority - quality.majority)}, debate ${points(debateQuality(kind, 0) - debate)}`;
    rows.push({
      figure: `${bad} of ${PANEL.length} ${kind}: points lost`,
      value: `market ${points(loss)}, ${others}`,
      goal: `≤ ${points(LOSS_MAX[bad]!)}`,
      met: loss <= LOSS_MAX[bad]!,
    });
    details[`${bad} ${kind}`] = { ...quality, debate };
  }
  rows.push({
    figure: `${bad} of ${PANEL.length} malicious, worst kind: points lost`,
    value: points(worst),
    goal: `≤ ${points(LOSS_MAX[bad]!)}`,
    met: worst <= LOSS_MAX[bad]!,
  });
}
report('market-malicious', rows, {
  panel: PANEL,
  questions: recordings.questions.length,
  runs: Number(values.runs),
  ...details,
});
