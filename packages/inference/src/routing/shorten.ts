/** Which part of a long prompt is read. Owns that choice: fitting and routing read alike. */
import { limits } from './limits.ts';

/** Beginning and end: what is asked usually stands in one of them. */
export function shorten(prompt: string): string {
  const half = limits.promptCharactersMax / 2;
  const text = prompt.toWellFormed();
  return text.length <= 2 * half ? text : `${text.slice(0, half)} ${text.slice(-half)}`.toWellFormed();
}
