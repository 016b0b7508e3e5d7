import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readAdapter, writeAdapter } from '../../src/adapters/adapter-file.ts';
import type { AdapterAbout } from '../../src/adapters/adapter-header.ts';
import { baseModelHash } from '../../src/adapters/base-model.ts';
import { FACTOR_NAMES, type FactorName, genesisFactors, type LoraFactors } from '../../src/adapters/lora-factors.ts';
import { loadEngine } from '../../src/engine/engine.ts';
import { loadTokenizer } from '../../src/engine/tokenizer.ts';
import type { LlamaShape } from '../../src/models/manifest.ts';
import { readManifest } from '../../src/models/store/manifest-file.ts';
import { createPrng } from '../../src/models/tiny/prng.ts';
import { createBatch, encodeExample } from '../../src/training/batch.ts';
import { openGradientStep } from '../../src/training/gradient-step.ts';
import { tinyModel, undisturbed } from '../engine/tiny-model.ts';

const directory = await tinyModel();
const { architecture: shape } = await readManifest(directory);
const step = await openGradientStep({ directory, shape, trained: 'AB', threads: 1 });
after(() => step.release());

const prng = createPrng(5);
const tokens = (count: number) => Array.from({ length: count }, () => 3 + (prng.uint32() % 200));
/** Rows of different lengths: padding must not matter. */
const batch = createBatch([
  { ids: tokens(9), answerStart: 4, weight: 1 },
  { ids: tokens(6), answerStart: 5, weight: 0.5 },
]);
const small = (values: Float32Array) => values.map(() => 0.1 * prng.signed());
const genesis = genesisFactors(shape, 1);
const factors: LoraFactors = { ...genesis, qB: small(genesis.qB), vB: small(genesis.vB) };

const lossAt = async (changed: LoraFactors): Promise<number> => {
  const { nll } = await step.run(batch, changed);
  // Summed here in double precision: the graph's float32 sum would hide small differences.
  return nll.reduce((sum, value, i) => sum + value * batch.weights[i]!, 0);
};

/** The loss's slope along `direction` of one factor, from two evaluations. */
async function slope(name: FactorName, direction: Float32Array, distance: number): Promise<number> {
  const moved = (sign: number): LoraFactors => ({
    ...factors,
    [name]: factors[name].map((value, i) => value + sign * distance * direction[i]!),
  });
  return ((await lossAt(moved(1))) - (await lossAt(moved(-1)))) / (2 * distance);
}

test('every gradient agrees with finite differences along random directions and along itself', async () => {
  const { gradients, loss } = await step.run(batch, factors);
  assert.ok(Math.abs(loss - (await lossAt(factors))) < 1e-5);
  for (const name of FACTOR_NAMES) {
    const gradient = gradients[name]!;
    const norm = Math.hypot(...gradient);
    assert.ok(norm > 1e-4, `${name} has a gradient`);
    const directions = [
      gradient.map((value) => value / norm),
      ...Array.from({ length: 4 }, () => {
        const random = gradient.map(() => prng.signed());
        const length = Math.hypot(...random);
        return random.map((value) => value / length);
      }),
    ];
    for (const [i, direction] of directions.entries()) {
      const analytic = direction.reduce((sum, value, at) => sum + value * gradient[at]!, 0);
      const numeric = await slope(name, direction, 0.02);
      const error = Math.abs(analytic - numeric);
      assert.ok(error < 0.01 * norm * (i === 0 ? 1 : 0.3), `${name}, direction ${i}: ${analytic} against ${numeric}`);
    }
  }
});

test('the training graph finds the same probabilities as the generation graph, with and without an adapter', async () => {
  const engine = await loadEngine(directory);
  after(() => engine.close());
  const tokenizer = await loadTokenizer(directory);
  const manifest = await readManifest(directory);
  const path = join(directory, 'test.adapter');
  const strong = { ...factors, vB: factors.vB.map((value) => 10 * value) };
  await writeAdapter(path, { about: aboutTest(baseModelHash(manifest), shape), factors: strong });
  const adapted = (await readAdapter(path, { shape, baseModel: baseModelHash(manifest) })).factors;
  const example = { prompt: 'What is the answer?', answer: 'the answer is here' };
  const encoded = encodeExample(example, { tokenizer, ...shape });
  const found: Float32Array[] = [];
  const read: number[][] = [];
  for (const [adapter, used] of [
    [null, genesis],
    [path, adapted],
  ] as const) {
    found.push((await step.run(createBatch([encoded]), used)).nll.map((value) => -value));
    const request = { question: example.prompt, answers: [example.answer], tokensMax: 100, adapter };
    read.push((await engine.likelihoods(request, undisturbed))[0]!);
  }
  assert.equal(read[0]!.length, found[0]!.length - 1, 'the end of the turn is scored by training alone');
  // The generation graph rounds activations to 8 bits, which this model's random weights magnify.
  for (const which of [0, 1]) {
    const [same, other] = [distance(read[which]!, found[which]!), distance(read[which]!, found[1 - which]!)];
    assert.ok(same < 0.4 && same < other / 2, `${which}: ${same} from its own, ${other} from the other`);
  }
});

/** Root mean square of the differences. */
function distance(a: readonly number[], b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length);
}

function aboutTest(baseModel: string, { layers, hidden, keyValueHeads, headSize, loraRank }: LlamaShape): AdapterAbout {
  return {
    formatVersion: 1,
    domain: 'test',
    licence: 'Apache-2.0',
    baseModel,
    shape: { layers, hidden, keyValueHeads, headSize, loraRank },
    trained: 'B',
    factorSeed: 1,
    seed: 1,
    steps: 1,
    dataHash: '00'.repeat(32),
  };
}
