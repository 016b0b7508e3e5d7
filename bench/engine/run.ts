/**
 * The engine on the real model: tokens per second alone and four at once, a prompt that begins like an earlier one, prompt lookup on an
 * answer that quotes, how long cancelling takes, restart after `kill -9`, and memory of a worker under the worst load its bounds allow.
 * Figures are best of several within one run; other work on the machine lowers all of them.
 * Run: node bootstrap.mjs run bench/engine/run.ts [MODEL_FOLDER] [--only throughput|prefix|lookup|cancel|memory|restart]
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createWorkerClient, type GenerateJob, type JobEvent, type WorkerClient } from '@synod/inference';
import { resolveModel } from '@synod/inference/models';
import { quantile, type Row, report } from '../table.ts';

const ROUNDS = 3;
/** Cancellations in each of three states. */
const CANCEL_ROUNDS = 8;
const TOGETHER = 4;
const QUESTIONS = [
  'Write a short story about a lighthouse keeper who finds a letter.',
  'Explain how a bicycle stays upright while it is ridden.',
  'Describe a market in a small town early in the morning.',
  'Give advice to somebody who wants to learn to play the piano.',
];
const PASSAGE =
  'The Great Barrier Reef is the largest coral reef system in the world. It is composed of over 2,900 individual reefs and 900 islands ' +
  'stretching for over 2,300 kilometres over an area of approximately 344,400 square kilometres. The reef is located in the Coral Sea, off ' +
  'the coast of Queensland, Australia.';

type Timed = { readonly events: readonly { readonly atMs: number; readonly event: JobEvent }[]; readonly ms: number };

const cacheDir = join(homedir(), '.synod/models');
const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
const { directory } = await resolveModel({ model: positionals[0] ?? 'default', cacheDir });
const worker = startWorker(directory);
await worker.ready();

let jobCount = 0;
const details: Record<string, unknown> = {};
const rows: Row[] = [];
const add = (figure: string, value: string, goal = '–', met: boolean | null = null): void => {
  rows.push({ figure, value, goal, met });
  console.log(`${figure}: ${value}`);
};

const parts = {
  throughput: measureThroughput,
  prefix: measurePrefix,
  lookup: measureLookup,
  cancel: measureCancel,
  memory: measureMemory,
  restart: measureRestart,
};
for (const [name, measure] of Object.entries(parts)) if ((values.only ?? name) === name) await measure();
await worker.client.close();
report('engine', rows, details);

/** Alone, one after the other, and four at once; the same questions, tokens and rounds, in turn. */
async function measureThroughput(): Promise<void> {
  const runs: { decode: number; sequential: number; together: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const jobs = QUESTIONS.map((content) => job(`${2 * round}: ${content}`, { maxTokens: 96, temperature: 0.7 }));
    const alone: Timed[] = [];
    for (const one of jobs) alone.push(await worker.time([one]));
    const together = await worker.time(
      QUESTIONS.map((content) => job(`${2 * round + 1}: ${content}`, { maxTokens: 96, temperature: 0.7 })),
    );
    const tokens = (timed: Timed) => timed.events.reduce((sum, { event }) => sum + tokensOf(event), 0);
    const sequentialMs = alone.reduce((sum, { ms }) => sum + ms, 0);
    const sequential = (1000 * alone.reduce((sum, timed) => sum + tokens(timed), 0)) / sequentialMs;
    runs.push({
      decode: Math.max(...alone.map(decodeRate)),
      sequential,
      together: (1000 * tokens(together)) / together.ms,
    });
  }
  details['throughput'] = runs;
  const gain = Math.max(...runs.map(({ sequential, together }) => together / sequential));
  add('decode alone, tokens/s', best(runs.map(({ decode }) => decode)).toFixed(1));
  add('four requests one after the other, tokens/s', best(runs.map(({ sequential }) => sequential)).toFixed(1));
  add('four requests at once, tokens/s', best(runs.map(({ together }) => together)).toFixed(1));
  add('gain of four at once', `${gain.toFixed(2)}×`, '≥ 1.8×', gain >= 1.8);
}

