/** Strangers' text for a terminal. Owns making it harmless. */

/** On one line and without control characters: an answer is a stranger's text, and a terminal obeys some of it. */
export function plainText(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/\p{C}/gu, '·');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const COMMANDS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** The same over several lines: everything that a terminal obeys but tabs and ends of lines, also what turns the direction of reading. */
export function plainLines(text: string): string {
  return text.replaceAll(COMMANDS, '·');
}
