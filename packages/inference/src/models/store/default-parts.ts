/** Names of the unpacked parts that the default model is made of. */
export const DEFAULT_PARTS = {
  llama: 'llama.gguf',
  embedder: 'embedder.safetensors',
  embedderTokenizer: 'embedder-tokenizer.json',
  embedderTokenizerConfig: 'embedder-tokenizer_config.json',
} as const;
