/**
 * Turns a conversation into prompt tokens (ChatML, unless the model has a template of its own). Owns the template; adds no system turn of its own, because the
 * default one makes small models answer about themselves (MODELS.md, "What to believe").
 */
import type { ChatMessage } from '../client/protocol.ts';
import { EngineError } from './errors.ts';
import { limits } from './limits.ts';
import type { TextTokenizer } from './tokenizer.ts';

export type ChatTokens = { readonly beginToken: number; readonly endToken: number };

/**
 * Prompt ids ending where the assistant's answer starts. `instruction` is put before the last user message's text. Throws PROMPT_TOO_LONG
 * for more text than any context holds: reading it would keep every other job waiting.
 */
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
  assertShort(instructed);
  if (tokenizer.encodeConversation !== undefined) return tokenizer.encodeConversation(instructed);
  const newline = tokenizer.encode('\n');
  const turns = instructed.map(({ role, content }) => [
    [beginToken],
    tokenizer.encode(`${role}\n${content}`),
    [endToken],
    newline,
  ]);
  return [...turns.flat(), [beginToken], tokenizer.encode('assistant\n')].flat();
}

function assertShort(messages: readonly ChatMessage[]): void {
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
  if (characters <= limits.promptCharactersMax) return;
  throw new EngineError(
    'PROMPT_TOO_LONG',
    `The prompt has ${characters} characters; at most ${limits.promptCharactersMax} are read. Shorten the prompt.`,
    { facts: { characters } },
  );
}
