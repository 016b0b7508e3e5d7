/**
 * What of an answer is charged (spec: market §11.1): bytes that a model wrote and bytes that were quoted. Owns the count alone.
 */
import type { Answer } from '../types/index.ts';
import { utf8Bytes } from './contract-check.ts';

/** Bytes of the answer's text in UTF-8 by class; a private answer states its own. */
export function metersOf({ segments }: Answer): { readonly generatedBytes: number; readonly quotedBytes: number } {
  let generatedBytes = 0;
  let quotedBytes = 0;
  for (const segment of segments) {
    if (segment.kind === 'generated') generatedBytes += utf8Bytes(segment.text);
    else if (segment.kind === 'quote') quotedBytes += utf8Bytes(segment.text);
    else {
      generatedBytes += segment.generatedBytes;
      quotedBytes += segment.quotedBytes;
    }
  }
  return { generatedBytes, quotedBytes };
}
