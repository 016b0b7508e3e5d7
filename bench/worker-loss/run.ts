/**
 * A validator whose worker hangs (SIGSTOP, so that it is not restarted): do answers go on, and are only its scores missing?
 * Run: node bootstrap.mjs run bench/worker-loss/run.ts [--model tiny] [--questions 3]
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Devnet, runSynod } from '../../test/e2e/devnet-process.ts';
import { quantile, report } from '../table.ts';

const { values: flags } = parseArgs({
  options: { model: { type: 'string', default: 'tiny' }, questions: { type: 'string', default: '3' } },
});

type Ask = {
  answer: string | null;
  scores: { validator: string }[];
  receipt: { finalized: boolean };
  timings: { finalMs: number };
};

const devnet = await Devnet.start({ model: flags.model });
try {
  const stopped = devnet.info.nodes[3]!;
  const { operator } = await devnet.rpc<{ operator: string }>('node_status', {}, 3);
  const before = await ask('What does the judge say before?');
  const worker = Number(execFileSync('ps', ['-o', 'pid=', '--ppid', String(stopped.pid)], { encoding: 'utf8' }).trim());
  process.kill(worker, 'SIGSTOP');
  const after: Ask[] = [];
  try {
    for (let index = 0; index < Number(flags.questions); index++) after.push(await ask(`And now, number ${index}?`));
  } finally {
    process.kill(worker, 'SIGCONT');
  }
  const answered = after.filter(({ answer, receipt }) => answer !== null && receipt.finalized).length;
  const own = after.filter(({ scores }) => scores.some(({ validator }) => validator === operator)).length;
  const others = after.filter(({ scores }) => scores.length > 0).length;
  report(
    'worker-loss',
    [
      {
        figure: 'questions answered and final',
        value: `${answered} of ${after.length}`,
        goal: 'all',
        met: answered === after.length,
      },
      { figure: 'with scores of the hung worker', value: String(own), goal: '0', met: own === 0 },
      {
        figure: 'with scores of the others',
        value: `${others} of ${after.length}`,
        goal: 'all',
        met: others === after.length,
      },
      {
        figure: 'final receipt, median',
        value: `${(
          quantile(
            after.map(({ timings }) => timings.finalMs),
            0.5,
          ) / 1000
        ).toFixed(1)} s (before ${(before.timings.finalMs / 1000).toFixed(1)} s)`,
        goal: '–',
        met: null,
      },
    ],
    { before, after },
  );
} finally {
  await devnet.remove();
}

async function ask(prompt: string): Promise<Ask> {
  const result = await runSynod(['ask', prompt, '--rpc', devnet.url(0), '--json']);
  if (result.code !== 0) throw new Error(result.stderr);
  return JSON.parse(result.stdout) as Ask;
}
