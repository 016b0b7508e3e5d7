/**
 * Our training step in a process of its own, so that its memory peak is its own. Reads the step that run.ts wrote, prints one
 * line of JSON. Usage: node our-step.ts FOLDER STEPS THREADS.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoraFactors } from '../../packages/inference/src/adapters/lora-factors.ts';
import { openGradientStep } from '../../packages/inference/src/training/gradient-step.ts';
import type { StepFile } from './step-file.ts';

const [folder = '', steps = '5', threads = '1'] = process.argv.slice(2);
const about = JSON.parse(await readFile(join(folder, 'step.json'), 'utf8')) as StepFile;

async function floats(name: string): Promise<Float32Array> {
  const bytes = await readFile(join(folder, `${name}.bin`));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

const openedMs = performance.now();
const { directory, shape } = about;
const step = await openGradientStep({ directory, shape, trained: 'AB', threads: Number(threads) });
const loadMs = performance.now() - openedMs;
const factors: LoraFactors = {
  qA: await floats('qA'),
  qB: await floats('qB'),
  vA: await floats('vA'),
  vB: await floats('vB'),
};
const batch = { ...about, weights: about.weightsOfTargets };
const stepMs: number[] = [];
let loss = Number.NaN;
for (let i = 0; i < Number(steps); i++) {
  const startedMs = performance.now();
  const result = await step.run(batch, factors);
  stepMs.push(performance.now() - startedMs);
  loss = result.loss;
  for (const [name, values] of Object.entries(result.gradients))
    await writeFile(join(folder, `our_${name}.bin`), values);
}
const status = await readFile('/proc/self/status', 'utf8');
const peakMiB = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
console.log(JSON.stringify({ loss, stepMs, loadMs, peakMiB }));
process.exit(0);
