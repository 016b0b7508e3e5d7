/**
 * When an answer says the gold (spec: market §12.4). Owns the reading of words, which is the same on every machine: letters of
 * ASCII are folded to lower case, everything beyond ASCII is a letter as it stands, and the rest parts words.
 */
import { encodeGoldTexts } from '../codec/index.ts';

/** The words of a text in order. */
export function goldWords(text: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (isWordUnit(unit)) word += unit >= 65 && unit <= 90 ? String.fromCharCode(unit + 32) : text[at];
    else {
      if (word !== '') words.push(word);
      word = '';
    }
  }
  if (word !== '') words.push(word);
  return words;
}

/** True when the words of one of the ways to say the gold stand in the answer, in order and side by side. */
export function saysGold(answer: string, gold: readonly string[]): boolean {
  const said = goldWords(answer);
  return gold.some((text) => contains(said, goldWords(text)));
}

/** Bytes that a seal covers; no two lists have the same. */
export function encodeGold(gold: readonly string[]): Uint8Array {
  return encodeGoldTexts(gold);
}

function contains(words: readonly string[], wanted: readonly string[]): boolean {
  if (wanted.length === 0) return false;
  for (let start = 0; start + wanted.length <= words.length; start++) {
    if (wanted.every((word, offset) => words[start + offset] === word)) return true;
  }
  return false;
}

/** Digits, letters, and every UTF-16 unit beyond ASCII. */
function isWordUnit(unit: number): boolean {
  return (unit >= 48 && unit <= 57) || (unit >= 65 && unit <= 90) || (unit >= 97 && unit <= 122) || unit > 127;
}
