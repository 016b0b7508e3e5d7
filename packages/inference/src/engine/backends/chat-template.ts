/**
 * Prompts by the template that a model brings along. Owns that what people write cannot end a turn: messages are tokenised apart from the
 * template, as ordinary text.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChatMessage } from '../../client/protocol.ts';
import { EngineError } from '../errors.ts';
import { readJson, type TextTokenizer } from '../tokenizer.ts';

/** Private-use characters that stand for the messages while the template is filled in. */
const OPEN = '\u{f0000}';
const CLOSE = '\u{f0001}';
const REASON_CHARACTERS_MAX = 200;
const MARK = new RegExp(`${OPEN}(\\d+)${CLOSE}`, 'u');

/**
 * `tokenizer` with the conversations of the model in `folder`; a model without template gets `role: text` lines. Throws MODEL_ERROR for a
 * template that cannot put even one message into words, and so does the result for a conversation that it cannot.
 */
export async function withTemplate(folder: string, tokenizer: TextTokenizer): Promise<TextTokenizer> {
  const config = await readJson<Record<string, unknown>>(join(folder, 'tokenizer_config.json'));
  const file = await readJson<Record<string, unknown>>(join(folder, 'tokenizer.json'));
  const apart = await readFile(join(folder, 'chat_template.jinja'), 'utf8').catch(() => undefined);
  const template = typeof config['chat_template'] === 'string' ? config['chat_template'] : apart;
  const { PreTrainedTokenizer } = await import('@xenova/transformers');
  const filler = new PreTrainedTokenizer(file, { ...config, chat_template: template ?? null });
  const fill = (messages: readonly ChatMessage[]): string =>
    template === undefined
      ? `${messages.map(({ role, content }) => `${role}: ${content}\n`).join('')}assistant:`
      : (filler.apply_chat_template(messages as ChatMessage[], {
          tokenize: false,
          add_generation_prompt: true,
        }) as string);
  const encode = (messages: readonly ChatMessage[]): number[] => {
    const marked = messages.map(({ role }, index) => ({ role, content: `${OPEN}${index}${CLOSE}` }));
    // Splitting by a pattern with a group gives template, number, template, number, …, template.
    return fill(marked)
      .split(MARK)
      .flatMap((piece, at) => {
        if (at % 2 === 1) return tokenizer.encode(messages[Number(piece)]?.content ?? '');
        return piece === '' ? [] : (filler.encode(piece, { add_special_tokens: false }) as number[]);
      });
  };
  const encodeConversation = (messages: readonly ChatMessage[]): number[] => {
    try {
      const ids = encode(messages);
      if (ids.length > 0 && ids.every(Number.isInteger)) return ids;
      throw new RangeError('it gives no tokens of this model');
    } catch (cause) {
      throw unusable(folder, cause);
    }
  };
  encodeConversation([{ role: 'user', content: 'Hello' }]);
  return { ...tokenizer, encodeConversation };
}

function unusable(folder: string, cause: unknown): EngineError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new EngineError(
    'MODEL_ERROR',
    `The chat template of ${folder} cannot be filled in: ${why.slice(0, REASON_CHARACTERS_MAX)}. Mend chat_template in tokenizer_config.json, or name another --model.`,
    { facts: { folder }, cause },
  );
}
