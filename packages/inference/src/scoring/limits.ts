/** Named maxima of judging. Owns the numbers alone. */
export const limits = {
  /** Answers judged in one job; the rest are not looked at and score 0. */
  answersMax: 16,
  /** Characters of an answer that are read: length beyond it neither helps nor costs. */
  answerCharactersMax: 2_000,
  /** Passages of the judge's own retrieval that it considers, and other facts of the best one's entity. */
  candidatesMax: 6,
  siblingsMax: 64,
  /** Sentences of an answer read one by one. */
  sentencesMax: 12,
  /** Pieces of an answer that are judged one by one and together. */
  piecesMax: 12,
  /** Tokens of an answer whose likelihood counts. */
  likelihoodTokensMax: 64,
  /** Tokens of the judge's own answer. */
  ownAnswerTokensMax: 24,
} as const;
