/**
 * An answer in pieces that may be said without one another. Owns where it is cut: at sentences, around published passages that it repeats word
 * for word, and at marks and words that join one statement to another. What a piece is worth is score.ts.
 */
import { refusalIn, sentencesOf } from './reading.ts';

export type Piece = {
  readonly text: string;
  /** Whether a sentence or a quoted passage ends between this piece and the one before: otherwise they may be one statement. */
  readonly isApart: boolean;
};

/** Where the published passages that a text repeats begin and end in it, in characters, in order and without overlap. */
export type FindQuotes = (text: string) => readonly (readonly [from: number, to: number])[];

/** Pieces in order; `isEmpty` says which say nothing at all: those belong to their neighbours. */
export function piecesOf(text: string, findQuotes: FindQuotes, isEmpty: (text: string) => boolean): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const [from, to] of findQuotes(text)) {
    found.push(...sentencePieces(text.slice(at, from)), { text: text.slice(from, to), isApart: true });
    at = to;
  }
  found.push(...sentencePieces(text.slice(at)));
  return joinEmpty(found, isEmpty);
}

/** Sentences, each cut at what joins its parts, but not within the words of a refusal ("I do not have that information"). */
const sentencePieces = (text: string): Piece[] =>
  sentencesOf(text.trim()).flatMap((sentence) =>
    cutAtJoints(sentence.trim()).map((part, i) => ({ text: part, isApart: i === 0 })),
  );

function cutAtJoints(sentence: string): string[] {
  const refusal = refusalIn(sentence);
  const parts: string[] = [];
  let from = 0;
  for (const { index, 0: joint } of sentence.matchAll(JOINT)) {
    if (refusal !== null && index > refusal[0] && index < refusal[1]) continue;
    parts.push(sentence.slice(from, index + joint.length).trimEnd());
    from = index + joint.length;
  }
  return [...parts, sentence.slice(from)].filter((part) => part !== '');
}

/** Marks before or behind a space, brackets and quotes around words, and words that begin a statement of their own. */
const JOINT =
  /(?<=[^\s\d][,;:]|\d[,;:](?=\s)|\.\.\.|…)\s*(?=[^\d])|\s+(?=[-–—/|*•&+=>~]+\s|[([{"“‘«])|(?<=[)\]}"”’»])[.,;:]?\s+|\s+(?=(?:and|or|but|because|since|while|whereas|although|though|as|so|which|that|thus|hence|therefore|note|given|if|when|where)\s)/giu;

/** What says nothing goes to the piece before it, or at the start to the one behind; where it stood apart, so does what follows. */
function joinEmpty(found: readonly Piece[], isEmpty: (text: string) => boolean): Piece[] {
  const pieces: Piece[] = [];
  let before = '';
  let isParted = false;
  for (const { text, isApart } of found) {
    isParted ||= isApart;
    const last = pieces.at(-1);
    if (!isEmpty(text)) {
      pieces.push({ text: `${before} ${text}`.trim(), isApart: isParted });
      before = '';
      isParted = false;
    } else if (last === undefined) before = `${before} ${text}`.trim();
    else pieces[pieces.length - 1] = { ...last, text: `${last.text} ${text}` };
  }
  return pieces.length > 0 || before === '' ? pieces : [{ text: before, isApart: true }];
}
