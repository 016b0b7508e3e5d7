/**
 * What the last message of a conversation asks when it leans on the messages before it. Owns carrying a subject over and asking an
 * earlier question of a new subject; the texts it makes are for retrieval only and are never shown (answering §6).
 */
import type { ChatMessage } from '../client/protocol.ts';
import type { Link } from '../retrieval/name-index.ts';
import { FUNCTION_WORDS, type Word } from '../retrieval/words.ts';
import { limits } from './limits.ts';

/** A message with the subjects it names. */
export type ReadMessage = { readonly text: string; readonly words: readonly Word[]; readonly links: readonly Link[] };

/** The question to retrieve for. `read` finds the subjects of a message. */
export function completeQuestion(messages: readonly ChatMessage[], read: (text: string) => ReadMessage): string {
  const asked = messages.filter(({ role }) => role === 'user').map(({ content }) => content);
  const last = asked.at(-1) ?? '';
  const earlier = asked.slice(-1 - limits.earlierMessagesMax, -1).toReversed();
  if (earlier.length === 0) return last;
  const now = read(last);
  if (now.links.length > 0) return asksNothingElse(now) ? transfer(now, earlier.map(read)) : now.text;
  if (!leansOn(now)) return now.text;
  const before = earlier.map(read).find(({ links }) => links.length > 0);
  return before === undefined ? now.text : withSubject(now.text, nameIn(before));
}

const LEANING =
  /\b(it|its|they|them|their|there|he|she|his|her|hers|this|that|these|those|same|one)\b|^(and|but|also|or|what about|how about)\b/i;

/** A message that points back, or is too short to stand alone. */
function leansOn({ text, words }: ReadMessage): boolean {
  return LEANING.test(text) || words.filter(({ norm }) => !FUNCTION_WORDS.has(norm)).length <= 1;
}

/** "And Spain?": a subject and no question of its own. */
function asksNothingElse({ words, links }: ReadMessage): boolean {
  const naming = new Set(links.flatMap((link) => words.slice(link.firstWord, link.firstWord + link.wordCount)));
  return words.every((word) => naming.has(word) || FUNCTION_WORDS.has(word.norm));
}

function transfer(now: ReadMessage, earlier: readonly ReadMessage[]): string {
  const before = earlier.find((message) => message.links.length > 0 && !asksNothingElse(message));
  if (before === undefined) return now.text;
  const { start, end } = spanOf(before);
  return `${before.text.slice(0, start)}${nameIn(now)}${before.text.slice(end)}`;
}

function nameIn(message: ReadMessage): string {
  const { start, end } = spanOf(message);
  return message.text.slice(start, end);
}

function spanOf({ words, links }: ReadMessage): { start: number; end: number } {
  const { firstWord, wordCount } = links[0]!;
  return { start: words[firstWord]!.start, end: words[firstWord + wordCount - 1]!.end };
}

function withSubject(text: string, subject: string): string {
  const possessive = text.replace(/\b(its|their|his|her)\b/i, `${subject}'s`);
  if (possessive !== text) return possessive;
  const pronoun = text.replace(/\b(it|they|them|there|he|she|this|that)\b/i, subject);
  return pronoun === text ? `${text.replace(/[?.!\s]+$/, '')} of ${subject}?` : pronoun;
}
