/** Named maxima of learning's files, training and process. Owns the numbers; every loop, buffer and queue of this folder refers to one. */
export const limits = {
  headerBytesMax: 4096,
  /** Values of a version's B: 184,320 for the default model. */
  valuesMax: 1 << 22,
  /** Largest scale of a delta's row: values of ±8 in floats' units. */
  deltaScaleMax: 1 << 20,
  /** Deltas that one aggregation takes. */
  deltasMax: 64,
  /** Wordings of one correction or liked answer. */
  phrasings: 3,
  /** Items of a shard that are trained on; the rest is left out. */
  shardItemsMax: 256,
  /** Of a hundred examples that a trainer reads, those that repeat what was known before. */
  replayPercent: 24,
  /** Steps of one training: 48 take about a minute on one core with the default model. */
  stepsMin: 12,
  stepsMax: 48,
  checkpointEverySteps: 8,
  /** Characters of an answer that are learnt: the rest of a long one is quoted knowledge. */
  answerCharactersMax: 400,
  /** Bytes of a file of learnt passages or of the domain's knowledge. */
  sourceBytesMax: 32 << 20,
  /** Jobs of one learner without a final event; more are answered with BUSY. */
  inFlightMax: 16,
  /** The process leaves when it had nothing to do for this long: its memory is free then. */
  idleMs: 2000,
  /** A process that was told to leave is killed after this. */
  shutdownMs: 5000,
  /** Heap of the learner's process besides weights and activations. */
  heapMiB: 512,
  stderrCharactersMax: 2000,
} as const;
