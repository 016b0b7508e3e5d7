/**
 * What answers cost in processor time, and what it would cost nobody to leave out: effort chosen by the router's difficulty against always
 * `full`, and how well prices by bytes follow the measured seconds. Owns the samples; the ways of answering are the worker's.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { contains } from '../../packages/experts/src/questions/scoring.ts';
import { answer } from '../../packages/inference/src/answering/answer.ts';
import { createIntentReader } from '../../packages/inference/src/answering/intent.ts';
import type { AnswerResult, Effort, ExpertSetup } from '../../packages/inference/src/client/protocol.ts';
import { createLibrary } from '../../packages/inference/src/knowledge/library.ts';
import { vectorsDirectory } from '../../packages/inference/src/knowledge/vectors-file.ts';
import { normsOf } from '../../packages/inference/src/retrieval/words.ts';
import { route } from '../../packages/inference/src/routing/router.ts';
import { judge } from '../../packages/inference/src/scoring/judge.ts';
import { control, type Domain, loadDomains, openEngine } from '../domains/load.ts';
import { type Row, report } from '../table.ts';
import { correlation, fitRates } from './rates.ts';

const { values } = parseArgs({
  options: { each: { type: 'string', default: '12' }, open: { type: 'string', default: '40' } },
});

/** Prompts below this difficulty are easy: one question of fact in a known domain. */
const EASY_BELOW_PPM = 250_000;
/** Prices of a devnet expert, nano a byte. */
const PRICE = { promptByte: 500, quotedByte: 3_000, generatedByte: 6_000 } as const;

const engine = await openEngine();
const library = createLibrary({ embed: engine.embed, vectorsDirectory: vectorsDirectory() });
const tools = { engine, library, intent: createIntentReader(engine.embed) };
const profile = { instruction: '', temperature: 0, topP: 1, maxTokens: 64 };
const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const byDigest = <T>(list: readonly T[], key: (item: T) => string): T[] =>
  list.toSorted((a, b) => (digest(key(a)) < digest(key(b)) ? -1 : 1));

type Question = Domain['questions'][number];
type Task = { readonly set: 'test mix' | 'long quotes'; readonly domain: Domain; readonly question: Question };

type Run = { readonly result: AnswerResult; readonly text: string; readonly cpuMs: number };

async function run(prompt: string, expert: ExpertSetup, effort: Effort): Promise<Run> {
  const request = { messages: [{ role: 'user', content: prompt }] as const, expert, seed: 0, stop: [], effort };
  const before = process.cpuUsage();
  const result = await answer(tools, request, { ...control, onText: () => {} });
  const { user, system } = process.cpuUsage(before);
  return { result, text: result.segments.map(({ text }) => text).join(''), cpuMs: (user + system) / 1000 };
}

const expertOf = ({ name, folder }: Domain): ExpertSetup => ({
  profile,
  knowledge: folder,
  adapter: file(`../../packages/experts/adapters/${name}.adapter`),
});

/** A share of every domain's test questions, and all questions whose passage is long enough to be phrased. */
function tasksOf(domain: Domain): Task[] {
  const answerable = domain.questions.filter(({ unanswerable }) => unanswerable === null);
  const isLong = ({ passage }: Question) => passage !== null && normsOf(passage).length > 20;
  const mix = byDigest(
    answerable.filter(({ split }) => split === 'test'),
    ({ id, question }) => id + question,
  ).slice(0, Number(values.each));
  const long = byDigest(answerable.filter(isLong), ({ id, question }) => id + question).slice(0, Number(values.each));
  return [
    ...mix.map((question): Task => ({ set: 'test mix', domain, question })),
    ...long.map((question): Task => ({ set: 'long quotes', domain, question })),
  ];
}

type Compared = {
  readonly task: Task;
  readonly difficultyPpm: number;
  readonly full: Run & { readonly scorePpm: number };
  readonly spared: Run & { readonly scorePpm: number };
};

