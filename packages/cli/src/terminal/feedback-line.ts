/** The invitation to say whether an answer was right. Owns when it is shown and its words. */
import type { QueryJson } from '@synod/rpc/client';
import { SYNOD } from './command-name.ts';

/** One line for a person who got an answer, none for a program, where nothing was answered, or to whom a private answer was only disclosed. */
export function feedbackLine(
  query: Pick<QueryJson, 'queryId' | 'answer' | 'isSealed' | 'isPrivate' | 'receipt'>,
  { isTerminal, readKey }: { readonly isTerminal: boolean; readonly readKey: string | null },
): readonly string[] {
  if (!isTerminal || query.receipt === null || query.answer === null || query.isSealed) return [];
  if (query.isPrivate && readKey === null) return [];
  const key = query.isPrivate ? ` --read-key ${readKey}` : '';
  return [`Was it right?   ${SYNOD} feedback ${query.queryId}${key} good | bad | --correct "…"`];
}
