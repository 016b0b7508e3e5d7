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

/** Where such runs of a text begin and end in it, in characters, in order and without overlap. */
export type FindRuns = (text: string) => readonly (readonly [from: number, to: number])[];

/** What makes pieces of a text. */
export type Cutting = {
  /** Published passages that it repeats, and whatever else stands apart wherever it stands. */
  readonly findQuotes: FindRuns;
  /** What is one thing, whatever joints it has in it. */
  readonly findWholes: FindRuns;
  /** Says nothing at all: left out. */
  readonly isEmpty: (text: string) => boolean;
};

/** Pieces in order. */
export function piecesOf(text: string, { findQuotes, findWholes, isEmpty }: Cutting): Piece[] {
  const sentencePieces = (part: string): Piece[] =>
    sentencesOf(part.trim()).flatMap((sentence) =>
      cutAtJoints(sentence.trim(), findWholes).map((piece, i) => ({ text: piece, isApart: i === 0 })),
    );
  const found: Piece[] = [];
  let at = 0;
  for (const [from, to] of findQuotes(text)) {
    found.push(...sentencePieces(text.slice(at, from)), { text: text.slice(from, to), isApart: true });
    at = to;
  }
  found.push(...sentencePieces(text.slice(at)));
  return withoutEmpty(found, isEmpty);
}

/** At what joins its parts, but not within the words of a refusal ("I do not have that information"). */
function cutAtJoints(sentence: string, findWholes: FindRuns): string[] {
  const refusal = refusalIn(sentence);
  const joints = [...sentence.matchAll(JOINT)].map(({ index, 0: joint }) => [index, index + joint.length] as const);
  const wholes = findWholes(sentence);
  const kept = joints.filter(
    ([at]) =>
      (refusal === null || at <= refusal[0] || at >= refusal[1]) && wholes.every(([from, to]) => at < from || to <= at),
  );
  // "43 I don't know": whatever stands before a refusal is no part of it.
  const cuts = refusal === null ? kept : [...kept, [refusal[0], refusal[0]] as const].toSorted(([a], [b]) => a - b);
  const starts = [0, ...cuts.map(([, end]) => end)];
  return starts
    .map((from, i) =>
      sentence
        .slice(from, starts[i + 1])
        .replace(LINKS, '')
        .trim(),
    )
    .filter((part) => part !== '');
}

/** Words that link a piece to its neighbours are no part of what it says. */
const LINKS =
  /^(?:\s*(?:and|or|but|so|because|since|while|whereas|although|though|note|given|that|thus|hence|therefore)\s)+|(?:\s(?:and|or|but|so|because|since|while|whereas|although|though|note|given|that|thus|hence|therefore)\s*)+$/giu;

/** Marks before or behind a space, brackets and quotes around words, and words that begin a statement of their own. */
const JOINT =
  /(?<=[^\s\d][,;:]|\d[,;:](?=\s)|\.\.\.|…)\s*(?=[^\d])|\s+(?=[-–—/|*•&+=>~]+\s|[([{"“‘«])|(?<=[)\]}"”’»])[.,;:]?\s+|\s+(?=(?:and|or|but|because|since|while|whereas|although|though|as|so|which|that|thus|hence|therefore|note|given|if|when|where)\s)/giu;

/** What says nothing is left out; where it stood apart, so does what follows. */
function withoutEmpty(found: readonly Piece[], isEmpty: (text: string) => boolean): Piece[] {
  const pieces: Piece[] = [];
  let isParted = false;
  for (const { text, isApart } of found) {
    isParted ||= isApart;
    if (isEmpty(text)) continue;
    pieces.push({ text, isApart: isParted });
    isParted = false;
  }
  return pieces;
}
