/**
 * Turns a conversation into prompt tokens (ChatML). Owns the template; adds no system turn of its own, because the
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
  const newline = tokenizer.encode('\n');
  const last = messages.findLastIndex((message) => message.role === 'user');
  const ids: number[] = [];
  for (const [index, { role, content }] of messages.entries()) {
    const text = index === last && instruction !== '' ? `${instruction}\n${content}` : content;
    ids.push(beginToken, ...tokenizer.encode(`${role}\n${text}`), endToken, ...newline);
  }
  ids.push(beginToken, ...tokenizer.encode('assistant\n'));
  return ids;
}
