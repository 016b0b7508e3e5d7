/**
 * What of an answer is quoted from a source and what a model wrote, as JSON. Owns how that is read off the segments: the chain
 * holds no word about it beyond them, and admits a quote only with its proof (market §5.2).
 */
import { type Answer, answerText } from '@synod/chain';
import { z } from 'zod';
import { Count, HexHash, hexOf } from './scalars.ts';

export const SegmentJson = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('quote'),
    text: z.string(),
    /** Title and licence of what is quoted. */
    source: z.string(),
    /** Index of the passage under the expert's knowledge root. */
    passage: Count,
  }),
  z.strictObject({ kind: z.literal('generated'), text: z.string(), tokens: Count }),
  /** Of a private query: known to its committee alone. */
  z.strictObject({ kind: z.literal('sealed'), hash: HexHash, bytes: Count }),
]);

/** The JSON of a piece of an answer. */
export type SegmentJson = z.output<typeof SegmentJson>;

/**
 * `quoted`: every word stands in a source. `mixed`: a quote, and words of the model. `refused`: the expert says that it does not
 * know. `generated`: the model's own words, without any source. `sealed`: a private answer, of which the chain has the hash.
 */
export const GroundingJson = z.enum(['quoted', 'mixed', 'refused', 'generated', 'sealed']);

export type GroundingJson = z.output<typeof GroundingJson>;

/** How an expert's refusal begins. */
const REFUSAL = "I don't know";

export function groundingOf(answer: Answer): GroundingJson {
  const isQuoted = answer.segments.some(({ kind }) => kind === 'quote');
  // White space between quotes is nobody's statement.
  const isWritten = answer.segments.some(({ kind, text }) => kind === 'generated' && text.trim() !== '');
  if (isQuoted) return isWritten ? 'mixed' : 'quoted';
  if (answer.segments.some(({ kind }) => kind === 'sealed')) return 'sealed';
  return answerText(answer).trimStart().startsWith(REFUSAL) ? 'refused' : 'generated';
}

export function segmentsJson(answer: Answer): SegmentJson[] {
  return answer.segments.map((segment): SegmentJson => {
    if (segment.kind === 'quote')
      return { kind: segment.kind, text: segment.text, source: segment.source, passage: segment.index };
    if (segment.kind === 'generated') return { kind: segment.kind, text: segment.text, tokens: segment.tokens.length };
    return { kind: segment.kind, hash: hexOf(segment.hash), bytes: segment.generatedBytes + segment.quotedBytes };
  });
}
