/**
 * The market on a real devnet with the real model: recorded questions asked of experts of which two know, one only writes and one is a stranger
 * to the domain; and what the network costs a question beside the bare worker, from the selecting block on and from the request on.
 * Run on an idle machine: node bench/market/live.ts [--each 13] [--overhead 12] [--model default|tiny]. Writes bench/results/market-live.json.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { expertPlans } from '../../packages/cli/src/devnet/experts.ts';
import type { NodeClient } from '../../packages/cli/src/rpc/node-client.ts';
import { contains, strict } from '../../packages/experts/src/questions/scoring.ts';
import { createWorkerClient, type WorkerClient } from '../../packages/inference/src/client/index.ts';
import type { JobEvent } from '../../packages/inference/src/client/protocol.ts';
import { resolveModel } from '../../packages/inference/src/models/index.ts';
import type { QueryJson } from '../../packages/rpc/src/client/index.ts';
import { quantile, type Row, report } from '../table.ts';
import { startLiveNodes } from './live-nodes.ts';
import { DOMAINS } from './population.ts';
import type { RecordedQuestion } from './recording.ts';
import { loadRecordings } from './replay.ts';

const GOALS = { firstMs: 300, wholeRatio: 1.15, endToEndMs: 1_500, queries: 50 };
const TIMEOUT_MS = 60_000;
/** Answered in the model's own words, so that there are tokens to wait for. */
const OPEN_PROMPTS = [
  'Explain in two sentences why the sky is blue.',
  'Describe in two sentences how bread is made.',
  'Explain in two sentences what a democracy is.',
  'Describe in two sentences what the moon looks like.',
  'Explain in two sentences why we sleep.',
  'Describe in two sentences how a bicycle works.',
  'Explain in two sentences why leaves turn red.',
  'Describe in two sentences how glass is made.',
  'Explain in two sentences what an orchestra is.',
  'Describe in two sentences what a harbour looks like.',
  'Explain in two sentences why ships float.',
  'Describe in two sentences how a clock works.',
];

const { values } = parseArgs({
  options: {
    each: { type: 'string', default: '13' },
    overhead: { type: 'string', default: String(OPEN_PROMPTS.length) },
    model: { type: 'string', default: 'default' },
  },
});

/** Milliseconds after the request. */
type Course = {
  readonly query: QueryJson;
  readonly selectedMs: number;
  readonly firstMs: number;
  readonly doneMs: number;
};
type Live = {
  readonly question: RecordedQuestion;
  readonly course: Course;
  readonly right: boolean;
  readonly exact: boolean;
};
type Bare = { readonly firstMs: number; readonly wholeMs: number; readonly text: string };

async function ask(
  node: NodeClient,
  request: { prompt: string; domain: string; respondents?: number },
): Promise<Course> {
  const startedMs = performance.now();
  const elapsed = () => performance.now() - startedMs;
  const { queryId } = await node.call('query_submit', request);
  let [selectedMs, firstMs, doneMs] = [Number.NaN, Number.NaN, Number.NaN];
  for await (const event of node.client.followQuery(queryId, { signal: AbortSignal.timeout(TIMEOUT_MS) })) {
    if (event.kind === 'failed') throw new Error(`${event.code}: ${event.message}`);
    if (event.kind === 'selected') selectedMs = elapsed();
    if (event.kind === 'token' && Number.isNaN(firstMs)) firstMs = elapsed();
    if (event.kind === 'answerDone' && Number.isNaN(doneMs)) doneMs = elapsed();
    if (event.kind === 'final') return { query: event.query, selectedMs, firstMs, doneMs };
  }
  throw new Error(`query ${queryId} was not final within ${TIMEOUT_MS} ms`);
}

async function askAll(clients: readonly NodeClient[], questions: readonly RecordedQuestion[]): Promise<Live[]> {
  const asked: Live[] = [];
  for (const [i, question] of questions.entries()) {
    const course = await ask(clients[i % clients.length]!, { prompt: question.question, domain: question.domain });
    const answer = course.query.answer ?? '';
    asked.push({ question, course, right: contains(answer, question), exact: strict(answer, question) });
    if (asked.length % 10 === 0) console.log(`${asked.length} of ${questions.length} asked`);
  }
  return asked;
}

/** The bare worker on the same job: the selected expert's way of writing and the seed that its node took. */
async function bareAnswer(
  worker: WorkerClient,
  events: Map<string, (event: JobEvent) => void>,
  { query }: Course,
): Promise<Bare> {
  const [respondent] = query.respondents;
  const validator = respondent!.name.charCodeAt(respondent!.name.length - 1) - 'a'.charCodeAt(0);
  const [general] = expertPlans(validator, [], true);
  const startedMs = performance.now();
  let firstMs = Number.NaN;
  let text = '';
  return await new Promise<Bare>((resolve, reject) => {
    events.set(query.queryId, (event) => {
      const nowMs = performance.now() - startedMs;
      if (event.kind === 'token') {
        if (Number.isNaN(firstMs)) firstMs = nowMs;
        text += event.text;
      } else if (event.kind === 'answered') resolve({ firstMs, wholeMs: nowMs, text });
      else reject(new Error(JSON.stringify(event)));
    });
    worker.submit({
      kind: 'answer',
      id: query.queryId,
      priority: 'answer',
      messages: [{ role: 'user', content: query.prompt! }],
      expert: general!.setup,
      seed: Number.parseInt(query.queryId.slice(2, 10), 16),
      stop: [],
    });
  });
}

