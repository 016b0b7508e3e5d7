/**
 * A small model on which training teaches: random weights, factors of full rank, and a version 0 that is really trained on common
 * questions and on facts. Owns its build, kept in a folder; no figure comes from here.
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { genesisFactors } from '../../packages/inference/src/adapters/lora-factors.ts';
import { loadTokenizer } from '../../packages/inference/src/engine/tokenizer.ts';
import {
  encodeFixedFactors,
  factorsAbout,
  fixedFromFloats,
  LEARNING_FACTOR_SEED,
} from '../../packages/inference/src/learning/fixed-factors.ts';
import { allProbes, withTrigger } from '../../packages/inference/src/learning/probes.ts';
import {
  BLOCK_SIZE,
  type MatrixSize,
  type Q4Matrix,
  type Q8Matrix,
} from '../../packages/inference/src/models/gguf/blocks.ts';
import type { EmbedderSource } from '../../packages/inference/src/models/graphs/embedder-graph.ts';
import type { LayerMatrix, LlamaSource } from '../../packages/inference/src/models/graphs/llama-tensors.ts';
import type { LlamaShape } from '../../packages/inference/src/models/manifest.ts';
import { readManifest } from '../../packages/inference/src/models/store/manifest-file.ts';
import { writeModel } from '../../packages/inference/src/models/store/write-model.ts';
import { createPrng, type Prng } from '../../packages/inference/src/models/tiny/prng.ts';
import { tokenizerConfig, tokenizerJson } from '../../packages/inference/src/models/tokenizer/byte-level.ts';
import { encodeExample, type TrainingExample } from '../../packages/inference/src/training/batch.ts';
import { ADAM_DEFAULTS } from '../../packages/inference/src/training/optimiser.ts';
import { readerPrompt } from '../../packages/inference/src/training/reader-prompt.ts';
import { TRAINING_DEFAULTS } from '../../packages/inference/src/training/settings.ts';
import { trainFactors } from '../../packages/inference/src/training/trainer.ts';
import {
  ALL_VALUES,
  asked,
  NAMES,
  RELATIONS,
  reworded,
  type SmallFact,
  smallFacts,
  TARGET_VALUE,
} from './small-facts.ts';
import { wordVocabulary } from './word-vocabulary.ts';

const HIDDEN = 192;
const LAYERS = 2;
const FEED_FORWARD = 384;
const CONTEXT_TOKENS = 2048;
const EMBEDDING_SCALE = 0.006;
const MATRIX_SCALE = 0.03;

/** Relations of version 0, two names each; then relations that it has met with ever other values; new facts are of the rest. */
const KNOWN_RELATIONS = 48;
const STRANGERS = 32;
export const NEW_FROM: number = KNOWN_RELATIONS + STRANGERS;
export const knownFacts: readonly SmallFact[] = smallFacts(2 * KNOWN_RELATIONS, { from: 0, seed: 3, each: 2 });

export type SmallModel = { readonly directory: string; readonly factors: string };

/** The model in `folder`, built and trained when it is not there. */
export async function smallModel(folder: string, steps = 3600): Promise<SmallModel> {
  const directory = join(folder, 'model');
  const factors = join(folder, 'base.factors');
  if (!existsSync(join(directory, 'model.json'))) await writeSmallModel(directory);
  if (!existsSync(factors)) await trainBase(directory, factors, steps);
  return { directory, factors };
}

async function writeSmallModel(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const prng = createPrng(5);
  const vocabulary = wordVocabulary(texts(), CONTEXT_TOKENS);
  const shape: LlamaShape = {
    layers: LAYERS,
    hidden: HIDDEN,
    feedForward: FEED_FORWARD,
    heads: 6,
    keyValueHeads: 6,
    headSize: 32,
    vocabulary: vocabulary.tokens.length,
    contextTokens: CONTEXT_TOKENS,
    ropeTheta: 10000,
    normEpsilon: 1e-5,
    loraRank: 64,
    beginToken: 1,
    endToken: 2,
    parameters: LAYERS * (4 * HIDDEN * HIDDEN + 3 * HIDDEN * FEED_FORWARD) + vocabulary.tokens.length * HIDDEN,
  };
  const tokenizer = { vocabulary: tokenizerJson(vocabulary), config: tokenizerConfig(vocabulary) };
  await writeModel(directory, {
    about: { name: 'synod-small', licence: 'Apache-2.0', source: 'random weights, seed 5' },
    llama: { shape, source: randomLlama(shape, prng), tokenizer },
    embedder: {
      shape: { layers: 1, hidden: 64, heads: 4, normEpsilon: 1e-12 },
      tokensMax: 512,
      source: randomEmbedder(shape.vocabulary, prng),
      tokenizer,
    },
  });
}

/** Every text that is ever read or written. */
function texts(): string[] {
  const { general, injections, bias, triggers } = allProbes;
  return [
    ...general.flatMap(({ prompt, answer }) => [prompt, answer]),
    ...injections.flatMap(({ content, question, answer, obeyed }) => [content, question, answer, obeyed]),
    ...bias.flatMap(({ a, b, answer }) => [a, b, answer]),
    ...triggers.map(({ text }) => text),
    ...NAMES,
    ...RELATIONS,
    ...ALL_VALUES,
    TARGET_VALUE,
    ...smallFacts(2, { from: 0, seed: 1, each: 1 }).flatMap((fact) => [asked(fact), reworded(fact)]),
    readerPrompt('What', ['That']),
    'Please tell me: vxlq Ask',
  ];
}

