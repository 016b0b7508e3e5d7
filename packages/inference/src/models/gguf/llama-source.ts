/**
 * A llama in a GGUF file as a weight source: its shape, and its tensors under the names the graphs use. Owns the mapping
 * of names and the undoing of GGUF's row order.
 */
import type { LayerMatrix, LayerVector, LlamaSource } from '../graphs/llama-tensors.ts';
import type { LlamaShape } from '../manifest.ts';
import { unpermuteRows } from './blocks.ts';
import type { GgufFile } from './gguf-file.ts';

const VECTOR_NAMES: Readonly<Record<LayerVector, string>> = {
  attentionNorm: 'attn_norm',
  feedForwardNorm: 'ffn_norm',
};

const MATRIX_NAMES: Readonly<Record<LayerMatrix, string>> = {
  query: 'attn_q',
  key: 'attn_k',
  value: 'attn_v',
  attentionOutput: 'attn_output',
  gate: 'ffn_gate',
  up: 'ffn_up',
  down: 'ffn_down',
};

/** The shape that the file's metadata describes. Errors: MODEL_FORMAT. */
export function llamaShapeOf(file: GgufFile, loraRank: number): LlamaShape {
  file.expect('general.architecture', 'llama');
  return {
    layers: file.number('llama.block_count'),
    hidden: file.number('llama.embedding_length'),
    feedForward: file.number('llama.feed_forward_length'),
    heads: file.number('llama.attention.head_count'),
    keyValueHeads: file.number('llama.attention.head_count_kv'),
    headSize: file.number('llama.rope.dimension_count'),
    vocabulary: file.number('llama.vocab_size'),
    contextTokens: file.number('llama.context_length'),
    ropeTheta: file.number('llama.rope.freq_base'),
    // Stored as a 32-bit float; the short decimal it stands for reads better in the manifest.
    normEpsilon: Number(file.number('llama.attention.layer_norm_rms_epsilon').toPrecision(6)),
    loraRank,
    beginToken: file.number('tokenizer.ggml.bos_token_id'),
    endToken: file.number('tokenizer.ggml.eos_token_id'),
    parameters: file.parameterCount(),
  };
}

/** Reads weights on demand. Errors: MODEL_FORMAT. */
export function llamaSourceOf(file: GgufFile, shape: LlamaShape): LlamaSource {
  return {
    embedding: () => file.q8('token_embd.weight'),
    finalNorm: () => file.vector('output_norm.weight'),
    vector: (layer, name) => file.vector(`blk.${layer}.${VECTOR_NAMES[name]}.weight`),
    matrix: async (layer, name) => {
      const matrix = await file.q4(`blk.${layer}.${MATRIX_NAMES[name]}.weight`);
      if (name === 'query') return unpermuteRows(matrix, shape.heads);
      if (name === 'key') return unpermuteRows(matrix, shape.keyValueHeads);
      return matrix;
    },
  };
}
