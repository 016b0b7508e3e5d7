/** Named maxima of the engine. Owns the numbers; every loop and buffer of the engine that depends on input refers to one. */
export const limits = {
  /** Prompt and answer together. The key-value cache costs 46 kB a token (135M model), twice while a token is computed. */
  contextTokensMax: 2048,
  /** Tokens of a prompt computed at once: bounds activations, and how long a waiting scoring job waits. */
  prefillChunkTokens: 128,
  /** Positions of logits fetched at once while scoring: 196 kB each with 49,152 entries. */
  likelihoodChunkTokens: 32,
  /** Tokens of a given answer that are read back. */
  readTokensMax: 256,
  /** Texts embedded in one forward pass. */
  embedBatchTexts: 16,
  /** Largest value a quantised log-probability takes. */
  milliNatsMax: 65_535,
} as const;
