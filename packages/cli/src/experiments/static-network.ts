/**
 * A static model asked of one process and of a network's workers. Owns the comparison of answers and times; consensus is not run, its part of the
 * time is counted in blocks.
 */
import { defaultChainParams } from '@synod/chain';
import { UNRELATED } from './fact-stream.ts';
import { type AskingWorker, openWorker } from './machines.ts';
import { barPlot } from './plot.ts';
import { markdownTable, type Report } from './write-report.ts';

export type StaticOptions = {
  readonly model: string;
  readonly quick: boolean;
  readonly onProgress: (text: string) => void;
};

/** Blocks from a question to its settled answer when nobody is late: opened, answered, revealed, scored, scores revealed. */
const BLOCKS = 5;

type Asked = {
  readonly question: string;
  readonly answer: string;
  readonly processMs: number;
  readonly networkMs: number;
  readonly isEqual: boolean;
};

export async function staticNetwork({ model, quick, onProgress }: StaticOptions): Promise<Report> {
  const nodes = quick ? 2 : 4;
  const questions = UNRELATED.slice(0, quick ? 4 : UNRELATED.length).map(({ asked }) => asked);
  const one = openWorker(model);
  const network = Array.from({ length: nodes }, () => openWorker(model));
  try {
    // Loading is no part of an answer's time.
    await Promise.all([one, ...network].map((worker) => worker.ask('Hello', null)));
    const asked: Asked[] = [];
    for (const question of questions) {
      onProgress(`question ${asked.length + 1} of ${questions.length}`);
      asked.push(await askBoth(one, network, question));
    }
    return reportOf(asked, { model, nodes });
  } finally {
    await Promise.all([one, ...network].map((worker) => worker.close()));
  }
}

/** All of the network's workers answer at the same time, as a query's respondents do. */
async function askBoth(one: AskingWorker, network: readonly AskingWorker[], question: string): Promise<Asked> {
  const alone = await one.ask(question, null);
  const answers = await Promise.all(network.map((worker) => worker.ask(question, null)));
  const networkMs = Math.max(...answers.map(({ ms }) => ms));
  const isEqual = answers.every(({ text }) => text === alone.text);
  return { question, answer: alone.text, processMs: alone.ms, networkMs, isEqual };
}

function reportOf(asked: readonly Asked[], { model, nodes }: { model: string; nodes: number }): Report {
  const waitMs = BLOCKS * defaultChainParams().timeouts.blockIntervalMs;
  const seconds = (ms: number) => (ms / 1000).toFixed(2);
  const rows = asked.map(({ question, processMs, networkMs, isEqual }) => [
    question,
    seconds(processMs),
    seconds(networkMs),
    seconds(networkMs + waitMs),
    isEqual ? 'yes' : 'no',
  ]);
  const equal = asked.filter(({ isEqual }) => isEqual).length;
  const plot = barPlot(
    { title: 'Time to an answer', x: 'question', y: 'seconds' },
    ['one process', `${nodes} workers`, 'with blocks'],
    asked.map(({ processMs, networkMs }, i) => ({
      name: `${i + 1}`,
      values: [processMs, networkMs, networkMs + waitMs].map((ms) => ms / 1000),
    })),
  );
  const markdown = `# A static model on the network and in one process

${equal} of ${asked.length} questions have the same answer, to the byte, from one process and from each of ${nodes} workers. Model: \`${model.split('/').filter(Boolean).at(-1)}\`.

${markdownTable(['question', 'one process, s', 'slowest worker, s', `with ${BLOCKS} blocks, s`, 'equal'], rows)}

![Time to an answer](latency.svg)

What is real: ${nodes + 1} worker processes as nodes run them, greedy answers. They share this machine, so the workers' times hold for as few cores as it has. What is
simulated: the network. No message is sent and no block is made; ${BLOCKS} blocks of ${seconds(waitMs / BLOCKS)} s stand for opening, answering, revealing and scoring.
`;
  return { name: 'static-network', markdown, plots: { 'latency.svg': plot }, data: { nodes, waitMs, asked } };
}
