/**
 * One answer out of many (DESIGN §3.4, spec: market §13, ADR 12): the best group's text, then what others add to it. Owns a pure
 * function of the receipt, so that nobody need be trusted with the summary.
 */
import { answerText } from '../codec/index.ts';
import { type Address, PPM, type Ppm, type Receipt } from '../types/index.ts';
import { utf8Bytes } from './contract-check.ts';
import { isCondemned } from './verification.ts';

/** A piece of the consolidated answer and the group that it is from. */
export type ConsolidatedSegment = { readonly group: number; readonly text: string };

export type Consolidated = {
  readonly text: string;
  readonly segments: readonly ConsolidatedSegment[];
  /** By respondent: its part of the bytes kept, rounded down, so that all of them are at most a million. */
  readonly contributions: readonly { readonly expert: Address; readonly share: Ppm }[];
};

/** Null unless the query was answered, and for private answers, whose text is not on chain. */
export function consolidate(receipt: Receipt): Consolidated | null {
  if (receipt.outcome !== 'answered' || receipt.best === null) return null;
  const texts = receipt.groups.map(({ answer }) => answerText(answer));
  const best = texts[receipt.best]!;
  if (best === '') return null;
  const segments: ConsolidatedSegment[] = [{ group: receipt.best, text: best }];
  const known = new Set(sentencesOf(best));
  for (const group of othersInOrder(receipt)) {
    const added = sentencesOf(texts[group]!).filter((sentence) => !known.has(sentence) && known.add(sentence));
    if (added.length > 0) segments.push({ group, text: added.join(' ') });
  }
  const text = segments.map((segment) => segment.text).join('\n\n');
  return { text, segments, contributions: contributionsOf(receipt, segments) };
}

/** Sentences in order, each once, white space as single blanks. A sentence ends with . ! or ? before white space, or a line. */
export function sentencesOf(text: string): string[] {
  const sentences = text.split(/(?<=[.!?])\s+|\n+/u).map((sentence) => sentence.replace(/\s+/gu, ' ').trim());
  return [...new Set(sentences.filter((sentence) => sentence !== ''))];
}

/** Groups beside the best that reached the threshold, best score first, ties by index. */
function othersInOrder(receipt: Receipt): number[] {
  const scoreOf = (group: number) => receipt.respondents[receipt.groups[group]!.members[0]!]!;
  return [...receipt.groups.keys()]
    .filter((group) => {
      const { score, verdict } = scoreOf(group);
      return group !== receipt.best && !isCondemned(verdict) && score !== null && score >= receipt.contract.threshold;
    })
    .sort((a, b) => scoreOf(b).score! - scoreOf(a).score! || a - b);
}

/** A group's bytes count for its members in equal parts. */
function contributionsOf(receipt: Receipt, segments: readonly ConsolidatedSegment[]): Consolidated['contributions'] {
  const bytes = segments.map(({ text }) => utf8Bytes(text));
  const total = bytes.reduce((sum, own) => sum + own, 0);
  return receipt.respondents.map(({ expert, group }) => {
    const at = segments.findIndex((segment) => segment.group === group);
    if (at === -1) return { expert, share: 0 };
    const members = receipt.groups[segments[at]!.group]!.members.length;
    return { expert, share: Number((BigInt(bytes[at]!) * BigInt(PPM)) / (BigInt(total) * BigInt(members))) };
  });
}
