/**
 * Writes an answer token by token. Owns the decode loop: when it stops, what it streams, what it records.
 */
import type { ChatMessage, GenerateResult, GenerationProfile } from '../client/protocol.ts';
import { encodeChat } from './chat.ts';
import { type JobControl, passCheckpoint } from './control.ts';
import { createDetokenizer } from './detokenizer.ts';
import { EngineError } from './errors.ts';
import type { Cache, LanguageModel } from './language-model.ts';
import { prefill } from './prefill.ts';
import { chooseToken, createRandom } from './sampling.ts';
import { createStopMatcher } from './stop-matcher.ts';
import type { TextTokenizer } from './tokenizer.ts';

export type GenerateRequest = {
  readonly messages: readonly ChatMessage[];
  readonly profile: GenerationProfile;
  readonly seed: number;
  readonly stop: readonly string[];
  /** An adapter file; null for the bare model. */
  readonly adapter: string | null;
};

export type Speaker = {
  readonly model: LanguageModel;
  readonly tokenizer: TextTokenizer;
  readonly contextTokens: number;
};

/**
 * Answers a conversation. `onText` gets whole characters whose concatenation is the result's text. The recorded tokens are all
 * that were drawn, those of a stop sequence included, the end-of-turn token not. Throws PROMPT_TOO_LONG; a cancelled job
 * returns what it has with `finish: 'cancelled'`.
 */
export async function generate(
  { model, tokenizer, contextTokens }: Speaker,
  request: GenerateRequest,
  control: JobControl & { onText(text: string): void },
): Promise<GenerateResult> {
  const prompt = encodeChat(request.messages, request.profile.instruction, { tokenizer, ...model.shape });
  assertFits(prompt.length, contextTokens);
  const tokensMax = Math.min(request.profile.maxTokens, contextTokens - prompt.length);
  const writer = createWriter(request, tokenizer, control.onText);
  let cache: Cache | undefined;
  let finish: GenerateResult['finish'] = 'length';
  try {
    const start = await prefill(model, prompt, control);
    cache = start.cache;
    let logits = start.logits;
    while (writer.tokens.length < tokensMax) {
      const step = writer.write(logits);
      if (step === 'stop') {
        finish = 'stop';
        break;
      }
      if (writer.tokens.length === tokensMax) break;
      await passCheckpoint(control);
      const next = await model.forward(cache, [step], 'last');
      model.release(cache);
      cache = next.cache;
      logits = next.logits[0]!;
    }
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'CANCELLED') throw error;
    finish = 'cancelled';
  } finally {
    if (cache !== undefined) model.release(cache);
  }
  writer.end(finish);
  const { tokens, logProbabilities } = writer;
  return { text: writer.text(), tokens, logProbabilities, promptTokens: prompt.length, finish };
}

function assertFits(promptTokens: number, contextTokens: number): void {
  if (promptTokens < contextTokens) return;
  throw new EngineError(
    'PROMPT_TOO_LONG',
    `The prompt has ${promptTokens} tokens; this model reads at most ${contextTokens - 1}. Shorten the prompt.`,
    { facts: { promptTokens, contextTokens } },
  );
}

/** Draws tokens and turns them into shown text: sampler, detokenizer and stop sequences in a row. */
function createWriter(request: GenerateRequest, tokenizer: TextTokenizer, onText: (text: string) => void) {
  const random = createRandom(request.seed);
  const detokenizer = createDetokenizer(tokenizer);
  const matcher = createStopMatcher(request.stop);
  const tokens: number[] = [];
  const logProbabilities: number[] = [];
  let text = '';
  const show = (piece: string): void => {
    if (piece === '') return;
    text += piece;
    onText(piece);
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
