/** Strangers' text for a terminal. Owns making it harmless. */

/** On one line and without control characters: an answer is a stranger's text, and a terminal obeys some of it. */
export function plainText(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/\p{C}/gu, '·');
}
