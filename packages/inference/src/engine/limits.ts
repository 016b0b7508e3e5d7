/** Named maxima of the engine. Owns the numbers; every loop and buffer of the engine that depends on input refers to one. */
export const limits = {
  /** Prompt and answer together. Keys and values cost 46 kB a token (135M model). */
  contextTokensMax: 2048,
  /** Of a conversation that is read at all: no text has so many in a context, and cutting it into tokens takes half a second. */
  promptCharactersMax: 1 << 18,
  /** Of a text that is embedded: many times what the embedder's window shows. */
  embedCharactersMax: 1 << 14,
  /** Tokens of keys and values that all sequences together may come to hold; one that finds no room waits. 46 kB each. */
  cacheTokensMax: 3072,
  /** Room by which a sequence's buffer grows: the runtime copies a buffer at every run, so that spare room costs time. */
  cacheStepTokens: 64,
  /** Sequences computed in one forward pass, and tokens of room that their common buffer may have. */
  batchRowsMax: 4,
  batchTokensMax: 2048,
  /** Tokens of prompts that are kept for prompts beginning alike; one prompt's share; fewer than the least are not worth it. */
  prefixTokensMax: 1024,
  prefixTokensPerPrompt: 512,
  prefixTokensLeast: 8,
  /** Adapters kept in memory: 1.8 MB each (135M model). */
  adaptersMax: 8,
  /** Tokens drafted by prompt lookup and verified in one forward pass. */
  draftTokensMax: 7,
  /**
   * Tokens of a prompt computed at once, while others are computed, too, and alone: bounds activations, and how long the others and more
   * urgent work wait. More than 64 gain nothing.
   */
  prefillChunkTokens: 24,
  prefillAloneTokens: 64,
  /** The same of an ordinary ONNX model alone, whose dense weights are read from memory once a piece. */
  densePrefillAloneTokens: 128,
  /** Positions of logits fetched at once while scoring: 196 kB each with 49,152 entries. */
  likelihoodChunkTokens: 32,
  /** Tokens of a given answer that are read back. */
  readTokensMax: 256,
  /** Texts embedded in one forward pass. */
  embedBatchTexts: 16,
  /** Largest value a quantised log-probability takes. */
  milliNatsMax: 65_535,
} as const;
