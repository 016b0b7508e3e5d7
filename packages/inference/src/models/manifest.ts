/**
 * The layout of a model folder. Owns names and shapes of its files; building them is gguf/graphs, checking them is store.
 *
 * A model folder holds `model.json` (this manifest) and the files it lists:
 *   generate.onnx   causal LM with KV cache, LoRA inputs
 *   weights.bin     the external data of generate.onnx
 *   embed.onnx      sentence embedder (weights inside)
 *   tokenizer.json, tokenizer_config.json                 of the causal LM
 *   embed-tokenizer.json, embed-tokenizer_config.json     of the embedder
 */

export type ModelManifest = {
  readonly formatVersion: 1;
  readonly name: string;
  readonly licence: string;
  readonly source: string;
  readonly architecture: LlamaShape;
  readonly embedder: { readonly dimensions: number; readonly tokensMax: number };
  /** Every other file of the folder with its size and SHA-256 (64 hex digits), sorted by path. */
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
};

export type LlamaShape = {
  readonly layers: number;
  readonly hidden: number;
  readonly feedForward: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly vocabulary: number;
  readonly contextTokens: number;
  readonly ropeTheta: number;
  readonly normEpsilon: number;
  readonly loraRank: number;
  readonly beginToken: number;
  readonly endToken: number;
  readonly parameters: number;
};
