/**
 * A domain's feedback as JSON lines that need no node (spec: learning §3.5): a head with a header and its certificate, then one line a
 * feedback with its proof under that header. Another head may follow, whose header proves what comes after it. Owns the lines' schemas and
 * their strict reading; what they prove is the reader's to check.
 */
import type { Decoded, LightBlock, StateProof, TrustTrail } from '@synod/chain';
import { z } from 'zod';
import { FeedbackJson } from './learning.ts';
import { readProvenBlock, readStatePath, StateProofJson, TrailJson } from './proofs.ts';
import { Count, Decimal, HexBytes } from './scalars.ts';

export { FeedbackJson, feedbackJson } from './learning.ts';

/** First words of the head; a change of the form changes them. */
export const FEEDBACK_DATA_FORMAT = 'synod/feedback-data/1';

/** Longest line that is read: a blob of 64 KiB in the worst of escapes, and proofs. */
export const DATA_LINE_CHARACTERS_MAX = 4 * 1_048_576;

const HeadLine = z.strictObject({
  kind: z.literal('head'),
  format: z.literal(FEEDBACK_DATA_FORMAT),
  chainId: z.string(),
  domain: z.string(),
  /** Feedback given in this block or later; "0": all. */
  from: Decimal,
  /** `release`: words of those alone who agreed to that. */
  consents: z.enum(['release', 'all']),
  /** What follows is proven in the state after this block. */
  height: Decimal,
  block: HexBytes,
  trail: TrailJson,
  /** Feedback that the domain has in that state, and the proof of its line. */
  count: Count,
  line: StateProofJson,
});

const ItemLine = z.strictObject({
  kind: z.literal('feedback'),
  feedback: FeedbackJson,
  proof: StateProofJson,
  /** The blob: canonical JSON of prompt, answer, correction, source, licence and consent (spec: learning §2.2). */
  words: z.string().nullable(),
  /** Why words are missing: their author agreed to training alone, or the node had none. */
  withheld: z.enum(['consent', 'absent']).nullable(),
});

const Line = z.discriminatedUnion('kind', [HeadLine, ItemLine]);

export type DataHeadJson = z.output<typeof HeadLine>;
export type DataItemJson = z.output<typeof ItemLine>;

export type DataHead = Omit<DataHeadJson, 'block' | 'trail' | 'line'> & {
  readonly block: LightBlock;
  readonly trail: TrustTrail;
  readonly line: StateProof;
};

export type DataItem = Omit<DataItemJson, 'proof'> & { readonly proof: StateProof };

/** Reads one line. Total: a refusal names what is wrong. Whether it proves anything is checked afterwards. */
export function readDataLine(text: string): Decoded<DataHead | DataItem> {
  const json = parseJson(text);
  if (json === undefined) return { ok: false, reason: 'it is not JSON' };
  const parsed = Line.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path.join('.') ?? '';
    return { ok: false, reason: `${path === '' ? 'the line' : path}: ${issue?.message ?? 'unreadable'}` };
  }
  const { data } = parsed;
  if (data.kind === 'feedback') return { ok: true, value: { ...data, proof: readStatePath(data.proof) } };
  const proven = readProvenBlock(data);
  return proven.ok ? { ok: true, value: { ...data, ...proven.value, line: readStatePath(data.line) } } : proven;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: a verdict on somebody's file.
    return undefined;
  }
}
