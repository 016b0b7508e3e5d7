/**
 * Domains that somebody built from documents of their own, which no weights were fitted on. Owns what speaks for such a domain: a name that
 * its texts alone know, or a passage that surely answers. A name stands with capitals inside a sentence, and one of its words never without.
 */
import type { JobControl } from '../engine/control.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import type { Passage } from '../knowledge/passage.ts';
import { isFunctionWord, words } from '../scoring/key-terms.ts';
import { limits } from './limits.ts';
import { exactNames, type NameFilter } from './name-filter.ts';

/** A domain and the knowledge it answers from. */
export type OwnDomain = { readonly domain: string; readonly knowledge: Knowledge };

/** What a name is worth: a rule, not fitted. */
const NAMED = 0.95;
/** A passage below that says nothing without a name. Of 578 fitting prompts none found more than 0.19 in a small handbook. */
const SURE = 0.5;

const filters = new WeakMap<Knowledge, NameFilter>();

/** 0 … 1. `isKnown`: whether a fitted domain knows a name; such a name tells nothing. Throws CANCELLED. */
export async function claimOf(
  prompt: string,
  { domain, knowledge }: OwnDomain,
  { isKnown, control }: { readonly isKnown: (name: string) => boolean; readonly control: JobControl },
): Promise<number> {
  const filter = filters.get(knowledge) ?? exactNames(ownNames(domain, knowledge, isKnown));
  filters.set(knowledge, filter);
  if (filter.find(prompt).longest > 0) return NAMED;
  const [best] = (await knowledge.retrieve(prompt, control)).candidates;
  return best !== undefined && best.probability >= SURE ? Math.min(NAMED, best.probability) : 0;
}

function ownNames(
  domain: string,
  { passages, aliases }: Pick<Knowledge, 'passages' | 'aliases'>,
  isKnown: (name: string) => boolean,
): string[] {
  const own = passages.slice(0, limits.ownPassagesMax);
  const { runs, small } = capitalsIn(own);
  const isProper = (name: string) => words(name).some((word) => runs.has(word) || !small.has(word));
  const subjects = own
    .flatMap(({ subject }) => [subject, ...(aliases.get(subject) ?? [])])
    .filter((name) => words(name).length > 1 && isProper(name));
  const proper = [...runs].filter((run) => words(run).some((word) => !small.has(word) && !isFunctionWord(word)));
  return [...new Set([...proper, ...subjects, domain])].filter((name) => !CALENDAR.has(name) && !isKnown(name));
}

/** Runs of words that stand with a capital inside a sentence, and all words that stand without anywhere. */
function capitalsIn(passages: readonly Passage[]): { readonly runs: Set<string>; readonly small: Set<string> } {
  const runs = new Set<string>();
  const small = new Set<string>();
  for (const { text } of passages) {
    for (const [word] of text.matchAll(/(?<![\p{L}\p{N}])\p{Ll}[\p{L}\p{N}]*/gu)) small.add(words(word).join(' '));
    for (const [run] of text.matchAll(/(?<=[\p{L}\p{N},;] )\p{Lu}[\p{L}\p{N}]*(?: \p{Lu}[\p{L}\p{N}]*)*/gu)) {
      runs.add(words(run).join(' '));
    }
  }
  return { runs, small };
}

/** Capitals that name nothing of one's own. */
const CALENDAR = new Set(
  (
    'january february march april may june july august september october november december monday tuesday wednesday ' +
    'thursday friday saturday sunday christmas easter'
  ).split(' '),
);
