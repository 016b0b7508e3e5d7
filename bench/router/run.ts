/**
 * Does the router send prompts where they belong? Five classes, on questions about entities and in phrasings that nothing was fitted on,
 * questions written by hand, everyday prompts on topics of their own and MMLU subjects far from every domain.
 * Usage: node bench/router/run.ts [--questions DIR] [--model DIR] [--wrong]. Writes bench/results/router.json.
 */
import { openEmbedder } from '../../packages/inference/src/engine/embedder.ts';
import { readManifest } from '../../packages/inference/src/models/store/manifest-file.ts';
import { type Route, route } from '../../packages/inference/src/routing/router.ts';
import { quantile, type Row, report } from '../table.ts';
import { modelDirectory, options, undisturbed } from './embedding.ts';
import { mmluPrompts } from './mmlu.ts';
import { CLASSES, measuringPrompts, NONE, type Prompt, triedPrompts } from './prompts.ts';

type Routed = Prompt & {
  readonly route: Route;
  readonly chosen: string;
  readonly confidence: number;
  readonly ms: number;
};

const { questions, model, showWrong } = options();
const directory = await modelDirectory(model);
const embedder = await openEmbedder(directory, (await readManifest(directory)).embedder);

async function routeAll(prompts: readonly Prompt[]): Promise<Routed[]> {
  const routed: Routed[] = [];
  for (const prompt of prompts) {
    const startedMs = performance.now();
    const decision = await route(embedder.embed, prompt.text, undisturbed);
    const ms = performance.now() - startedMs;
    const none = 1_000_000 - decision.probabilities.reduce((sum, { ppm }) => sum + ppm, 0);
    const confidence = (decision.domain === null ? none : decision.probabilities[0]!.ppm) / 1_000_000;
    routed.push({ ...prompt, route: decision, chosen: decision.domain ?? NONE, confidence, ms });
  }
  return routed;
}

const share = (items: readonly Routed[]): number => items.filter(isRight).length / items.length;
const isRight = ({ chosen, label }: Routed): boolean => chosen === label;
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

function confusion(routed: readonly Routed[]): Record<string, Record<string, number>> {
  const count = (label: string, chosen: string) =>
    routed.filter((item) => item.label === label && item.chosen === chosen).length;
  return Object.fromEntries(
    CLASSES.map((label) => [label, Object.fromEntries(CLASSES.map((chosen) => [chosen, count(label, chosen)]))]),
  );
}

/** Ten bins of confidence with how often each was right, and the mean gap weighted by size. */
function calibration(routed: readonly Routed[]) {
  const bins = Array.from({ length: 10 }, (_, i) => {
    const inside = routed.filter(({ confidence }) => Math.min(9, Math.floor(10 * confidence)) === i);
    const stated = inside.reduce((sum, { confidence }) => sum + confidence, 0) / Math.max(1, inside.length);
    return { from: i / 10, prompts: inside.length, stated, right: inside.length === 0 ? 0 : share(inside) };
  });
  const gap = bins.reduce((sum, bin) => sum + (bin.prompts * Math.abs(bin.stated - bin.right)) / routed.length, 0);
  return { bins, gap };
}

const routed = await routeAll(await measuringPrompts(questions));
const tried = await routeAll(triedPrompts());
const near = await routeAll(await mmluPrompts('near'));
await embedder.close();

const classShares = CLASSES.map((label) => share(routed.filter((item) => item.label === label)));
const balanced = classShares.reduce((sum, value) => sum + value, 0) / CLASSES.length;
const answerable = routed.filter(({ origin }) => origin !== 'unanswerable');
const hand = routed.filter(({ origin, label }) => origin === 'hand' || (label === NONE && origin === 'own'));
const { bins, gap } = calibration(routed);
const table = confusion(routed);

console.log(
  `\nrows: what it is; columns: where it was sent\n${''.padEnd(13)}${CLASSES.map((name) => name.padStart(13)).join('')}`,
);
for (const label of CLASSES) {
  console.log(label.padEnd(13) + CLASSES.map((chosen) => String(table[label]![chosen]).padStart(13)).join(''));
}
if (showWrong)
  for (const item of routed.filter((one) => !isRight(one)))
    console.log(
      `  ${item.label} → ${item.chosen} ${percent(item.confidence)} [${item.origin}] ${item.text.slice(0, 140)}`,
    );

const rows: Row[] = [
  {
    figure: 'five classes, all prompts',
    value: `${percent(share(routed))} of ${routed.length}`,
    goal: '≥ 95 %',
    met: share(routed) >= 0.95,
  },
  { figure: 'five classes, mean of classes', value: percent(balanced), goal: '≥ 95 %', met: balanced >= 0.95 },
  {
    figure: 'written by hand (domains and everyday)',
    value: `${percent(share(hand))} of ${hand.length}`,
    goal: '≥ 95 %',
    met: share(hand) >= 0.95,
  },
  {
    figure: 'answerable questions and none',
    value: `${percent(share(answerable))} of ${answerable.length}`,
    goal: '–',
    met: null,
  },
  ...CLASSES.map((label, i) => ({ figure: `  ${label}`, value: percent(classShares[i]!), goal: '–', met: null })),
  { figure: 'MMLU subjects near a domain', value: `${percent(share(near))} of ${near.length}`, goal: '–', met: null },
  {
    figure: 'everyday prompts tried while fitting',
    value: `${percent(share(tried))} of ${tried.length}`,
    goal: '–',
    met: null,
  },
  { figure: 'calibration gap (10 bins)', value: percent(gap), goal: '–', met: null },
  {
    figure: 'one prompt, median',
    value: `${quantile(
      routed.map(({ ms }) => ms),
      0.5,
    ).toFixed(1)} ms`,
    goal: '–',
    met: null,
  },
];
const wrong = [...routed, ...near]
  .filter((item) => !isRight(item))
  .map(({ text, label, chosen, origin, confidence }) => ({ text, label, chosen, origin, confidence }));
report('router', rows, { confusion: table, calibration: bins, wrong });
