/**
 * A model of a few hundred kilobytes with random weights, for tests, demonstrations without download, and quick trials.
 * Owns its shape and its numbers; graphs and files come from the same code as the default model's.
 */
import { mkdir } from 'node:fs/promises';
import type { FloatTensor } from '../files/safetensors-file.ts';
import { BLOCK_SIZE, type MatrixSize, type Q4Matrix, type Q8Matrix } from '../gguf/blocks.ts';
import type { EmbedderShape, EmbedderSource } from '../graphs/embedder-graph.ts';
import type { LayerMatrix, LlamaSource } from '../graphs/llama-tensors.ts';
import type { LlamaShape } from '../manifest.ts';
import { writeModel } from '../store/write-model.ts';
import { type ByteLevelVocabulary, CHAT_TOKENS, tokenizerConfig, tokenizerJson } from '../tokenizer/byte-level.ts';
import { createPrng, type Prng } from './prng.ts';
import { isPrintableToken, TINY_BEGIN_TOKEN, TINY_END_TOKEN, tinyVocabulary } from './tiny-vocabulary.ts';

const CONTEXT_TOKENS = 2048;
const HIDDEN = 64;
const FEED_FORWARD = 128;
const EMBEDDER_TOKENS_MAX = 512;
const EMBEDDER_SHAPE: EmbedderShape = { layers: 1, hidden: HIDDEN, heads: 4, normEpsilon: 1e-12 };

/** Makes output letters differ clearly without one always winning. */
const EMBEDDING_SCALE = 0.006;
/** Tokens that cannot be read get rows this much smaller and so are hardly ever written. */
const UNPRINTABLE_SCALE = EMBEDDING_SCALE / 16;
/** Layers then outweigh the tied embedding, which alone would repeat the last letter for ever. */
const MATRIX_SCALE = 0.06;
const EMBEDDER_MATRIX_SCALE = 0.2;

/**
 * Fills `directory` (made if missing) with a model whose every byte follows from `seed`. Returns its hash.
 * It loads and runs like the default one but writes meaningless, mostly printable text.
 */
export async function buildTinyModel(directory: string, { seed }: { readonly seed: number }): Promise<string> {
  await mkdir(directory, { recursive: true });
  const prng = createPrng(seed);
  const { vocabulary, shape, source } = tinyLlama(prng);
  const tokenizer = { vocabulary: tokenizerJson(vocabulary), config: tokenizerConfig(vocabulary) };
  return await writeModel(directory, {
    about: { name: 'synod-tiny', licence: 'Apache-2.0', source: `random weights, seed ${seed}` },
    llama: { shape, source, tokenizer },
    embedder: {
      shape: EMBEDDER_SHAPE,
      tokensMax: EMBEDDER_TOKENS_MAX,
      source: randomEmbedder(shape.vocabulary, prng),
      tokenizer: { ...tokenizer, vocabulary: framed(tokenizer.vocabulary) },
    },
  });
}

/** The causal model alone. Its source draws from `prng`, so equal seeds give equal weights to whoever reads them in the order of llama-tensors.ts. */
export function tinyLlama(prng: Prng): { vocabulary: ByteLevelVocabulary; shape: LlamaShape; source: LlamaSource } {
  const vocabulary = tinyVocabulary(CONTEXT_TOKENS);
  const shape = tinyShape(vocabulary.tokens.length);
  return { vocabulary, shape, source: randomLlama(shape, vocabulary, prng) };
}

function tinyShape(vocabulary: number): LlamaShape {
  const shape = { layers: 2, hidden: HIDDEN, feedForward: FEED_FORWARD, heads: 4, keyValueHeads: 2, headSize: 16 };
  const attention = 2 * HIDDEN * HIDDEN + 2 * HIDDEN * shape.keyValueHeads * shape.headSize;
  const layer = attention + 3 * HIDDEN * FEED_FORWARD + 2 * HIDDEN;
  return {
    ...shape,
    vocabulary,
    contextTokens: CONTEXT_TOKENS,
    ropeTheta: 10000,
    normEpsilon: 1e-5,
    loraRank: 8,
    beginToken: TINY_BEGIN_TOKEN,
    endToken: TINY_END_TOKEN,
    parameters: shape.layers * layer + vocabulary * HIDDEN + HIDDEN,
  };
}

