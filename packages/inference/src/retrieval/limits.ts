/** Named maxima of retrieval. Owns the numbers alone. */
export const limits = {
  /** Characters of a question that are read. */
  questionCharactersMax: 1_000,
  /** Words of a question that are looked at. */
  questionWordsMax: 120,
  /** Longest name that is found in a question, in words. */
  nameWordsMax: 12,
  /** Names that one misspelt name may mean. */
  misspeltNamesMax: 3,
  /** Subjects of a question that bring their passages along. */
  linkedSubjectsMax: 12,
  /** Names of a question without which it is compared: one embedding each. */
  masksMax: 4,
  /** Passages of one linked subject that become candidates. */
  passagesPerSubjectMax: 160,
  /** Candidates from the lexical index and from all vectors. */
  lexicalMax: 32,
  denseMax: 24,
  /** Candidates ranked in all. */
  candidatesMax: 256,
  /** Texts whose vectors are computed for one question when they are not there yet: 4 ms of CPU each. */
  embeddedNowMax: 256,
  /** Learnt passages that pass the guard and are compared, and words of their texts that are looked at. */
  learntComparedMax: 24,
  learntWordsMax: 200,
  /** Candidates that are returned. */
  returnedMax: 8,
} as const;