async function compare(task: Task): Promise<Compared> {
  const { question } = task.question;
  const { difficultyPpm } = await route(engine.embed, question, control);
  const expert = expertOf(task.domain);
  // Vectors that a first question computes are not the second one's gain.
  await run(question, expert, 'quote');
  const full = await run(question, expert, 'full');
  const spared = await run(question, expert, difficultyPpm < EASY_BELOW_PPM ? 'quote' : 'full');
  const answers = [full.text, spared.text];
  const scores = await judge({ ...tools, knowledge: task.domain.knowledge }, { prompt: question, answers }, control);
  return {
    task,
    difficultyPpm,
    full: { ...full, scorePpm: scores[0]!.scorePpm },
    spared: { ...spared, scorePpm: scores[1]!.scorePpm },
  };
}

const sum = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0);
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

function summary(list: readonly Compared[]) {
  const of = (way: 'full' | 'spared') => ({
    cpuSeconds: sum(list.map((one) => one[way].cpuMs)) / 1000,
    contains: sum(list.map((one) => (contains(one[way].text, one.task.question) ? 1 : 0))) / list.length,
    score: sum(list.map((one) => one[way].scorePpm)) / list.length / 1_000_000,
    phrased: list.filter((one) => one[way].result.grounding === 'phrased').length,
  });
  const [full, spared] = [of('full'), of('spared')];
  return { questions: list.length, full, spared, saved: 1 - spared.cpuSeconds / full.cpuSeconds };
}

/** One answer of the mixed set: what a price may go by, and what it took. */
type Bill = {
  readonly kind: string;
  readonly promptBytes: number;
  readonly quotedBytes: number;
  readonly generatedBytes: number;
  readonly refused: boolean;
  readonly difficulty: number;
  readonly cpuMs: number;
};

function billOf(kind: string, prompt: string, difficultyPpm: number, { result, cpuMs }: Run): Bill {
  const bytes = (segment: 'quote' | 'generated') =>
    sum(result.segments.filter((one) => one.kind === segment).map(({ text }) => Buffer.byteLength(text)));
  return {
    kind,
    promptBytes: Buffer.byteLength(prompt),
    quotedBytes: bytes('quote'),
    generatedBytes: bytes('generated'),
    refused: result.grounding === 'refused',
    difficulty: difficultyPpm / 1_000_000,
    cpuMs,
  };
}

/** Open prompts of all lengths: every third with a text to work on. */
async function openBills(passages: readonly string[]): Promise<Bill[]> {
  const lines = readFileSync(file('../domains/open-prompts.jsonl'), 'utf8').trimEnd().split('\n');
  const prompts = byDigest(lines, (line) => line).map((line) => (JSON.parse(line) as { prompt: string }).prompt);
  const bills: Bill[] = [];
  for (const [i, prompt] of prompts.slice(0, Number(values.open)).entries()) {
    const context = i % 3 === 0 ? `\n\n${passages.slice(i, i + 3 + (i % 12)).join(' ')}` : '';
    const whole = prompt + context;
    const { difficultyPpm } = await route(engine.embed, whole, control);
    const maxTokens = [16, 64, 128][i % 3]!;
    const done = await run(whole, { profile: { ...profile, maxTokens }, knowledge: null, adapter: null }, 'full');
    bills.push(billOf(i % 3 === 0 ? 'open, long prompt' : 'open', whole, difficultyPpm, done));
  }
  return bills;
}

const byteInputs = ({ promptBytes, quotedBytes, generatedBytes }: Bill): number[] => [
  1,
  promptBytes,
  quotedBytes,
  generatedBytes,
];
const bytePrice = ({ promptBytes, quotedBytes, generatedBytes }: Bill): number =>
  PRICE.promptByte * promptBytes + PRICE.quotedByte * quotedBytes + PRICE.generatedByte * generatedBytes;

const domains = await loadDomains(engine, { data: undefined, only: [] });
const compared: Compared[] = [];
for (const task of domains.flatMap(tasksOf)) compared.push(await compare(task));
const bills = [
  ...compared.map(({ task, difficultyPpm, full }) => billOf(task.set, task.question.question, difficultyPpm, full)),
  ...(await openBills(domains.flatMap(({ knowledge }) => knowledge.passages.slice(0, 40).map(({ text }) => text)))),
];
await engine.close();