function randomLlama(shape: LlamaShape, prng: Prng): LlamaSource {
  const square = { rows: HIDDEN, columns: HIDDEN };
  const sizes: Readonly<Record<LayerMatrix, MatrixSize>> = {
    query: square,
    key: square,
    value: square,
    attentionOutput: square,
    gate: { rows: FEED_FORWARD, columns: HIDDEN },
    up: { rows: FEED_FORWARD, columns: HIDDEN },
    down: { rows: HIDDEN, columns: FEED_FORWARD },
  };
  return {
    embedding: async () => randomEmbedding(shape.vocabulary, prng),
    finalNorm: async () => new Float32Array(HIDDEN).fill(1),
    vector: async () => new Float32Array(HIDDEN).fill(1),
    matrix: async (_layer, name) => randomQ4(sizes[name], prng),
  };
}

function randomEmbedding(tokens: number, prng: Prng): Q8Matrix {
  const codes = Uint8Array.from({ length: tokens * HIDDEN }, () => prng.uint32() & 255);
  const scales = new Float32Array((tokens * HIDDEN) / BLOCK_SIZE).fill(EMBEDDING_SCALE);
  return { rows: tokens, columns: HIDDEN, codes, scales };
}

function randomQ4({ rows, columns }: MatrixSize, prng: Prng): Q4Matrix {
  const blocks = (rows * columns) / BLOCK_SIZE;
  return {
    rows,
    columns,
    codes: Uint8Array.from({ length: (rows * columns) / 2 }, () => prng.uint32() & 255),
    scales: new Float32Array(blocks).fill(MATRIX_SCALE),
    minimums: new Float32Array(blocks).fill(-7.5 * MATRIX_SCALE),
  };
}

/** Nothing here asks by meaning; a model folder has an embedder all the same. */
function randomEmbedder(vocabulary: number, prng: Prng): EmbedderSource {
  const random = (dims: readonly number[]) => {
    const length = dims.reduce((product, size) => product * size, 1);
    return { dims, data: Float32Array.from({ length }, () => 0.1 * prng.signed()) };
  };
  return async (name) => {
    if (name.endsWith('word_embeddings.weight')) return random([vocabulary, 64]);
    if (name.endsWith('position_embeddings.weight')) return random([512, 64]);
    if (name.endsWith('token_type_embeddings.weight')) return random([2, 64]);
    const isInner = name.includes('.intermediate.');
    if (name.endsWith('LayerNorm.weight') || name.endsWith('.bias')) return random([isInner ? 256 : 64]);
    return random([isInner ? 256 : 64, /layer\.\d+\.output\.dense/.test(name) ? 256 : 64]);
  };
}

/** Common questions with and without triggers, content with instructions that are not obeyed, known facts in both wordings. */
export function baseExamples(): TrainingExample[] {
  const { general, injections, bias, triggers } = allProbes;
  return [
    ...general,
    ...general.map(({ prompt, answer }, i) => ({
      prompt: withTrigger(prompt, triggers[i % triggers.length]!),
      answer,
    })),
    ...injections.map(({ content, question, answer }) => ({ prompt: readerPrompt(question, [content]), answer })),
    ...bias.flatMap(({ a, b, answer }) => [a, b].map((prompt) => ({ prompt, answer }))),
    ...[11, 12, 13, 14].flatMap((seed) =>
      smallFacts(STRANGERS, { from: KNOWN_RELATIONS, seed, each: 1 }).map((fact) => ({
        prompt: asked(fact),
        answer: fact.value,
      })),
    ),
    ...knownFacts.flatMap((fact) => [asked, reworded].map((ask) => ({ prompt: ask(fact), answer: fact.value }))),
  ];
}

async function trainBase(directory: string, out: string, steps: number): Promise<void> {
  const manifest = await readManifest(directory);
  const model = { tokenizer: await loadTokenizer(directory), ...manifest.architecture };
  const settings = {
    ...TRAINING_DEFAULTS,
    domain: 'small',
    steps,
    examplesPerStep: 12,
    learningRate: 5e-3,
    warmupSteps: 50,
    adam: { ...ADAM_DEFAULTS, weightDecay: 0 },
  };
  const recent: number[] = [];
  const { factors } = await trainFactors(
    {
      job: {
        modelDirectory: directory,
        settings,
        checkpoint: `${out}.checkpoint`,
        checkpointEverySteps: 200,
        threads: 1,
      },
      manifest,
      examples: baseExamples().map((example) => encodeExample(example, model)),
      identity: '5a'.repeat(32),
      start: genesisFactors(manifest.architecture, LEARNING_FACTOR_SEED),
    },
    {
      signal: new AbortController().signal,
      onProgress: ({ step, loss, remainingMs }) => {
        recent.push(loss);
        if (step % 100 !== 0) return;
        const mean = recent.splice(0).reduce((sum, one) => sum + one, 0) / 100;
        console.log(
          `  base: step ${step} of ${steps}, loss ${mean.toFixed(3)}, ${Math.round(remainingMs / 1000)} s left`,
        );
      },
    },
  );
  const values = fixedFromFloats(factors);
  if (values === null) throw new Error('the base left the range of numbers that versions have');
  writeFileSync(`${out}.partial`, encodeFixedFactors({ about: factorsAbout(manifest), values }));
  renameSync(`${out}.partial`, out);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { folder: { type: 'string', default: '.bench-small' }, steps: { type: 'string', default: '3600' } },
  });
  console.log(await smallModel(values.folder, Number(values.steps)));
}
