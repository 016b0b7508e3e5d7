/**
 * What a round of 64 items costs one trainer and one evaluator in processor time, phase by phase, without a devnet: the same items as
 * live-round.ts gives (recorded answers, liked where right and corrected where wrong), dealt to four trainers. Usage:
 * `node bench/learning/round-cost.ts [--model DIR] [--folder DIR] [--domain D] [--items N] [--trainers N] [--threads N] [--own N] [--skip-gate]`;
 * deltas that lie in `--folder` are used again, but those of the trainers that are timed. Writes bench/results/learning-round-cost.json.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { contains } from '../../packages/experts/src/questions/scoring.ts';
import type { LearnerControl } from '../../packages/inference/src/learning/learner-control.ts';
import type { LearningExample } from '../../packages/inference/src/learning/protocol.ts';
import { loadRecordings } from '../market/replay.ts';
import { type Row, report } from '../table.ts';
import { openBench, trained } from './gate-deltas.ts';
import { correction } from './gate-items.ts';
import { evaluateRound } from './timed-gate.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: join(homedir(), '.cache/synod/models/smollm2-135m-instruct-q4-3d1dea0417cd') },
    folder: { type: 'string' },
    domain: { type: 'string', default: 'geography' },
    items: { type: 'string', default: '64' },
    /** How many of the four are trained here and timed. */
    trainers: { type: 'string', default: '1' },
    /** The trainer whose delta the evaluator does not judge; −1: a stranger's evaluator. */
    own: { type: 'string', default: '0' },
    'skip-gate': { type: 'boolean', default: false },
  },
});
const TRAINERS = 4;

/** Recorded answers of the expert that the shipped recipes make. */
function roundItems(domain: string, count: number): LearningExample[] {
  const questions = loadRecordings().questions.filter((one) => one.domain === domain);
  return questions.slice(0, count).flatMap((question, number): LearningExample[] => {
    const text = question.answers.find(({ expert }) => expert === 'good')?.text ?? '';
    if (text === '') return [];
    const author = `account-${number % 4}`;
    const prompt = question.question;
    if (!contains(text, question)) return [{ ...correction(number, prompt, question.gold[0]!), author }];
    return [{ number, author, prompt, answer: text, rating: 'good', passage: null }];
  });
}

/** Each item to two trainers, as learning §4.2 deals them in the order that they have. */
const shardOf = (items: readonly LearningExample[], trainer: number): LearningExample[] =>
  items.filter((_, i) => i % TRAINERS === trainer || (i + 1) % TRAINERS === trainer);

/** Seconds of the processor by stage. */
function stageClock(): { readonly control: LearnerControl; end(): Record<string, number> } {
  const seconds: Record<string, number> = {};
  let stage = 'start';
  let before = process.cpuUsage();
  const close = (): void => {
    const { user, system } = process.cpuUsage(before);
    seconds[stage] = (seconds[stage] ?? 0) + (user + system) / 1e6;
    before = process.cpuUsage();
  };
  const onProgress: LearnerControl['onProgress'] = ({ stage: next, done }) => {
    close();
    // What comes before the first step is loading.
    stage = next === 'training' && done === 0 ? 'loading' : next;
  };
  return {
    control: { signal: new AbortController().signal, onProgress },
    end: () => {
      close();
      return seconds;
    },
  };
}

const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'synod-round-cost-'));
mkdirSync(folder, { recursive: true });
const bench = await openBench(values.model, values.domain, folder);
const items = roundItems(values.domain, Number(values.items));
const liked = items.filter(({ rating }) => rating === 'good').length;
console.log(`${liked} liked, ${items.length - liked} corrected`);

const rows: Row[] = [];
const found: Record<string, unknown> = {};
const paths: string[] = [];
const wanted = values['skip-gate'] ? Number(values.trainers) : TRAINERS;
for (let trainer = 0; trainer < wanted; trainer++) {
  const name = `round-${trainer}`;
  const isTimed = trainer < Number(values.trainers);
  if (isTimed) rmSync(join(folder, `${name}.delta`), { force: true });
  const clock = stageClock();
  paths.push(
    await trained(bench, name, shardOf(items, trainer), { isHonest: true, seed: trainer, control: clock.control }),
  );
  if (isTimed) add(`training ${trainer}`, clock.end());
}
if (!values['skip-gate']) {
  const clock = stageClock();
  found['report'] = await gate(clock.control);
  add('evaluation', clock.end());
  console.log(JSON.stringify(found['report']));
}
report('learning-round-cost', rows, found);

function add(figure: string, seconds: Record<string, number>): void {
  const total = Object.values(seconds).reduce((sum, one) => sum + one, 0);
  const parts = Object.entries(seconds).map(([stage, one]) => `${stage} ${one.toFixed(1)}`);
  rows.push({ figure, value: `${total.toFixed(1)} s of a core: ${parts.join(', ')}`, goal: '–', met: null });
  found[figure] = seconds;
}

async function gate(control: LearnerControl): Promise<unknown> {
  const deltas = paths.map((path, order) => ({
    path,
    shard: shardOf(items, order),
    isOwn: order === Number(values.own),
  }));
  return evaluateRound(bench, { deltas, items, gateSeed: '5a'.repeat(32), normMax: 4000 }, control);
}
