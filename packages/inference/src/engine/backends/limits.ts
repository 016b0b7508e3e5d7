/** Named maxima for models on a server. Owns the numbers. */
export const limits = {
  /** Until the first byte of an answer: a large model may have to be loaded first. */
  firstByteMs: 60_000,
  /** Between two pieces of an answer. */
  silenceMs: 30_000,
  /** An answer from the first byte to the last: a server that only says that it lives holds a place for other answers. */
  answerMs: 600_000,
  /** All that is sent for an answer, with the log-probabilities of its tokens; one event of a stream. */
  bodyCharactersMax: 1 << 23,
  eventCharactersMax: 1 << 18,
  /** The answer itself, well within what the chain can carry (chain, `codecLimits`); an error's text that is shown. */
  answerCharactersMax: 1 << 16,
  answerTokensMax: 4096,
  errorCharactersMax: 300,
} as const;