const isEasy = ({ difficultyPpm }: Compared): boolean => difficultyPpm < EASY_BELOW_PPM;
const easyIn = (set: Task['set']) => summary(compared.filter((one) => one.task.set === set && isEasy(one)));
const [mix, long] = [easyIn('test mix'), easyIn('long quotes')];
const cpu = bills.map(({ cpuMs }) => cpuMs);
const plain = correlation(bills.map(bytePrice), cpu);
const factored = correlation(
  bills.map((bill) => bytePrice(bill) * (1 + bill.difficulty)),
  cpu,
);
// Fitted on one half of the answers, measured on the other.
const halves = [bills.filter((_, i) => i % 2 === 0), bills.filter((_, i) => i % 2 === 1)] as const;
const rates = fitRates(
  halves[0].map(byteInputs),
  halves[0].map(({ cpuMs }) => cpuMs),
);
const classPrice = (bill: Bill) => sum(byteInputs(bill).map((value, i) => value * rates[i]!));
const measured = halves[1].map(({ cpuMs }) => cpuMs);
const classed = correlation(halves[1].map(classPrice), measured);
const classedFactored = correlation(
  halves[1].map((bill) => classPrice(bill) * (1 + bill.difficulty)),
  measured,
);

for (const set of ['test mix', 'long quotes'] as const) {
  const { questions, full, spared, saved } = easyIn(set);
  console.log(
    `\n${set}: ${questions} easy of ${compared.filter(({ task }) => task.set === set).length}, saved ${percent(saved)}`,
  );
  for (const [way, of] of Object.entries({ full, spared })) {
    console.log(
      `  ${way.padEnd(7)} ${of.cpuSeconds.toFixed(1)} s, contains ${percent(of.contains)}, score ${of.score.toFixed(3)}, phrased ${of.phrased}`,
    );
  }
}
const kinds = [...Map.groupBy(bills, ({ kind, refused }) => (refused ? 'refused' : kind))].map(([kind, own]) => {
  const mean = (of: (bill: Bill) => number) => Math.round(sum(own.map(of)) / own.length);
  return {
    kind,
    answers: own.length,
    promptBytes: mean((bill) => bill.promptBytes),
    quotedBytes: mean((bill) => bill.quotedBytes),
    generatedBytes: mean((bill) => bill.generatedBytes),
    cpuMs: mean((bill) => bill.cpuMs),
  };
});
console.table(kinds);
console.log(
  `rates, ms of processor time: an answer ${rates[0]!.toFixed(1)}; a byte of prompt ${rates[1]!.toFixed(3)}, quoted ${rates[2]!.toFixed(3)}, generated ${rates[3]!.toFixed(3)}`,
);
const correlationRow = (figure: string, value: number): Row => ({
  figure,
  value: value.toFixed(3),
  goal: '≥ 0.9',
  met: value >= 0.9,
});
const savedRow = (name: string, { saved, full, spared, questions }: ReturnType<typeof summary>): Row => ({
  figure: `easy tasks, ${name}: processor time saved; right before, after`,
  value: `${percent(saved)}; ${percent(full.contains)}, ${percent(spared.contains)} of ${questions}`,
  goal: '≥ 30 % at equal accuracy',
  met: saved >= 0.3 && spared.contains >= full.contains,
});
report(
  'market-effort',
  [
    savedRow('test questions', mix),
    savedRow('answered by a long quote', long),
    correlationRow(`devnet prices by bytes and processor time, ${bills.length} answers`, plain),
    correlationRow('the same with the difficulty factor', factored),
    correlationRow(`fitted rates, ${measured.length} answers not fitted on`, classed),
    correlationRow('the same with the difficulty factor', classedFactored),
  ],
  { mix, long, rates, kinds, bills },
);
process.stdout.write(`${join('bench', 'results', 'market-effort.json')}\n`);
