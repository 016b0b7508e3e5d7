/**
 * What a judge gives one answer: never more than for a claim in it that stands apart, or that the rest can do without. Owns that rule (judging
 * §6.3); what a text is worth as it stands is features.ts and formula.ts.
 */
import type { Belief } from './belief.ts';
import { claims, claimsBesideRefusal, elaborates, isEmpty, replacedIn } from './claims.ts';
import { measure } from './features.ts';
import { type Coefficients, probabilityRight } from './formula.ts';
import { limits } from './limits.ts';
import { type Piece, piecesOf } from './pieces.ts';
import { isRefusal, readAnswer } from './reading.ts';

/** Probability, as the judge sees it, that a normalised answer is right: 0 … 1. `coefficients`: the shipped ones, unless others are tried. */
export function scoreOf(belief: Belief, answer: string, coefficients?: Coefficients): number {
  const all = piecesOf(answer, belief.lexicon.quotesIn, (text) => isEmpty(belief, text));
  // Whatever is behind so many pieces is judged piece by piece alone.
  const [pieces, rest] = [all.slice(0, limits.piecesMax), all.slice(limits.piecesMax)];
  const plain = once((text: string) => plainScore(belief, text, coefficients));
  const declines = isRefusal(answer);
  const own = once((text: string) => (declines ? claimsBesideRefusal(belief, text) : claims(belief, text)));
  const alone = rest.flatMap(({ text }) => (own(text) ? [plain(text)] : []));
  const whole = rest.length === 0 ? answer : textOf(pieces, 0, pieces.length);
  if (pieces.length < 2) return Math.min(plain(whole), ...alone);
  const more = (text: string) => own(text) && !elaborates(belief, text);
  return Math.min(boundedScore(pieces, whole, { plain, own, more }), ...alone);
}

type Measures = {
  /** What a text is worth as it stands. */
  readonly plain: (text: string) => number;
  /** Whether it claims something of its own; and whether it does so where it stands behind an answer. */
  readonly own: (text: string) => boolean;
  readonly more: (text: string) => boolean;
};

/** The least of what the runs of pieces are worth that bound one another: each is cut in two everywhere, and so are its parts. */
function boundedScore(pieces: readonly Piece[], whole: string, { plain, own, more }: Measures): number {
  const done = new Map<string, number>();
  const bounded = (from: number, to: number): number => {
    const text = from === 0 && to === pieces.length ? whole : textOf(pieces, from, to);
    const known = done.get(text);
    if (known !== undefined) return known;
    const most = plain(text);
    let score = most;
    for (let cut = from + 1; cut < to; cut++) {
      const [left, right] = [textOf(pieces, from, cut), textOf(pieces, cut, to)];
      const { isApart } = pieces[cut]!;
      if ((isApart || plain(right) >= most) && own(left)) score = Math.min(score, bounded(from, cut));
      if ((isApart || plain(left) >= most) && more(right)) score = Math.min(score, bounded(cut, to));
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
