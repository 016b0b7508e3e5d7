/** How an expert's reputation is told. Owns the words. */

/** `mean` is the reputation's decimal; null before the first answer. */
export function standingText(mean: string | null, answers: number): string {
  if (mean === null || answers === 0) return 'no answers yet';
  return `${Number(mean).toFixed(3)} over ${answers} ${answers === 1 ? 'answer' : 'answers'}`;
}
