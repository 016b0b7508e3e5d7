/** Cuts prose into sentences and sentences into passages. Owns the rules of both; files are read-documents.ts's. */
import { limits } from '../limits.ts';

/** Abbreviations after which a full stop ends no sentence. */
const ABBREVIATIONS =
  /(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Mt|No|vs|etc|e\.g|i\.e|approx|ca|cf|Fig|Inc|Ltd|Co|Jr|Sr|U\.S|U\.K)|\b[A-Z])\.$/;

/** More than the longest of them and the letter before it: a sentence without end is not read anew at each of its stops. */
const ABBREVIATION_CHARACTERS_MAX = 16;

/** The sentences of one paragraph. Decimal points, abbreviations and initials end none. */
export function sentencesOf(paragraph: string): readonly string[] {
  const sentences: string[] = [];
  let start = 0;
  for (const match of paragraph.matchAll(/[.!?]["')\]”’]*\s+|[。！？]/g)) {
    const end = match.index + match[0].trimEnd().length;
    const sentence = paragraph.slice(start, end);
    const next = paragraph.slice(match.index + match[0].length);
    if (ABBREVIATIONS.test(sentence.slice(-ABBREVIATION_CHARACTERS_MAX)) || /^\p{Ll}/u.test(next)) continue;
    sentences.push(sentence.trim());
    start = match.index + match[0].length;
  }
  sentences.push(paragraph.slice(start).trim());
  return sentences.filter((sentence) => sentence !== '');
}

/**
 * Passages of one to three sentences within the bound on a text. A sentence alone makes a passage when it is long
 * enough to stand by itself; short ones join the next. What is longer than the bound is cut at a space.
 */
export function passagesOf(sentences: readonly string[]): readonly string[] {
  const passages: string[] = [];
  let open: string[] = [];
  const close = () => {
    if (open.length > 0) passages.push(open.join(' '));
    open = [];
  };
  for (const sentence of sentences.flatMap((long) => cut(long, limits.textBytes))) {
    if (Buffer.byteLength([...open, sentence].join(' ')) > limits.textBytes) close();
    open.push(sentence);
    const standsAlone = open.join(' ').split(' ').length >= WORDS_ALONE;
    if (standsAlone || open.length >= limits.documentSentences) close();
  }
  close();
  return passages;
}

const WORDS_ALONE = 5;

function cut(text: string, bytesMax: number): readonly string[] {
  if (Buffer.byteLength(text) <= bytesMax) return [text];
  const parts: string[] = [];
  let open = '';
  for (const word of text.split(' ').flatMap((long) => cutWord(long, bytesMax))) {
    const longer = open === '' ? word : `${open} ${word}`;
    if (Buffer.byteLength(longer) <= bytesMax) {
      open = longer;
      continue;
    }
    parts.push(open);
    open = word;
  }
  return [...parts, open].filter((part) => part !== '');
}

/** A word longer than a passage (a hostile or an unspaced one) is cut between characters. */
function cutWord(word: string, bytesMax: number): readonly string[] {
  if (Buffer.byteLength(word) <= bytesMax) return [word];
  const parts: string[] = [];
  let open = '';
  let openBytes = 0;
  for (const character of word) {
    const bytes = Buffer.byteLength(character);
    if (openBytes + bytes > bytesMax) {
      parts.push(open);
      [open, openBytes] = ['', 0];
    }
    open += character;
    openBytes += bytes;
  }
  return [...parts, open];
}
