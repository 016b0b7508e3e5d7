/**
 * Writes a complete model folder from weight sources and tokenizers. Owns which files are written and in what order;
 * the same function makes the default model and the tiny one.
 */
import { join } from 'node:path';
import { writeWhole } from '../../files/whole-file.ts';
import { type EmbedderShape, type EmbedderSource, embedderGraph } from '../graphs/embedder-graph.ts';
import { llamaGraph } from '../graphs/llama-graph.ts';
import { type LlamaSource, type LlamaTensors, storeLlama } from '../graphs/llama-tensors.ts';
import type { LlamaShape, ModelManifest } from '../manifest.ts';
import { WeightFile } from '../onnx/weight-file.ts';
import { writeManifest } from './manifest-file.ts';

export type ModelParts = {
  readonly about: Pick<ModelManifest, 'name' | 'licence' | 'source'>;
  readonly llama: { readonly shape: LlamaShape; readonly source: LlamaSource; readonly tokenizer: TokenizerFiles };
  readonly embedder: {
    readonly shape: EmbedderShape;
    readonly tokensMax: number;
    readonly source: EmbedderSource;
    readonly tokenizer: TokenizerFiles;
  };
};

/** The contents of tokenizer.json and tokenizer_config.json. */
export type TokenizerFiles = { readonly vocabulary: object; readonly config: object };

/** Fills the empty folder `directory`. Returns the model's hash; equal parts give equal hashes. Errors: DISK_FULL. */
export async function writeModel(directory: string, parts: ModelParts): Promise<string> {
  const { shape, source, tokenizer } = parts.llama;
  const tensors = await storeWeights(join(directory, 'weights.bin'), shape, source);
  await writeWhole(join(directory, 'generate.onnx'), llamaGraph(shape, tensors));
  await writeWhole(join(directory, 'embed.onnx'), await embedderGraph(parts.embedder.shape, parts.embedder.source));
  await writeTokenizer(join(directory, 'tokenizer'), tokenizer);
  await writeTokenizer(join(directory, 'embed-tokenizer'), parts.embedder.tokenizer);
  return await writeManifest(directory, {
    ...parts.about,
    architecture: shape,
    embedder: { dimensions: parts.embedder.shape.hidden, tokensMax: parts.embedder.tokensMax },
  });
}

async function storeWeights(path: string, shape: LlamaShape, source: LlamaSource): Promise<LlamaTensors> {
  const file = await WeightFile.create(path);
  try {
    return await storeLlama(file, shape, source);
  } finally {
    await file.close();
  }
}

async function writeTokenizer(prefix: string, { vocabulary, config }: TokenizerFiles): Promise<void> {
  await writeWhole(`${prefix}.json`, JSON.stringify(vocabulary));
  await writeWhole(`${prefix}_config.json`, JSON.stringify(config));
}