/** Time to the first token of a prompt that nobody has asked, and of one that begins like it. */
async function measurePrefix(): Promise<void> {
  const runs: { first: number; second: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const instruction = `Case ${round}. ${PASSAGE} ${PASSAGE}`;
    const first = await worker.time([job('How many reefs are there?', { instruction, maxTokens: 1 })]);
    const second = await worker.time([job('Where is it?', { instruction, maxTokens: 1 })]);
    runs.push({ first: first.ms, second: second.ms });
  }
  details['prefix'] = runs;
  const gain = best(runs.map(({ first, second }) => first / second));
  add('first token of a new prompt of about 220 tokens', `${lowest(runs.map(({ first }) => first)).toFixed(0)} ms`);
  add(
    'first token of one that begins alike',
    `${lowest(runs.map(({ second }) => second)).toFixed(0)} ms (${gain.toFixed(1)}×)`,
  );
}

async function measureLookup(): Promise<void> {
  const runs: { plain: number; lookup: number; differs: boolean }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const content = `${round}. Repeat this text word for word: ${PASSAGE}`;
    const plain = await worker.time([job(content, { maxTokens: 90 })]);
    const lookup = await worker.time([job(content, { maxTokens: 90, lookup: true })]);
    runs.push({ plain: decodeRate(plain), lookup: decodeRate(lookup), differs: textOf(plain) !== textOf(lookup) });
  }
  details['lookup'] = runs;
  const gain = best(runs.map(({ plain, lookup }) => lookup / plain));
  const value = `${best(runs.map(({ lookup }) => lookup)).toFixed(1)} tokens/s (${gain.toFixed(2)}×)`;
  add('prompt lookup on an answer that quotes', value, '≥ 1.1×', gain >= 1.1);
  add('of these texts, differ from plain greedy', `${runs.filter(({ differs }) => differs).length} of ${runs.length}`);
}

/**
 * From `cancel` to the final event, and until the worker has answered something more urgent after that: with one answer being written, with four,
 * and while a long prompt is read.
 */
async function measureCancel(): Promise<void> {
  const all: number[] = [];
  const free: number[] = [];
  for (const [name, running] of [
    ['one answer being written', 1],
    ['four being written', TOGETHER],
    ['a long prompt being read', 0],
  ] as const) {
    const delays: { readonly finalMs: number; readonly freeMs: number }[] = [];
    for (let round = 0; round < CANCEL_ROUNDS; round++) delays.push(await cancelDelays(running));
    const [finals, frees] = [delays.map(({ finalMs }) => finalMs), delays.map(({ freeMs }) => freeMs)];
    all.push(...finals);
    free.push(...frees);
    const value = `${medianAndWorst(finals)}; ${medianAndWorst(frees)}`;
    add(`cancel to final event; to other work done, ${name}, median and worst of ${delays.length}`, value);
  }
  details['cancelMs'] = all;
  details['freeMs'] = free;
  const worst = quantile(all, 1);
  add(`cancel to final event, median and worst of ${all.length}`, medianAndWorst(all), '≤ 100 ms', worst <= 100);
  add(`cancel to other work done, median and worst of ${free.length}`, medianAndWorst(free));
}

function medianAndWorst(delays: readonly number[]): string {
  return `${quantile(delays, 0.5).toFixed(1)} ms, ${quantile(delays, 1).toFixed(1)} ms`;
}

async function cancelDelays(running: number): Promise<{ readonly finalMs: number; readonly freeMs: number }> {
  const isReading = running === 0;
  const contents = isReading ? [`${PASSAGE} `.repeat(14)] : QUESTIONS.slice(0, running);
  const jobs = contents.map((content) => job(content, { maxTokens: 400, temperature: 1 }));
  const target = jobs[0]!.id;
  const done = worker.time(jobs);
  if (isReading) await new Promise((resolve) => setTimeout(resolve, 250));
  else await worker.until(() => worker.seen(target) >= 5);
  const startedMs = performance.now();
  worker.client.cancel(target);
  await worker.until(() => worker.isFinal(target));
  const finalMs = performance.now() - startedMs;
  const next = `${target}-next`;
  worker.client.submit({ kind: 'detokenize', id: next, priority: 'score', tokens: [] });
  await worker.until(() => worker.isFinal(next));
  const freeMs = performance.now() - startedMs;
  for (const { id } of jobs) worker.client.cancel(id);
  await done;
  return { finalMs, freeMs };
}

