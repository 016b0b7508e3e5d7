/** What stands below an answer about where it comes from: its sources, or that it has none. Owns the words. */
import type { QueryJson } from '@synod/rpc/client';
import pc from 'picocolors';
import { plainText } from './plain-text.ts';

type Cited = Pick<QueryJson, 'segments' | 'grounding' | 'domain'>;

/** One line a quote; one line for an answer without any. None where there is no answer. */
export function citationLines({ segments, grounding, domain }: Cited): string[] {
  const place = domain === null ? '' : ` of ${domain}`;
  const quotes = segments.flatMap((segment) =>
    segment.kind === 'quote' ? [`source: ${plainText(segment.source)} · passage ${segment.passage}${place}`] : [],
  );
  if (grounding === 'mixed')
    return [...quotes, pc.dim('the words before the quote are the model’s, checked against it')];
  if (grounding === 'generated') return [pc.yellow('ungrounded: written by the model without a source')];
  if (grounding === 'refused')
    return [pc.dim('refused: nothing that this expert knows answers the question well enough')];
  return quotes;
}
