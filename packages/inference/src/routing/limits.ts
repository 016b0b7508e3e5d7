/** Named maxima and constants of routing. Owns the numbers alone. */
export const limits = {
  /** Characters of a prompt that are read: its beginning and, for longer ones, its end, half each. */
  promptCharactersMax: 1_200,
  /** Words from which length adds no more difficulty. */
  longPromptWords: 120,
  /** Parts (questions, list items, demands) from which their number adds no more difficulty. */
  manyParts: 4,
} as const;
