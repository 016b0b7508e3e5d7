/**
 * Reads an answer that somebody claims this model wrote, in one pass. Owns what is measured of it: what its tokens say, how probable each
 * is, how far each lies under the model's own choice, and whether the model would end there. Whether that is near enough belongs to answering.
 */
import type { ChatMessage } from '../client/protocol.ts';
import { encodeChat } from './chat.ts';
import type { JobControl } from './control.ts';
import { createDetokenizer } from './detokenizer.ts';
import { assertFits, type Speaker } from './generate.ts';
import { logProbability, readAfter } from './likelihood.ts';
import { prefill } from './prefill.ts';
import { argmax } from './sampling.ts';
import { createStopMatcher } from './stop-matcher.ts';
import type { TextTokenizer } from './tokenizer.ts';

export type ReviewRequest = {
  readonly messages: readonly ChatMessage[];
  /** As in GenerationProfile. */
  readonly instruction: string;
  readonly tokensMax: number;
  readonly stop: readonly string[];
  /** An adapter file; null for the bare model. */
  readonly adapter: string | null;
  /** What is claimed: tokens as `generate` records them. */
  readonly tokens: readonly number[];
};

export type Review =
  /** No tokens that `generate` could have recorded, whatever the model: none, too many, unknown or special ones, or some after a stop sequence. */
  { readonly kind: 'impossible'; readonly reason: 'empty' | 'overlong' | 'unknown token' | 'beyond stop' } | ReadReview;

export type ReadReview = {
  readonly kind: 'read';
  /** What `generate` would have shown of the tokens. */
  readonly text: string;
  /** ln p of each token under the unmodified distribution, and how far its logit lies under the largest: 0 is the greedy choice. In nats. */
  readonly logProbabilities: readonly number[];
  readonly gaps: readonly number[];
  /** Why the text ends: a stop sequence, no room for more, or the model's choice to end, whose logit lies `gap` nats under the largest. */
  readonly end:
    | { readonly kind: 'stop' }
    | { readonly kind: 'full' }
    | { readonly kind: 'chosen'; readonly gap: number };
};

/** Throws PROMPT_TOO_LONG, CANCELLED, MODEL_ERROR and AdapterError. */
export async function review(speaker: Speaker, request: ReviewRequest, control: JobControl): Promise<Review> {
  const { model, tokenizer, adapters, contextTokens } = speaker;
  const prompt = encodeChat(request.messages, request.instruction, { tokenizer, ...model.shape });
  assertFits(prompt.length, contextTokens);
  const tokensMax = Math.min(request.tokensMax, contextTokens - prompt.length);
  const { tokens, stop } = request;
  const isKnown = (token: number) =>
    Number.isInteger(token) && token >= 0 && token < model.shape.vocabulary && !tokenizer.isSpecial(token);
  if (tokens.length === 0) return { kind: 'impossible', reason: 'empty' };
  if (tokens.length > tokensMax) return { kind: 'impossible', reason: 'overlong' };
  if (!tokens.every(isKnown)) return { kind: 'impossible', reason: 'unknown token' };
  const told = retell(tokenizer, tokens, stop);
  if (told.stoppedAt !== null && told.stoppedAt < tokens.length - 1)
    return { kind: 'impossible', reason: 'beyond stop' };
  const adapter = await adapters.get(request.adapter);
  const sequence = model.open(adapter, prompt.length + tokens.length);
  const logProbabilities: number[] = [];
  const gaps: number[] = [];
  let endGap = 0;
  const visit = (logits: Float32Array, count: number): void => {
    const peak = logits[argmax(logits)]!;
    if (count === tokens.length) {
      endGap = peak - largestSpecial(logits, tokenizer);
      return;
    }
    logProbabilities.push(logProbability(logits, tokens[count]!));
    gaps.push(peak - logits[tokens[count]!]!);
  };
  try {
    visit(await prefill(sequence, prompt, control), 0);
    await readAfter(sequence, { tokens, visit }, control);
  } finally {
    sequence.close();
  }
  const chosen = tokens.length === tokensMax ? ({ kind: 'full' } as const) : ({ kind: 'chosen', gap: endGap } as const);
  const end = told.stoppedAt === null ? chosen : ({ kind: 'stop' } as const);
  return { kind: 'read', text: told.text, logProbabilities, gaps, end };
}

/** What is shown of tokens, and the index of the token that completed a stop sequence. */
function retell(
  tokenizer: TextTokenizer,
  tokens: readonly number[],
  stop: readonly string[],
): { text: string; stoppedAt: number | null } {
  const detokenizer = createDetokenizer(tokenizer);
  const matcher = createStopMatcher(stop);
  let text = '';
  for (const [at, token] of tokens.entries()) {
    const shown = matcher.push(detokenizer.push(token));
    text += shown.text;
    if (shown.stopped) return { text, stoppedAt: at };
  }
  return { text: text + matcher.flush(), stoppedAt: null };
}

function largestSpecial(logits: Float32Array, { isSpecial }: TextTokenizer): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let token = 0; token < logits.length; token++) {
    if (logits[token]! > largest && isSpecial(token)) largest = logits[token]!;
  }
  return largest;
}
