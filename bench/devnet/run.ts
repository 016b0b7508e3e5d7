/**
 * A user's minute on a fresh devnet with the default model: start, block interval idle and while every worker is busy, time to
 * first token, whole answer and final receipt, memory per validator.
 * Run: node bootstrap.mjs run bench/devnet/run.ts [--model default|tiny] [--questions 8] [--idle-blocks 40]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Devnet, runSynod } from '../../test/e2e/devnet-process.ts';
import { quantile, report } from '../table.ts';

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: 'default' },
    questions: { type: 'string', default: '8' },
    'idle-blocks': { type: 'string', default: '40' },
  },
});

type Ask = {
  timings: { firstTokenMs: number; totalMs: number; finalMs: number };
  respondents: { tokens: number }[];
  answer: string;
};

const prompts = [
  'Explain in two sentences why the sky is blue.',
  'Describe in two sentences how bread is made.',
  'Explain in two sentences what a democracy is.',
  'Describe in two sentences what the moon looks like.',
  'Explain in two sentences why we sleep.',
  'Describe in two sentences how a bicycle works.',
];

const devnet = await Devnet.start({ model: flags.model });
try {
  await devnet.rpc('node_status');
  const idle = await intervals(Number(flags['idle-blocks']));
  const asks: Ask[] = [];
  for (let index = 0; index < Number(flags.questions); index++)
    asks.push(await ask(prompts[index % prompts.length]!, index % 4));
  const memory = devnet.info.nodes.map(({ pid }) => pssMiB(pid));
  const busy = await busyIntervals();
  print(idle, busy, asks, memory);
} finally {
  await devnet.remove();
}

async function ask(prompt: string, node: number): Promise<Ask> {
  const result = await runSynod(['ask', prompt, '--rpc', devnet.url(node), '--json']);
  if (result.code !== 0) throw new Error(result.stderr);
  return JSON.parse(result.stdout) as Ask;
}

/** Milliseconds between the times of the next blocks, by their headers. */
async function intervals(count: number): Promise<readonly number[]> {
  const first = await devnet.height();
  await devnet.until(`${count} blocks`, count * 5_000, async () => (await devnet.height()) >= first + count);
  return between(first, first + count);
}

async function between(first: number, last: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let height = first; height <= last; height++) {
    times.push(Number((await devnet.rpc<{ time: string }>('chain_getBlock', { height: String(height) })).time));
  }
  return times.slice(1).map((time, index) => time - times[index]!);
}

/** Intervals while four requesters keep every worker busy. */
async function busyIntervals(): Promise<readonly number[]> {
  const first = await devnet.height();
  const askers = [0, 1, 2, 3].map(async (node) => {
    for (let index = 0; index < 3; index++) await ask(prompts[(node + index) % prompts.length]!, node);
  });
  await Promise.all(askers);
  return between(first, await devnet.height());
}

/** Proportional set size of a process and its children. */
function pssMiB(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((text) => text.trim() !== '');
  const own = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(own?.[1] ?? 0) / 1024 + children.reduce((sum, child) => sum + pssMiB(Number(child)), 0);
}

function print(
  idle: readonly number[],
  busy: readonly number[],
  asks: readonly Ask[],
  memory: readonly number[],
): void {
  const of = (pick: (ask: Ask) => number) => asks.map(pick);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const spread = (values: readonly number[]) =>
    `median ${seconds(quantile(values, 0.5))}, worst ${seconds(Math.max(...values))}`;
  const first = of(({ timings }) => timings.firstTokenMs);
  const whole = of(({ timings }) => timings.totalMs);
  const final = of(({ timings }) => timings.finalMs);
  const idleMedian = quantile(idle, 0.5);
  const [idleP99, busyP99] = [quantile(idle, 0.99), quantile(busy, 0.99)];
  const most = Math.max(...memory);
  report(
    'devnet',
    [
      {
        figure: 'start to ready (model cached)',
        value: seconds(devnet.readyMs),
        goal: '≤ 10 s',
        met: devnet.readyMs <= 10_000,
      },
      { figure: 'first token', value: spread(first), goal: '≤ 1.5 s', met: quantile(first, 0.5) <= 1_500 },
      { figure: 'whole answer', value: spread(whole), goal: '≤ 5 s', met: quantile(whole, 0.5) <= 5_000 },
      { figure: 'final receipt', value: spread(final), goal: '≤ 10 s', met: quantile(final, 0.5) <= 10_000 },
      {
        figure: 'block interval idle, median',
        value: `${idleMedian} ms`,
        goal: '450–600 ms',
        met: idleMedian >= 450 && idleMedian <= 600,
      },
      { figure: 'block interval idle, p99', value: `${idleP99} ms`, goal: '–', met: null },
      {
        figure: 'block interval busy, p99',
        value: `${busyP99} ms (× ${(busyP99 / idleP99).toFixed(2)})`,
        goal: '≤ 2 × idle p99',
        met: busyP99 <= 2 * idleP99,
      },
      {
        figure: 'memory per validator, PSS',
        value: `${most.toFixed(0)} MiB at most`,
        goal: '≤ 1,024 MiB',
        met: most <= 1_024,
      },
    ],
    { idle, busy, asks, memory, tokens: asks.map(({ respondents }) => respondents.map(({ tokens }) => tokens)) },
  );
}
