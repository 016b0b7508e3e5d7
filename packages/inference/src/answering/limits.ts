/** Named maxima of answering. Owns the numbers alone. */
export const limits = {
  /** Quotes of up to so many words are short answers themselves; only longer ones get a phrasing before them (answering §4). */
  quoteAloneWordsMax: 20,
  /** Tokens of a phrasing; one that is not finished by then is dropped. */
  phrasingTokensMax: 32,
  phrasingWordsMax: 16,
  /** Characters of a prompt that are read to tell what it wants. */
  intentCharactersMax: 600,
  /** Earlier messages of the user that may lend their subject to the last one. */
  earlierMessagesMax: 4,
  /** Peers' answers that are read, and characters of each. */
  peersMax: 8,
  peerCharactersMax: 4_096,
} as const;
