/**
 * The form in which a reader is asked: passages as a plain list, then the question, in one user turn without a system turn
 * (MODELS.md: other forms measured worse). Owns that form and the refusal that readers learn.
 */

/** What a reader says when no passage answers. */
export const REFUSAL = "I don't know.";

/** The user turn. */
export function readerPrompt(question: string, passages: readonly string[]): string {
  return `Context:\n${passages.map((passage) => `- ${passage}`).join('\n')}\nQuestion: ${question}`;
}
