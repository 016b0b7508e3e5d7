/**
 * Experts as rows of the leaderboard, and how each stands. Owns what is compared and said; figures that the RPC does not have are null, never guessed.
 */

import type { ExpertRecord } from '../../api/rpc-types.ts';
import { parametersText } from '../../format/ratios.ts';
import type { SortValue } from '../../tables/sorting.ts';

/** One word, why, and until when. Experts are suspended; jail is for validators. */
export type ExpertStanding = {
  readonly word: 'active' | 'paused' | 'suspended' | 'probing' | 'retired';
  readonly tone: 'good' | 'slow' | 'bad' | 'quiet';
  readonly why: string;
};

type Standing = Pick<ExpertRecord, 'status' | 'breaker' | 'releaseAt' | 'active' | 'capacity'>;

/** `head`: height of the newest block. */
export function expertStanding(
  { status, breaker, releaseAt, active, capacity }: Standing,
  head: number,
): ExpertStanding {
  if (status === 'retired') {
    return { word: 'retired', tone: 'quiet', why: `It left for good. Its bond is paid out after block ${releaseAt}.` };
  }
  if (status === 'paused') {
    return { word: 'paused', tone: 'slow', why: 'Its operator paused it, or its bond is too small: it is not drawn.' };
  }
  const until = Number(breaker.openUntil);
  if (until > head) {
    const why = `It left ${breaker.failures} questions in a row unanswered and is not drawn until block ${until}.`;
    return { word: 'suspended', tone: 'bad', why };
  }
  if (until > 0) {
    return {
      word: 'probing',
      tone: 'slow',
      why: 'It was suspended for silence and gets one question at a time until it answers.',
    };
  }
  return {
    word: 'active',
    tone: 'good',
    why: `It is drawn for questions: ${active} of ${capacity} at a time are under way.`,
  };
}

/** A row of the leaderboard. Ratios are millionths, amounts nano. */
export type ExpertRow = {
  readonly address: string;
  readonly name: string;
  readonly domain: string;
  readonly model: string;
  readonly mean: number | null;
  readonly deviation: number | null;
  readonly answers: number | null;
  readonly agreement: number | null;
  /** Blocks from asking to settling. */
  readonly blocksP50: number | null;
  readonly blocksP95: number | null;
  /** Nano for each written byte. */
  readonly price: bigint;
  readonly stake: bigint;
  readonly standing: ExpertStanding;
  /** Scores of recent answers in millionths, the oldest first. */
  readonly history: readonly number[];
};

export type ExpertColumn =
  | 'name'
  | 'mean'
  | 'history'
  | 'answers'
  | 'agreement'
  | 'latency'
  | 'price'
  | 'stake'
  | 'standing';

/** What a row is compared by in a column. */
export function expertKey(row: ExpertRow, column: ExpertColumn): SortValue {
  switch (column) {
    case 'history':
      return row.history.at(-1) ?? null;
    case 'latency':
      return row.blocksP50;
    case 'standing':
      return ['active', 'probing', 'paused', 'suspended', 'retired'].indexOf(row.standing.word);
    default:
      return row[column];
  }
}

/** Domains in use, ascending. */
export function domainsOf(rows: readonly { readonly domain: string }[]): readonly string[] {
  return [...new Set(rows.map(({ domain }) => domain))].sort();
}

/** Models below this many parameters are marked: nobody shall take them for what they are not. */
const TINY_PARAMETERS = 1_000_000_000;

/**
 * "tiny demo model" with what is known of its size, or null for a large one. Where the size is not known the name tells: the test model is called tiny.
 */
export function honestyMark(model: { readonly name: string; readonly parameters: number | null }): string | null {
  const isTiny = model.parameters === null ? /tiny|135m|smol/i.test(model.name) : model.parameters < TINY_PARAMETERS;
  if (!isTiny) return null;
  return model.parameters === null
    ? 'tiny demo model'
    : `tiny demo model, ${parametersText(model.parameters)} parameters`;
}

/** Alpha and beta as six-digit decimals, for the formula: the RPC has them in millionths. */
export function millionthsText(millionths: string): string {
  const digits = millionths.padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6).replace(/0{1,3}$/, '')}`;
}

/** The mean again from its two counts, in millionths, rounded down as the chain does. */
export function meanOf({ alpha, beta }: { readonly alpha: string; readonly beta: string }): number {
  const [a, b] = [BigInt(alpha), BigInt(beta)];
  return a + b === 0n ? 0 : Number((a * 1_000_000n) / (a + b));
}

/** Where a mean and its deviation stand on a bar, in hundredths of its width. Takes millionths. */
export function barOf(
  mean: number,
  deviation: number,
): { readonly from: number; readonly to: number; readonly at: number } {
  const hundredths = (ppm: number) => Math.min(1_000_000, Math.max(0, ppm)) / 10_000;
  return { from: hundredths(mean - deviation), to: hundredths(mean + deviation), at: hundredths(mean) };
}