async function bareAnswers(courses: readonly Course[]): Promise<Bare[]> {
  const cacheDir = join(homedir(), '.synod', 'models');
  const { directory } = await resolveModel({ model: values.model, cacheDir });
  const events = new Map<string, (event: JobEvent) => void>();
  const ready = Promise.withResolvers<void>();
  const worker = createWorkerClient({
    modelDirectory: directory,
    onReady: () => ready.resolve(),
    onEvent: (event) => events.get(event.id)?.(event),
  });
  try {
    await ready.promise;
    const answers: Bare[] = [];
    for (const course of courses) answers.push(await bareAnswer(worker, events, course));
    return answers;
  } finally {
    await worker.close();
  }
}

const { questions } = loadRecordings();
const chosen = DOMAINS.flatMap((name) =>
  questions.filter(({ domain }) => domain === name).slice(0, Number(values.each)),
);
const mixed = chosen.map((_, i) => chosen[(i * Number(values.each) + Math.floor(i / DOMAINS.length)) % chosen.length]!);
const nodes = await startLiveNodes(values.model);
const overhead: Course[] = [];
let asked: Live[] = [];
try {
  const prompts = OPEN_PROMPTS.slice(0, Number(values.overhead));
  for (const [i, prompt] of prompts.entries()) {
    overhead.push(await ask(nodes.clients[i % 4]!, { prompt, domain: 'general', respondents: 1 }));
  }
  asked = await askAll(nodes.clients, mixed);
} finally {
  await nodes.stop();
}
const bare = await bareAnswers(overhead);

const median = (list: readonly number[]) => quantile(list, 0.5);
const extraFirst = overhead.map(({ firstMs, selectedMs }, i) => firstMs - selectedMs - bare[i]!.firstMs);
const ratios = overhead.map(({ doneMs, selectedMs }, i) => (doneMs - selectedMs) / bare[i]!.wholeMs);
const endToEnd = overhead.map(({ firstMs }) => firstMs);
const same = overhead.filter(({ query }, i) => query.answer === bare[i]!.text).length;
const signed = (ms: number) => `${ms < 0 ? '−' : '+'}${Math.abs(ms).toFixed(0)} ms`;
const percent = (count: number) => `${count} of ${asked.length} (${((100 * count) / asked.length).toFixed(1)} %)`;
const chosenBy = (letters: string) =>
  asked.flatMap(({ course }) => course.query.respondents).filter(({ name }) => letters.includes(name.at(-1)!)).length;
const late = asked.slice(Math.floor(asked.length / 2)).flatMap(({ course }) => course.query.respondents);
const rows: Row[] = [
  {
    figure: 'queries on the devnet',
    value: `${asked.length}`,
    goal: `≥ ${GOALS.queries}`,
    met: asked.length >= GOALS.queries,
  },
  { figure: 'right answers', value: percent(asked.filter(({ right }) => right).length), goal: '–', met: null },
  { figure: 'exact answers', value: percent(asked.filter(({ exact }) => exact).length), goal: '–', met: null },
  {
    figure: 'selected: good, generic, stranger',
    value: `${chosenBy('ab')}, ${chosenBy('c')}, ${chosenBy('d')}`,
    goal: '–',
    met: null,
  },
  {
    figure: 'of the second half: good',
    value: `${late.filter(({ name }) => 'ab'.includes(name.at(-1)!)).length} of ${late.length}`,
    goal: '–',
    met: null,
  },
  {
    figure: 'first token after the selecting block, beside the bare worker',
    value: `median ${signed(median(extraFirst))}, worst ${signed(Math.max(...extraFirst))}`,
    goal: `≤ +${GOALS.firstMs} ms`,
    met: median(extraFirst) <= GOALS.firstMs,
  },
  {
    figure: 'whole answer after the selecting block, beside the bare worker',
    value: `median ${median(ratios).toFixed(2)}×, worst ${Math.max(...ratios).toFixed(2)}×`,
    goal: `≤ ${GOALS.wholeRatio}×`,
    met: median(ratios) <= GOALS.wholeRatio,
  },
  {
    figure: 'first token after the request',
    value: `median ${median(endToEnd).toFixed(0)} ms, worst ${Math.max(...endToEnd).toFixed(0)} ms`,
    goal: `≤ ${GOALS.endToEndMs} ms`,
    met: median(endToEnd) <= GOALS.endToEndMs,
  },
  { figure: 'answers equal to the bare worker’s', value: `${same} of ${overhead.length}`, goal: '–', met: null },
];
report('market-live', rows, {
  overhead: overhead.map(({ query, ...times }, i) => ({ ...times, expert: query.respondents[0]?.name, bare: bare[i] })),
  asked: asked.map(({ question, course: { query, ...times }, right, exact }) => ({
    id: question.id,
    right,
    exact,
    ...times,
    answer: query.answer,
    respondents: query.respondents.map(({ name, score, paid, answer }) => ({ name, score, paid, answer })),
  })),
});