/** An embedder reads a text between two special tokens, so that even an empty text has some. */
function framed(tokenizer: object): object {
  const special = (content: string, id: number) => [content, { id: content, ids: [id], tokens: [content] }] as const;
  const begin = { SpecialToken: { id: CHAT_TOKENS.begin, type_id: 0 } };
  const end = { SpecialToken: { id: CHAT_TOKENS.end, type_id: 0 } };
  const first = { Sequence: { id: 'A', type_id: 0 } };
  const second = { Sequence: { id: 'B', type_id: 0 } };
  return {
    ...tokenizer,
    post_processor: {
      type: 'TemplateProcessing',
      single: [begin, first, end],
      pair: [begin, first, end, second, end],
      special_tokens: Object.fromEntries([
        special(CHAT_TOKENS.begin, TINY_BEGIN_TOKEN),
        special(CHAT_TOKENS.end, TINY_END_TOKEN),
      ]),
    },
  };
}

function randomLlama(shape: LlamaShape, vocabulary: ByteLevelVocabulary, prng: Prng): LlamaSource {
  const keyValue = shape.keyValueHeads * shape.headSize;
  const sizes: Readonly<Record<LayerMatrix, MatrixSize>> = {
    query: { rows: HIDDEN, columns: HIDDEN },
    key: { rows: keyValue, columns: HIDDEN },
    value: { rows: keyValue, columns: HIDDEN },
    attentionOutput: { rows: HIDDEN, columns: HIDDEN },
    gate: { rows: FEED_FORWARD, columns: HIDDEN },
    up: { rows: FEED_FORWARD, columns: HIDDEN },
    down: { rows: HIDDEN, columns: FEED_FORWARD },
  };
  return {
    embedding: async () => randomEmbedding(vocabulary, prng),
    finalNorm: async () => new Float32Array(HIDDEN).fill(1),
    vector: async () => new Float32Array(HIDDEN).fill(1),
    matrix: async (_layer, name) => randomQ4(sizes[name], prng),
  };
}

function randomEmbedding({ tokens, specialIds }: ByteLevelVocabulary, prng: Prng): Q8Matrix {
  const blocks = HIDDEN / BLOCK_SIZE;
  const codes = Uint8Array.from({ length: tokens.length * HIDDEN }, () => prng.uint32() & 255);
  const scales = Float32Array.from({ length: tokens.length * blocks }, (_, at) => {
    const id = Math.floor(at / blocks);
    const readable = id === TINY_END_TOKEN || (!specialIds.includes(id) && isPrintableToken(tokens[id]!));
    return readable ? EMBEDDING_SCALE : UNPRINTABLE_SCALE;
  });
  return { rows: tokens.length, columns: HIDDEN, codes, scales };
}

/** Codes of 0 … 15 around a minimum of −7.5 scales: mean zero. */
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

function randomEmbedder(vocabulary: number, prng: Prng): EmbedderSource {
  const random = (dims: readonly number[], scale: number): FloatTensor => {
    const length = dims.reduce((product, size) => product * size, 1);
    return { dims, data: Float32Array.from({ length }, () => scale * prng.signed()) };
  };
  return async (name) => {
    if (name.endsWith('LayerNorm.weight')) return { dims: [HIDDEN], data: new Float32Array(HIDDEN).fill(1) };
    if (name.endsWith('word_embeddings.weight')) return random([vocabulary, HIDDEN], 1);
    if (name.endsWith('position_embeddings.weight')) return random([EMBEDDER_TOKENS_MAX, HIDDEN], 0.01);
    if (name.endsWith('token_type_embeddings.weight')) return random([2, HIDDEN], 0.01);
    const inner = name.includes('.intermediate.');
    if (name.endsWith('.bias')) return random([inner ? FEED_FORWARD : HIDDEN], 0.01);
    const outer = name.includes('.layer.') && /layer\.\d+\.output\.dense/.test(name);
    return random([inner ? FEED_FORWARD : HIDDEN, outer ? FEED_FORWARD : HIDDEN], EMBEDDER_MATRIX_SCALE);
  };
}
