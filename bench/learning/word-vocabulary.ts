/** A vocabulary in which every known word is one token, so that a small model can learn facts from short texts. Owns the merges that make it so. */

import { tinyVocabulary } from '../../packages/inference/src/models/tiny/tiny-vocabulary.ts';
import { type ByteLevelVocabulary, CHAT_TOKENS } from '../../packages/inference/src/models/tokenizer/byte-level.ts';

/** The 256 bytes, the words of `texts` after a space, and capitalised ones without; what stands between is spelt. */
export function wordVocabulary(texts: readonly string[], contextTokens: number): ByteLevelVocabulary {
  const { tokens, specialIds } = tinyVocabulary(contextTokens);
  const bytes = tokens.slice(0, Object.keys(CHAT_TOKENS).length + 256);
  const words = [...new Set(texts.flatMap((text) => text.match(/[A-Za-z]+/g) ?? []))];
  const merges = new Map<string, string>();
  const add = (letters: readonly string[]) => {
    for (let end = 2; end <= letters.length; end++) {
      const whole = letters.slice(0, end).join('');
      if (!merges.has(whole)) merges.set(whole, `${letters.slice(0, end - 1).join('')} ${letters[end - 1]}`);
    }
  };
  // Merges with a space come first: otherwise a word's beginning would be taken out of the middle of another.
  for (const word of [...words, ...words.map((one) => one.toLowerCase())]) add(['Ġ', ...word]);
  for (const word of words.filter((one) => /^[A-Z]/.test(one))) add([...word]);
  for (const word of ['user', 'assistant']) add([...word]);
  return { tokens: [...bytes, ...merges.keys()], specialIds, merges: [...merges.values()], contextTokens };
}
