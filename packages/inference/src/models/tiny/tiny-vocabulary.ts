/** The vocabulary of the tiny model: chat tokens, the 256 bytes, and a few merges. Owns which tokens are printable. */
import { type ByteLevelVocabulary, CHAT_TOKENS } from '../tokenizer/byte-level.ts';

/** Frequent in English; `Ġ` is a space in byte-level BPE. */
const MERGES = [
  'Ġ t',
  'h e',
  'Ġ a',
  'i n',
  'r e',
  'o n',
  'Ġt he',
  'Ġ i',
  'e r',
  'Ġ o',
  'Ġo f',
  'a n',
  'Ġi s',
  'a t',
  'Ġ c',
  'e n',
];

const SPECIAL_TOKENS = [CHAT_TOKENS.unknown, CHAT_TOKENS.begin, CHAT_TOKENS.end];

export const TINY_BEGIN_TOKEN = SPECIAL_TOKENS.indexOf(CHAT_TOKENS.begin);
export const TINY_END_TOKEN = SPECIAL_TOKENS.indexOf(CHAT_TOKENS.end);

export function tinyVocabulary(contextTokens: number): ByteLevelVocabulary {
  const merged = MERGES.map((merge) => merge.replace(' ', ''));
  const tokens = [...SPECIAL_TOKENS, ...byteCharacters(), ...merged];
  return { tokens, specialIds: SPECIAL_TOKENS.map((_, id) => id), merges: MERGES, contextTokens };
}

/** Whether a token is a piece of visible ASCII text, so that answers made of such tokens can be read. */
export function isPrintableToken(token: string): boolean {
  return /^[!-~Ġ]+$/.test(token);
}

/** Byte-level BPE writes a byte as itself where that is visible, else as the next free character from U+0100. */
function byteCharacters(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isVisible(byte) ? byte : next++));
}

function isVisible(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}
