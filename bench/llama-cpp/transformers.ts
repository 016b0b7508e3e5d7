/**
 * The same weights as 32-bit floats under `@huggingface/transformers`, one thread. Owns a folder in the form that library loads; the
 * graph in it is the tests' standard decoder.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { GgufFile } from '../../packages/inference/src/models/gguf/gguf-file.ts';
import { llamaShapeOf, llamaSourceOf } from '../../packages/inference/src/models/gguf/llama-source.ts';
import { writeStandardDecoder } from '../../packages/inference/test/models/standard/standard-decoder.ts';
import { CONTEXT_TOKENS, type Contender, DECODED_TOKENS, PROMPT } from './contender.ts';

type Library = {
  readonly env: { localModelPath: string; allowRemoteModels: boolean };
  readonly Tensor: new (type: string, data: ArrayBufferView, dims: readonly number[]) => object;
  readonly AutoModelForCausalLM: { from_pretrained(name: string, options: object): Promise<CausalModel> };
};
type CausalModel = { generate(options: object): Promise<object>; dispose(): Promise<unknown> };

/** Loads the model that `writeDense` wrote. */
export async function openTransformers(folder: string): Promise<Contender> {
  const { env, Tensor, AutoModelForCausalLM } = loadLibrary();
  env.localModelPath = dirname(folder);
  env.allowRemoteModels = false;
  const model = await AutoModelForCausalLM.from_pretrained(basename(folder), {
    dtype: 'fp32',
    device: 'cpu',
    use_external_data_format: true,
    session_options: { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 },
  });
  const int64 = (values: bigint[]) => new Tensor('int64', BigInt64Array.from(values), [1, values.length]);
  const generate = async (tokens: number, written: number) => {
    const ids = PROMPT.slice(0, tokens).map(BigInt);
    const startedMs = performance.now();
    const limits = { max_new_tokens: written, min_new_tokens: written, do_sample: false };
    await model.generate({ inputs: int64(ids), attention_mask: int64(ids.map(() => 1n)), ...limits });
    return performance.now() - startedMs;
  };
  return {
    name: 'transformers.js',
    prefill: (tokens) => generate(tokens, 1),
    decode: async () => {
      const firstMs = await generate(CONTEXT_TOKENS, 1);
      return ((await generate(CONTEXT_TOKENS, DECODED_TOKENS + 1)) - firstMs) / DECODED_TOKENS;
    },
    close: async () => {
      await model.dispose();
    },
  };
}

/**
 * Writes the dense model under `folder` (540 MB) as model hubs lay it out: `config.json`, the graph, and the tokenizer of the model folder
 * `own`.
 */
export async function writeDense(ggufPath: string, folder: string, own: string): Promise<void> {
  const gguf = await GgufFile.open(ggufPath);
  try {
    const shape = llamaShapeOf(gguf, 0);
    await mkdir(folder, { recursive: true });
    await writeStandardDecoder(folder, shape, llamaSourceOf(gguf, shape));
    const config = {
      model_type: 'llama',
      architectures: ['LlamaForCausalLM'],
      num_hidden_layers: shape.layers,
      num_attention_heads: shape.heads,
      num_key_value_heads: shape.keyValueHeads,
      hidden_size: shape.hidden,
      head_dim: shape.headSize,
      vocab_size: shape.vocabulary,
      bos_token_id: shape.beginToken,
      eos_token_id: shape.endToken,
      max_position_embeddings: shape.contextTokens,
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    for (const name of ['tokenizer.json', 'tokenizer_config.json']) await copyFile(join(own, name), join(folder, name));
    await writeFile(join(folder, 'generation_config.json'), JSON.stringify({ eos_token_id: shape.endToken }));
  } finally {
    await gguf.close();
  }
}

/** It is a dependency of the inference package alone, so it is found from there. */
function loadLibrary(): Library {
  const require = createRequire(new URL('../../packages/inference/package.json', import.meta.url));
  return require('@xenova/transformers') as Library;
}
