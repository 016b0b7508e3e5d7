/** Named maxima of training. Owns the numbers; every loop, buffer and file of training that depends on input refers to one. */
export const limits = {
  /** Padded tokens of one step: activations cost 1.1 to 1.5 MB a token (135M model): 1.75 GB in all, measured. */
  batchTokensMax: 960,
  /** Scored tokens of one step: logits cost 0.6 MB each with 49,152 entries. */
  batchTargetsMax: 256,
  batchExamplesMax: 16,
  /** Prompt and answer of one example. */
  exampleTokensMax: 320,
  /** Examples that an adapter is measured on: about a second each, twice. */
  heldOutMax: 400,
  /** Tokens of an answer written while measuring. */
  answerTokensMax: 40,
  examplesMax: 100_000,
  stepsMax: 10_000,
  /** A file of passages or questions. */
  sourceBytesMax: 32 << 20,
  /** Text of one example, in characters. */
  exampleCharactersMax: 4000,
  checkpointBytesMax: 64 << 20,
  /** Runtime threads of the training process. */
  threadsMax: 4,
  /** Heap of the training process besides weights and activations. */
  heapMiB: 512,
  stderrCharactersMax: 2000,
  /** A finished or cancelled process that does not leave is killed after this. */
  shutdownMs: 5000,
} as const;
