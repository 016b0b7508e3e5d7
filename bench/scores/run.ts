/**
 * Do the scores mean anything? Judges a right, a planted wrong and an off-topic answer to simple questions and counts how
 * often the right one scores highest. `questions.json` is the measured set; `tuning.json` is the disjoint set on which the formula
 * was tried. Usage: node bench/scores/run.ts [--model default|tiny|DIR] [--cache-dir DIR]. Writes bench/results/scores.json.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createIntentReader } from '../../packages/inference/src/answering/intent.ts';
import { type Engine, loadEngine } from '../../packages/inference/src/engine/engine.ts';
import { resolveModel } from '../../packages/inference/src/models/index.ts';
import { judge } from '../../packages/inference/src/scoring/judge.ts';

type Question = {
  readonly question: string;
  readonly right: string;
  readonly wrong: string;
  readonly offTopic: string;
};
type Row = {
  readonly question: string;
  readonly right: number;
  readonly wrong: number;
  readonly offTopic: number;
  readonly ms: number;
};

const control = { signal: new AbortController().signal, checkpoint: async () => {} };

async function judgeSet(engine: Engine, name: string): Promise<Row[]> {
  const questions = JSON.parse(await readFile(new URL(`${name}.json`, import.meta.url), 'utf8')) as Question[];
  const rows: Row[] = [];
  for (const { question, right, wrong, offTopic } of questions) {
    const startedMs = performance.now();
    const scores = await judge(
      { engine, knowledge: null, intent: createIntentReader(engine.embed) },
      { prompt: question, answers: [right, wrong, offTopic] },
      control,
    );
    const [a, b, c] = scores.map((score) => score.scorePpm);
    rows.push({ question, right: a!, wrong: b!, offTopic: c!, ms: Math.round(performance.now() - startedMs) });
  }
  return rows;
}

const isRightBest = (row: Row) => row.right > row.wrong && row.right > row.offTopic;
const average = (values: number[]) => Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);

function report(name: string, rows: readonly Row[]) {
  console.log(
    `\n${name}: score in ppm\n${'   right'.padEnd(10)}${'wrong'.padStart(8)}${'off topic'.padStart(11)}${'ms'.padStart(7)}`,
  );
  for (const row of rows) {
    const cells = `${String(row.right).padStart(8)}  ${String(row.wrong).padStart(8)}${String(row.offTopic).padStart(11)}${String(row.ms).padStart(7)}`;
    console.log(`${cells}  ${isRightBest(row) ? ' ' : '✗'} ${row.question}`);
  }
  const summary = {
    rightBest: rows.filter(isRightBest).length,
    questions: rows.length,
    meanRight: average(rows.map((row) => row.right)),
    meanWrong: average(rows.map((row) => row.wrong)),
    meanOffTopic: average(rows.map((row) => row.offTopic)),
    meanMs: average(rows.map((row) => row.ms)),
  };
  console.log(
    `right answer best: ${summary.rightBest} of ${summary.questions}; means ${summary.meanRight} / ${summary.meanWrong} / ${summary.meanOffTopic}; ${summary.meanMs} ms a question`,
  );
  return { summary, rows };
}

const { values } = parseArgs({
  options: { model: { type: 'string', default: 'default' }, 'cache-dir': { type: 'string' } },
});
const cacheDir =
  values['cache-dir'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'synod', 'models');
const { directory, info } = await resolveModel({ model: values.model, cacheDir });
const engine = await loadEngine(directory);
const measured = report('questions.json (measured)', await judgeSet(engine, 'questions'));
const tuning = report('tuning.json (the formula was tried on these)', await judgeSet(engine, 'tuning'));
await engine.close();

const results = new URL('../results/', import.meta.url);
await mkdir(results, { recursive: true });
await writeFile(new URL('scores.json', results), `${JSON.stringify({ model: info, measured, tuning }, null, 2)}\n`);
console.log(`\nmodel ${info.name}, ${info.hash.slice(0, 12)}…; written to bench/results/scores.json`);
