/**
 * What a judge gives one answer: never more than for a claim in it that stands apart, or that the rest can do without. Owns that rule (judging
 * §6.3); what a text is worth as it stands is features.ts and formula.ts.
 */
import type { Belief } from './belief.ts';
import { claims, claimsApart, claimsBesideRefusal, isEmpty, replacedIn, wholesIn } from './claims.ts';
import { measure } from './features.ts';
import { type Coefficients, probabilityRight } from './formula.ts';
import { limits } from './limits.ts';
import { type FindRuns, type Piece, piecesOf } from './pieces.ts';
import { quoteFinder } from './quotes.ts';
import { isRefusal, readAnswer } from './reading.ts';

/** Probability, as the judge sees it, that a normalised answer is right: 0 … 1. `coefficients`: the shipped ones, unless others are tried. */
export function scoreOf(belief: Belief, answer: string, coefficients?: Coefficients): number {
  const all = piecesOf(answer, {
    findQuotes: findQuotes(belief),
    findWholes: (text) => wholesIn(belief, text),
    isEmpty: (text) => isEmpty(belief, text),
  });
  // Whatever is behind so many pieces is judged piece by piece alone.
  const [pieces, rest] = [all.slice(0, limits.piecesMax), all.slice(limits.piecesMax)];
  const plain = once((text: string) => plainScore(belief, text, coefficients));
  const declines = isRefusal(answer);
  const own = once((text: string) => (declines ? claimsBesideRefusal(belief, text) : claims(belief, text)));
  const apart = once((text: string) => (declines ? claimsBesideRefusal(belief, text) : claimsApart(belief, text)));
  const alone = rest.flatMap(({ text }) => (apart(text) ? [plain(text)] : []));
  // What says nothing is in no run of pieces: it adds nothing. As it stands the answer is judged too, for what a "not" takes back.
  const whole = rest.length === 0 ? [plain(answer)] : [];
  const runs = pieces.length === 0 ? [] : [boundedScore(pieces, { plain, own, apart })];
  return Math.min(...whole, ...runs, ...alone);
}

/** Published passages, and the question: said again it stands apart too. */
function findQuotes({ lexicon, question }: Belief): FindRuns {
  const again = quoteFinder([question.text]);
  return (text) => {
    const found = lexicon.quotesIn(text);
    const free = again(text).filter(([from, to]) => found.every(([start, end]) => to <= start || end <= from));
    return [...found, ...free].sort(([a], [b]) => a - b);
  };
}

type Measures = {
  /** What a text is worth as it stands. */
  readonly plain: (text: string) => number;
  /** Whether it claims something of its own; and whether it does so where it stands apart. */
  readonly own: (text: string) => boolean;
  readonly apart: (text: string) => boolean;
};

/** The least of what the runs of pieces are worth that bound one another: each is cut in two everywhere, and so are its parts. */
function boundedScore(pieces: readonly Piece[], { plain, own, apart }: Measures): number {
  const done = new Map<string, number>();
  const bounded = (from: number, to: number): number => {
    const text = textOf(pieces, from, to);
    const known = done.get(text);
    if (known !== undefined) return known;
    const most = plain(text);
    let score = most;
    for (let cut = from + 1; cut < to; cut++) {
      const [left, right] = [textOf(pieces, from, cut), textOf(pieces, cut, to)];
      const { isApart } = pieces[cut]!;
      if (isApart ? apart(left) : plain(right) >= most && own(left)) score = Math.min(score, bounded(from, cut));
      if (isApart ? apart(right) : plain(left) >= most && own(right)) score = Math.min(score, bounded(cut, to));
    }
    done.set(text, score);
    return score;
  };
  return bounded(0, pieces.length);
}

/** A text as it stands; the evidence with one place filled anew is worth no more than what fills it. */
function plainScore(belief: Belief, text: string, coefficients?: Coefficients): number {
  const score = probabilityRight(measure(belief, readAnswer(text)), coefficients);
  const replaced = replacedIn(belief, text);
  if (replaced === null || !claims(belief, replaced)) return score;
  return Math.min(score, probabilityRight(measure(belief, readAnswer(replaced)), coefficients));
}

function textOf(pieces: readonly Piece[], from: number, to: number): string {
  const texts = pieces.slice(from, to).map(({ text }) => text);
  return texts.join(' ');
}

function once<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const value = known.has(text) ? known.get(text)! : compute(text);
    known.set(text, value);
    return value;
  };
}
