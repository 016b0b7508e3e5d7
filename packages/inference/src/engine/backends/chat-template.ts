/**
 * Prompts by the template that a model brings along. Owns that what people write cannot end a turn: messages are tokenised apart from the
 * template, as ordinary text.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChatMessage } from '../../client/protocol.ts';
import { readJson, type TextTokenizer } from '../tokenizer.ts';

/** Private-use characters that stand for the messages while the template is filled in. */
const OPEN = '\u{f0000}';
const CLOSE = '\u{f0001}';
const MARK = new RegExp(`${OPEN}(\\d+)${CLOSE}`, 'u');

/** `tokenizer` with the conversations of the model in `folder`; a model without template gets `role: text` lines. */
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
  return {
    ...tokenizer,
    encodeConversation: (messages) => {
      const marked = messages.map(({ role }, index) => ({ role, content: `${OPEN}${index}${CLOSE}` }));
      // Splitting by a pattern with a group gives template, number, template, number, …, template.
      return fill(marked)
        .split(MARK)
        .flatMap((piece, at) => {
          if (at % 2 === 1) return tokenizer.encode(messages[Number(piece)]!.content);
          return piece === '' ? [] : (filler.encode(piece, { add_special_tokens: false }) as number[]);
        });
    },
  };
}
