/**
 * What one training step costs and how exact it is: time, memory peak, and the gradients against PyTorch autograd on the
 * same step in the same run. Usage: node bench/training/run.ts [--model default|DIR] [--cache-dir DIR] [--python PATH]
 * [--rounds N] [--steps N] [--threads N].
 * Without --python only our side is measured. Writes bench/results/training.json.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { FACTOR_NAMES } from '../../packages/inference/src/adapters/lora-factors.ts';
import { resolveModel } from '../../packages/inference/src/models/index.ts';
import { type Row, report } from '../table.ts';
import { writeStep } from './step-file.ts';

type Measured = {
  readonly loss: number;
  readonly stepMs: readonly number[];
  readonly peakMiB: number;
  readonly loadMs?: number;
  readonly version?: string;
};

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const run = promisify(execFile);

async function measured(program: string, values: readonly string[]): Promise<Measured> {
  const { stdout } = await run(program, [...values], { maxBuffer: 1 << 24 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
}

async function floats(path: string): Promise<Float32Array> {
  const bytes = await readFile(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** ‖ours − reference‖ / ‖reference‖ */
async function relativeError(folder: string, name: string): Promise<number> {
  const [ours, reference] = [
    await floats(join(folder, `our_${name}.bin`)),
    await floats(join(folder, `d_${name}.bin`)),
  ];
  const squares = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares(ours.map((value, i) => value - reference[i]!)) / squares(reference));
}

const best = (times: readonly number[]): number => Math.min(...times);

/** Several runs as one: all their times, the highest peak. */
function together(runs: readonly Measured[]): Measured {
  const stepMs = runs.flatMap((one) => one.stepMs);
  return { ...runs[0]!, stepMs, peakMiB: Math.max(...runs.map(({ peakMiB }) => peakMiB)) };
}

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'default' },
    'cache-dir': { type: 'string' },
    python: { type: 'string' },
    steps: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '1' },
  },
});
const cacheDir = values['cache-dir'] ?? join(homedir(), '.synod', 'models');
const { directory } = await resolveModel({ model: values.model, cacheDir });
const folder = await mkdtemp(join(tmpdir(), 'synod-training-'));
try {
  const size = await writeStep(folder, directory);
  const ourRuns: Measured[] = [];
  const referenceRuns: Measured[] = [];
  // In turn, so that other work on the machine slows both alike.
  for (let round = 0; round < Number(values.rounds); round++) {
    ourRuns.push(await measured(process.execPath, [here('our-step.ts'), folder, values.steps, values.threads]));
    if (values.python === undefined) continue;
    referenceRuns.push(await measured(values.python, [here('reference.py'), folder, values.steps, values.threads]));
  }
  const ours = together(ourRuns);
  const rows: Row[] = [
    { figure: 'tokens in the step (padded)', value: `${size.tokens} (${size.padded})`, goal: '≈ 280', met: null },
    {
      figure: 'step, best',
      value: `${best(ours.stepMs).toFixed(0)} ms`,
      goal: '≤ 1500 ms',
      met: best(ours.stepMs) <= 1500,
    },
    {
      figure: 'memory peak',
      value: `${ours.peakMiB.toFixed(0)} MiB`,
      goal: '≤ 2500 MB',
      met: ours.peakMiB * 1.048576 <= 2500,
    },
    { figure: 'load', value: `${ours.loadMs?.toFixed(0)} ms`, goal: '–', met: null },
  ];
  const reference = referenceRuns.length === 0 ? null : together(referenceRuns);
  if (reference !== null) {
    const ratio = best(ours.stepMs) / best(reference.stepMs);
    rows.push(
      {
        figure: `PyTorch ${reference.version} eager, best`,
        value: `${best(reference.stepMs).toFixed(0)} ms`,
        goal: '–',
        met: null,
      },
      { figure: 'ours / PyTorch', value: `${ratio.toFixed(2)} of its time`, goal: '–', met: null },
      { figure: 'PyTorch memory peak', value: `${reference.peakMiB.toFixed(0)} MiB`, goal: '–', met: null },
      { figure: 'loss, ours − PyTorch', value: (ours.loss - reference.loss).toExponential(1), goal: '–', met: null },
    );
    for (const name of FACTOR_NAMES) {
      const error = await relativeError(folder, name);
      rows.push({
        figure: `d_${name}, relative error`,
        value: error.toExponential(1),
        goal: '≤ 1e-4',
        met: error <= 1e-4,
      });
    }
  }
  report('training', rows, { size, threads: Number(values.threads), ours, reference });
} finally {
  await rm(folder, { recursive: true, force: true });
}
