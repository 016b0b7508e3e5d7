/**
 * What pieces of a prompt cost: prefill speed and how long one piece keeps everything else waiting, for several sizes in turns within one
 * run, in processor time. Run: node bootstrap.mjs run bench/engine/pieces.ts [ROUNDS] [SIZES, 24 among them]
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createAdapterStore } from '../../packages/inference/src/engine/adapter-store.ts';
import { chunksOf } from '../../packages/inference/src/engine/chunks.ts';
import { openLanguageModel } from '../../packages/inference/src/engine/language-model.ts';
import { resolveModel } from '../../packages/inference/src/models/index.ts';
import { readManifest } from '../../packages/inference/src/models/store/manifest-file.ts';
import { quantile, report } from '../table.ts';

const SIZES = (process.argv[3] ?? '24,32,48,64,128').split(',').map(Number);
const PROMPT_TOKENS = 384;

const rounds = Number(process.argv[2] ?? 20);
const { directory } = await resolveModel({ model: 'default', cacheDir: join(homedir(), '.synod/models') });
const manifest = await readManifest(directory);
const model = await openLanguageModel(directory, manifest.architecture);
const adapter = await createAdapterStore(manifest, 1).get(null);
const ids = Array.from({ length: PROMPT_TOKENS }, (_, i) => 1_000 + ((i * 7_919) % 20_000));
const measured = [...SIZES.map((size) => ({ size, listens: false })), { size: 24, listens: true }].map((one) => ({
  ...one,
  totals: [] as number[],
  pieces: [] as number[],
}));
for (let round = 0; round < rounds; round++) {
  for (const { size, listens, totals, pieces } of measured) {
    const sequence = model.open(adapter, PROMPT_TOKENS);
    const beganMs = processorMs();
    for (const chunk of chunksOf(ids, size)) {
      if (listens) await setImmediate();
      const startedMs = processorMs();
      await sequence.read(chunk, 'last');
      pieces.push(processorMs() - startedMs);
    }
    totals.push(processorMs() - beganMs);
    sequence.close();
  }
}
await model.close();
/** One thread computes; what others do on the machine does not count. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const speed = (totals: readonly number[]) => (1000 * PROMPT_TOKENS) / Math.min(...totals);
const base = measured.find(({ size, listens }) => size === 24 && !listens)!;
const rows = measured.map(({ size, listens, totals, pieces }) => ({
  figure: `pieces of ${size}${listens ? ', messages read between' : ''}: tokens/s best of ${rounds}; against 24, median of rounds; one piece, median and worst`,
  value: `${speed(totals).toFixed(0)}; ${quantile(
    totals.map((total, i) => base.totals[i]! / total),
    0.5,
  ).toFixed(3)}; ${quantile(pieces, 0.5).toFixed(0)} ms, ${quantile(pieces, 1).toFixed(0)} ms`,
  goal: '–',
  met: null,
}));
report('engine-pieces', rows, { measured });
