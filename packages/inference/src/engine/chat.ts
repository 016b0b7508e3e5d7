/**
 * Turns a conversation into prompt tokens (ChatML, unless the model has a template of its own). Owns the template; adds no system turn of its own, because the
 * default one makes small models answer about themselves (MODELS.md, "What to believe").
 */
import type { ChatMessage } from '../client/protocol.ts';
import type { TextTokenizer } from './tokenizer.ts';

export type ChatTokens = { readonly beginToken: number; readonly endToken: number };

/** Prompt ids ending where the assistant's answer starts. `instruction` is put before the last user message's text. */
export function encodeChat(
  messages: readonly ChatMessage[],
  instruction: string,
  { tokenizer, beginToken, endToken }: ChatTokens & { tokenizer: TextTokenizer },
): number[] {
  const last = messages.findLastIndex((message) => message.role === 'user');
  const instructed = messages.map(({ role, content }, index) => ({
    role,
    content: index === last && instruction !== '' ? `${instruction}\n${content}` : content,
  }));
  if (tokenizer.encodeConversation !== undefined) return tokenizer.encodeConversation(instructed);
  const newline = tokenizer.encode('\n');
  const ids: number[] = [];
  for (const { role, content } of instructed) {
    ids.push(beginToken, ...tokenizer.encode(`${role}\n${content}`), endToken, ...newline);
  }
  ids.push(beginToken, ...tokenizer.encode('assistant\n'));
  return ids;
}
