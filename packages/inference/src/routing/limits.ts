/** Named maxima and constants of routing. Owns the numbers alone. */
export const limits = {
  /** Characters of a prompt that are read: its beginning and, for longer ones, its end, half each. */
  promptCharactersMax: 1_200,
  /** Passages of an own domain whose names are read, and own domains asked for one prompt. */
  ownPassagesMax: 20_000,
  ownDomainsMax: 16,
  /** Words from which length adds no more difficulty. */
  longPromptWords: 120,
  /** Parts (questions, list items, demands) from which their number adds no more difficulty. */
  manyParts: 4,
} as const;
