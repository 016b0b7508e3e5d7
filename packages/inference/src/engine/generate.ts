/**
 * Writes an answer token by token. Owns the decode loop: when it stops, what it streams, what it records.
 */
import type { ChatMessage, GenerateResult, GenerationProfile, WrittenPiece } from '../client/protocol.ts';
import type { AdapterStore } from './adapter-store.ts';
import { encodeChat } from './chat.ts';
import { type JobControl, passCheckpoint } from './control.ts';
import { createDetokenizer } from './detokenizer.ts';
import { EngineError } from './errors.ts';
import type { LanguageModel } from './language-model.ts';
import { createLookup } from './lookup.ts';
import { prefill } from './prefill.ts';
import { chooseToken, createRandom } from './sampling.ts';
import type { Sequence } from './sequence.ts';
import { createStopMatcher } from './stop-matcher.ts';
import type { TextTokenizer } from './tokenizer.ts';

export type GenerateRequest = {
  readonly messages: readonly ChatMessage[];
  readonly profile: GenerationProfile;
  readonly seed: number;
  readonly stop: readonly string[];
  /** An adapter file; null for the bare model. */
  readonly adapter: string | null;
  /**
   * Drafts tokens from the prompt (lookup.ts) where the profile is greedy. Faster for answers that quote; the text may differ from that
   * without, because several tokens a pass are rounded otherwise than one. False when left out.
   */
  readonly lookup?: boolean;
};

export type WritingControl = JobControl & {
  /** Whole characters, in order, and what was recorded since the piece before: tokens whose text is held back come with a later one. */
  onText(text: string, written?: WrittenPiece): void;
};

export type Speaker = {
  readonly model: LanguageModel;
  readonly tokenizer: TextTokenizer;
  readonly adapters: AdapterStore;
  readonly contextTokens: number;
};

/**
 * Answers a conversation. `onText` gets whole characters whose concatenation is the result's text. The recorded tokens are all
 * that were drawn, those of a stop sequence included, the end-of-turn token not. Throws PROMPT_TOO_LONG and AdapterError; a cancelled
 * job returns what it has with `finish: 'cancelled'`.
 */
export async function generate(
  { model, tokenizer, adapters, contextTokens }: Speaker,
  request: GenerateRequest,
  control: WritingControl,
): Promise<GenerateResult> {
  const prompt = encodeChat(request.messages, request.profile.instruction, { tokenizer, ...model.shape });
  assertFits(prompt.length, contextTokens);
  const adapter = await adapters.get(request.adapter);
  const tokensMax = Math.min(request.profile.maxTokens, contextTokens - prompt.length);
  const writer = createWriter(request, tokenizer, (text, written) =>
    control.onText(text, { ...written, promptTokens: prompt.length }),
  );
  const sequence = model.open(adapter, prompt.length + tokensMax);
  let finish: GenerateResult['finish'];
  try {
    const drafts = request.lookup === true && request.profile.temperature === 0;
    finish = await write({ model, sequence, writer, prompt, tokensMax, drafts }, control);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'CANCELLED') throw error;
    finish = 'cancelled';
  } finally {
    sequence.close();
  }
  writer.end(finish);
  const { tokens, logProbabilities } = writer;
  return { text: writer.text(), tokens, logProbabilities, promptTokens: prompt.length, finish };
}

type Writing = {
  readonly model: LanguageModel;
  readonly sequence: Sequence;
  readonly writer: Writer;
  readonly prompt: readonly number[];
  readonly tokensMax: number;
  readonly drafts: boolean;
};

/** Writes until a stop or the limit. Every token is chosen from the logits after exactly the tokens before it, drafted or not. */
async function write(
  { model, sequence, writer, prompt, tokensMax, drafts }: Writing,
  control: JobControl,
): Promise<'stop' | 'length'> {
  const lookup = drafts ? createLookup() : undefined;
  let logits = [await prefill(sequence, prompt, control)];
  let draft: readonly number[] = [];
  for (;;) {
    let accepted = 0;
    for (const row of logits) {
      if (writer.tokens.length >= tokensMax) return 'length';
      const token = writer.write(row);
      if (token === 'stop') return 'stop';
      if (token !== draft[accepted] || control.signal.aborted) break;
      accepted++;
    }
    if (writer.tokens.length >= tokensMax) return 'length';
    lookup?.learn({ drafted: draft.length, accepted });
    sequence.truncate(prompt.length + writer.tokens.length - 1);
    await passCheckpoint(control);
    // A pass that others share computes one token for each; drafts would keep them waiting.
    const drafted = lookup === undefined || model.isShared() ? [] : lookup.draft([...prompt, ...writer.tokens]);
    draft = drafted.slice(0, tokensMax - writer.tokens.length - 1);
    const next = [writer.tokens.at(-1)!, ...draft];
    logits = await sequence.read(next, draft.length === 0 ? 'last' : 'all');
  }
}

/** Throws PROMPT_TOO_LONG unless there is room for a token after the prompt. */
export function assertFits(promptTokens: number, contextTokens: number): void {
  if (promptTokens < contextTokens) return;
  throw new EngineError(
    'PROMPT_TOO_LONG',
    `The prompt has ${promptTokens} tokens; this model reads at most ${contextTokens - 1}. Shorten the prompt.`,
    { facts: { promptTokens, contextTokens } },
  );
}

type Writer = ReturnType<typeof createWriter>;

/** Draws tokens and turns them into shown text: sampler, detokenizer and stop sequences in a row. */
function createWriter(
  request: GenerateRequest,
  tokenizer: TextTokenizer,
  onText: (text: string, written: Omit<WrittenPiece, 'promptTokens'>) => void,
) {
  const random = createRandom(request.seed);
  const detokenizer = createDetokenizer(tokenizer);
  const matcher = createStopMatcher(request.stop);
  const tokens: number[] = [];
  const logProbabilities: number[] = [];
  let text = '';
  let told = 0;
  const show = (piece: string): void => {
    if (piece === '') return;
    text += piece;
    onText(piece, { tokens: tokens.slice(told), logProbabilities: logProbabilities.slice(told) });
    told = tokens.length;
  };
  return {
    tokens,
    logProbabilities,
    text: () => text,
    write(logits: Float32Array): number | 'stop' {
      const { token, milliNats } = chooseToken(logits, request.profile, random);
      if (tokenizer.isSpecial(token)) {
        show(matcher.flush());
        return 'stop';
      }
      tokens.push(token);
      logProbabilities.push(milliNats);
      const shown = matcher.push(detokenizer.push(token));
      show(shown.text);
      return shown.stopped ? 'stop' : token;
    },
    end(finish: GenerateResult['finish']): void {
      if (finish === 'length') show(matcher.flush());
    },
  };
}
