/** A first question per domain, for those who have none at hand. */

const questions: Readonly<Record<string, readonly string[]>> = {
  chemistry: ['What is the melting point of tungsten?', 'What is the atomic number of gold?'],
  geography: ['What is the capital of Mongolia?', 'Which river flows through Vienna?'],
  medicine: ['What is anaemia?', 'What does insulin do?'],
  programming: ['What does Array.prototype.flatMap do?', 'What is a closure?'],
};

/** At most four, one a domain in turn. */
export function exampleQuestions(domains: readonly string[]): readonly string[] {
  const known = domains.flatMap((domain) => (questions[domain] === undefined ? [] : [questions[domain]]));
  const inTurn = [0, 1].flatMap((index) => known.flatMap((list) => list[index] ?? []));
  return inTurn.length === 0 ? ['What is the capital of France?', 'What can you tell me?'] : inTurn.slice(0, 4);
}
