/**
 * Numbers in texts, as people write them: separators, millions, powers of ten, units, rounding. Owns reading and comparing
 * them; whether a number is the one asked for is decided elsewhere.
 */
import { isFunctionWord } from './key-terms.ts';
import { type Unit, unitAtStart } from './units.ts';

export type Quantity = {
  /** As written, in its own unit. */
  readonly value: number;
  /** Half of this on either side may have been rounded away, in its own unit. */
  readonly step: number;
  /** Null when no known unit follows. */
  readonly unit: Unit | null;
  /** "about", "roughly": the writer says that it is rounded. */
  readonly isApproximate: boolean;
  /** A bare whole number of four digits: perhaps a year, so only equal when equal. */
  readonly isYearLike: boolean;
  /** Words right behind a number without a unit ("six strings"), in small letters: what it counts, as far as they say. */
  readonly counted: readonly string[];
};

/** How far a rounded number may lie from the exact one, as a share of it: unmarked, and after a word like "about". */
const ROUNDING_MAX = 0.01;
const APPROXIMATE_MAX = 0.05;
/** From here on zeros at the end are taken for rounding ("357,000"); below, 100 and 101 are two things. */
const ROUND_FROM = 10_000;

const WORDS: Readonly<Record<string, number>> = {
  hundred: 1e2,
  thousand: 1e3,
  million: 1e6,
  billion: 1e9,
  trillion: 1e12,
};
const SMALL = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen'.split(
  ' ',
);

const NUMBER =
  /(?<![\p{L}\d._/#]|\d,|\p{L}[-–])(?<sign>[-−])?(?<digits>\d{1,3}(?:[, ’']\d{3})+(?!\d)|\d+)(?<fraction>\.\d+)?(?!\.\d)(?:\s?[x×·*]\s?10\^?(?<power>[-−]?\d{1,2}))?(?:[ -]?(?<word>hundred|thousand|million|billion|trillion)\b)?/giu;
const APPROXIMATE =
  /(?:about|around|approximately|approx\.?|roughly|nearly|almost|some|circa|ca\.?|over|more than|~|≈)\s*(?:US)?[$€£]?\s*$/i;

/** Every number of the text that stands by itself: not those inside names such as H2O, CWE-79 or ES2015. */
export function quantities(text: string): Quantity[] {
  const plain = spellDigits(text.normalize('NFKC'));
  return [...plain.matchAll(NUMBER)].flatMap((match) => {
    const after = plain.slice(match.index + match[0].length);
    // "1st", "2x", "3D": part of a name unless a unit follows.
    const unit = unitAtStart(after);
    if (unit === null && /^[\p{L}\d]/u.test(after)) return [];
    const isMarked = APPROXIMATE.test(plain.slice(Math.max(0, match.index - 16), match.index));
    return [{ ...toQuantity(match, unit, isMarked), counted: unit === null ? countedBy(after) : [] }];
  });
}

/** So many words behind a number may say what it counts. */
const COUNTED_WORDS_MAX = 3;

function countedBy(after: string): string[] {
  const near = /^(?: \p{L}{2,}(?![\p{L}\d]))+/u.exec(after.slice(0, 60))?.[0].trim().toLowerCase().split(' ') ?? [];
  const end = near.findIndex(isFunctionWord);
  return near.slice(0, Math.min(COUNTED_WORDS_MAX, end < 0 ? near.length : end));
}

function toQuantity(match: RegExpExecArray, unit: Unit | null, isMarked: boolean): Omit<Quantity, 'counted'> {
  const { sign, digits = '', fraction = '', power, word } = match.groups ?? {};
  const whole = digits.replace(/\D/g, '');
  const times = (WORDS[word?.toLowerCase() ?? ''] ?? 1) * 10 ** Number(power?.replace('−', '-') ?? 0);
  const size = Number(`${whole}${fraction}`);
  const isWhole = fraction === '';
  const zeros = isWhole ? /0*$/.exec(whole)![0].length : 0;
  const isRounded = isMarked || (times === 1 && size >= ROUND_FROM);
  const step = isWhole ? 10 ** (isRounded ? Math.min(zeros, whole.length - 1) : 0) : 10 ** -(fraction.length - 1);
  const isYearLike = isWhole && digits.length === 4 && times === 1 && unit === null && sign === undefined;
  const value = (sign === undefined ? size : -size) * times;
  return { value, step: step * times, unit, isApproximate: isMarked, isYearLike };
}

/** Written-out small numbers become digits; so do minus signs. */
function spellDigits(text: string): string {
  return text.replace(/\b[a-z]+\b/gi, (word) => {
    const at = SMALL.indexOf(word.toLowerCase());
    return at < 0 || (at === 1 && word !== 'one') ? word : String(at);
  });
}

/**
 * Whether two numbers state the same amount: equal after conversion, or the coarser one is a rounding of the finer one. A missing unit
 * agrees with any; units of different dimensions never agree.
 */
export function isSameQuantity(a: Quantity, b: Quantity): boolean {
  if (a.unit !== null && b.unit !== null && a.unit.dimension !== b.unit.dimension) return false;
  if (a.unit === null || b.unit === null) return isNear(bare(a), bare(b));
  return isNear(inBase(a, a.unit), inBase(b, b.unit));
}

type Interval = { value: number; step: number; isApproximate: boolean; isYearLike: boolean };

const bare = ({ value, step, isApproximate, isYearLike }: Quantity): Interval => ({
  value,
  step,
  isApproximate,
  isYearLike,
});
const inBase = (quantity: Quantity, { scale, offset }: Unit): Interval => ({
  ...bare(quantity),
  value: quantity.value * scale + offset,
  step: quantity.step * scale,
});

/** 1.2 for 1.22: cut to two digits or more behind which a point stands. */
function isRounding(coarse: Interval, fine: Interval): boolean {
  const isTold = coarse.step < 1 && coarse.step > fine.step && Math.abs(coarse.value) >= 10 * coarse.step;
  return isTold && Math.abs(coarse.value - fine.value) <= 0.501 * coarse.step;
}

function isNear(a: Interval, b: Interval): boolean {
  const distance = Math.abs(a.value - b.value);
  const size = Math.max(Math.abs(a.value), Math.abs(b.value));
  if (distance <= 1e-9 * size) return true;
  if (a.isYearLike && b.isYearLike) return false;
  const isMarked = a.isApproximate || b.isApproximate;
  // Below one whole step: rounded or cut off. A marked estimate may be as coarse as its own limit.
  if (isRounding(a, b) || isRounding(b, a)) return true;
  const within = isMarked ? APPROXIMATE_MAX * size : Math.max(a.step, b.step) * 0.999;
  return distance <= within && distance <= (isMarked ? APPROXIMATE_MAX : ROUNDING_MAX) * size;
}
