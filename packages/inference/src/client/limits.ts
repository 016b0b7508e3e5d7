/** Named maxima and delays of the worker client. Owns the numbers alone. */
export const limits = {
  /** Jobs submitted and not ended, over all priorities; more are answered with BUSY. */
  inFlightMax: 256,
  /** First and longest wait before a dead worker is started again; it doubles in between. */
  restartDelayMinMs: 500,
  restartDelayMaxMs: 30_000,
  /** A worker that served this long counts as healthy: the next restart waits the shortest time again. */
  healthyAfterMs: 60_000,
  /** A worker that has not loaded its model by then is killed. */
  startMs: 120_000,
  /** A worker that serves says so this often, also while it computes. */
  aliveMs: 5_000,
  /** One that has said nothing for so long hangs, however busy the machine is, and is killed. */
  silenceMs: 120_000,
  /** The second wait before that, for what has come while this process itself slept. */
  silenceAgainMs: 10_000,
  /** How long `close` waits for a clean exit before it kills. */
  closeMs: 3_000,
  /** Deaths of its worker that a job survives. */
  deathsPerJobMax: 1,
  /** End of the worker's stderr kept for the reason of its death. */
  stderrCharactersMax: 2_000,
  /** V8 heap of a worker; the model itself lives outside it. */
  workerHeapMiB: 512,
  workerNurseryMiB: 2,
} as const;
