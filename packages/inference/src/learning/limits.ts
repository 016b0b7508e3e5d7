/** Named maxima of learning's files, training and process. Owns the numbers; every loop, buffer and queue of this folder refers to one. */
export const limits = {
  headerBytesMax: 4096,
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
  /** Trainings at once on a machine that has as many cores, and memory for each: measured at 1.5 GiB with the default model. */
  trainingsMax: 4,
  trainingBytes: 1792 << 20,
  /** Runtime threads of a training, where the machine has as many cores for each: two of them do what one does in 0.65 of its time. */
  trainingThreads: 2,
  /** Characters of an answer that are learnt: the rest of a long one is quoted knowledge. */
  answerCharactersMax: 400,
  /** Jobs of one learner without a final event; more are answered with BUSY. */
  inFlightMax: 16,
  /** About how often a training asks whether it may have a turn of this machine. */
  lockPollMs: 250,
  /** A cancelled job that has not ended by then is killed: a step and a checkpoint take a few seconds. */
  cancelMs: 20_000,
  /** A process that was is to leave is killed after this. */
  shutdownMs: 5000,
  /** Heap of the learner's process besides weights and activations. */
  heapMiB: 512,
  stderrCharactersMax: 2000,
} as const;
