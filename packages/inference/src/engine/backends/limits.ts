/** Named maxima for models on a server. Owns the numbers. */
export const limits = {
  /** Until the first byte of an answer: a large model may have to be loaded first. */
  firstByteMs: 60_000,
  /** Between two pieces of an answer. */
  silenceMs: 30_000,
  /** An answer that is not streamed, with the log-probabilities of its tokens. */
  bodyCharactersMax: 1 << 23,
  /** One event of the stream; the whole answer; an error's text that is shown. */
  eventCharactersMax: 1 << 18,
  answerCharactersMax: 1 << 18,
  errorCharactersMax: 300,
} as const;