/** Long prompts and answers of all classes at once, as much as the bounds allow, sampled every 50 ms. */
async function measureMemory(): Promise<void> {
  const idle = memoryMiB();
  let peak = idle;
  const timer = setInterval(() => {
    peak = Math.max(peak, memoryMiB());
  }, 50);
  const long = Array.from({ length: 3 }, (_, i) =>
    job(`${i} ${`${PASSAGE} `.repeat(20)}`, { maxTokens: 60, temperature: 1 }),
  );
  const short = Array.from({ length: 6 }, (_, i) => job(`${i} ${PASSAGE}`, { maxTokens: 60, temperature: 1 }));
  const verify = short.map((one) => ({ ...one, id: `${one.id}v`, priority: 'verify' }) as const);
  await worker.time([...short, ...verify, ...long]);
  clearInterval(timer);
  details['memoryMiB'] = { idle, peak };
  add('memory of a worker after the figures above (resident)', `${idle.toFixed(0)} MiB`);
  add(
    'peak under 3 prompts of 1,700 tokens and 12 short ones',
    `${peak.toFixed(0)} MiB`,
    '≤ 700 MB',
    peak * 1.048576 <= 700,
  );
}

async function measureRestart(): Promise<void> {
  const readies = worker.readies();
  const streaming = job(QUESTIONS[0]!, { maxTokens: 60 });
  const queued = Array.from({ length: 12 }, (_, i) => job(`Count to ${i + 3}.`, { maxTokens: 4 }));
  const all = worker.time([streaming, ...queued]);
  await worker.until(() => worker.seen(streaming.id) >= 5);
  const startedMs = performance.now();
  process.kill(worker.client.pid()!, 'SIGKILL');
  await worker.until(() => worker.readies() > readies);
  const readyMs = performance.now() - startedMs;
  const { events } = await all;
  const lost = events.filter(({ event }) => event.kind === 'failed').length;
  details['restart'] = { readyMs, lost, jobs: queued.length + 1 };
  add('ready again after kill -9', `${(readyMs / 1000).toFixed(2)} s`, '≤ 3 s', readyMs <= 3000);
  add('jobs lost by it, of one streaming and twelve queued', String(lost), '0', lost === 0);
}

type JobOptions = { maxTokens: number; temperature?: number; instruction?: string; lookup?: boolean };

function job(
  content: string,
  { maxTokens, temperature = 0, instruction = '', lookup = false }: JobOptions,
): GenerateJob {
  jobCount++;
  return {
    kind: 'generate',
    id: `j${jobCount}`,
    priority: 'answer',
    messages: [{ role: 'user', content }],
    profile: { instruction, temperature, topP: 1, maxTokens },
    seed: 7,
    stop: [],
    adapter: null,
    lookup,
  };
}

/** Tokens per second from the first piece of text to the end. */
function decodeRate({ events }: Timed): number {
  const final = events.at(-1)!;
  const first = events.find(({ event }) => event.kind === 'token') ?? final;
  return (1000 * (tokensOf(final.event) - 1)) / (final.atMs - first.atMs);
}

function tokensOf(event: JobEvent): number {
  return event.kind === 'generated' ? event.result.tokens.length : 0;
}

function textOf({ events }: Timed): string {
  const final = events.at(-1)!.event;
  return final.kind === 'generated' ? final.result.text : '';
}

function best(values: readonly number[]): number {
  return Math.max(...values);
}

function lowest(values: readonly number[]): number {
  return Math.min(...values);
}

/** Resident memory, the pages of the weight file that several workers share included. */
function memoryMiB(): number {
  const text = readFileSync(`/proc/${worker.client.pid()}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1]) / 1024;
}

function startWorker(modelDirectory: string) {
  const events: { readonly atMs: number; readonly event: JobEvent }[] = [];
  const checks = new Set<() => void>();
  let readies = 0;
  const tell = (): void => {
    for (const check of checks) check();
  };
  const client: WorkerClient = createWorkerClient({
    modelDirectory,
    onEvent: (event) => {
      events.push({ atMs: performance.now(), event });
      tell();
    },
    onReady: () => {
      readies++;
      tell();
    },
  });
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        checks.delete(check);
        resolve();
      };
      checks.add(check);
      check();
    });
  const isFinal = (id: string) => events.some(({ event }) => event.kind !== 'token' && event.id === id);
  return {
    client,
    until,
    isFinal,
    readies: () => readies,
    ready: () => until(() => readies > 0),
    /** Pieces of text that a job has streamed. */
    seen: (id: string) => events.filter(({ event }) => event.kind === 'token' && event.id === id).length,
    /** Submits all at once and resolves when all have ended. */
    async time(jobs: readonly GenerateJob[]): Promise<Timed> {
      const ids = new Set(jobs.map(({ id }) => id));
      const startedMs = performance.now();
      for (const one of jobs) client.submit(one);
      await until(() => jobs.every(({ id }) => isFinal(id)));
      return { events: events.filter(({ event }) => ids.has(event.id)), ms: performance.now() - startedMs };
    },
  };
}
