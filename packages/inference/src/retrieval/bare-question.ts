/**
 * A question that says nothing but a name, "What is an acid?", asks what that is. Owns which relation tells it; every other question is judged by
 * what its words ask for (relation-fit.ts).
 */
import type { QuestionMask, QuestionView } from './features.ts';
import type { RelationFit } from './relation-fit.ts';
import { stem } from './words.ts';

/** What may stand beside the name. "What is insulin for?" asks for more. */
const ASKING = new Set('what is are was were s a an the define explain describe please exactly'.split(' '));

/** Relations that tell what something is, the best first; also those whose name ends in one, as `status-meaning`. */
const TELLING = ['definition', 'description', 'meaning', 'stands-for', 'kind', 'category', 'location'] as const;

/** As sure as a fit can be. */
const SURELY: Pick<RelationFit, 'odds' | 'sureness'> = { odds: 1, sureness: 0 };
const SURELY_NOT: Pick<RelationFit, 'odds' | 'sureness'> = { odds: -1, sureness: -1 };

/** The relation, of those that the subject has, that a bare question asks for; null where it says more than the name, or nothing tells what that is. */
export function bareRelation(
  { words }: Pick<QuestionView, 'words'>,
  { subject, nameTerms }: Pick<QuestionMask, 'subject' | 'nameTerms'>,
  relationsOf: (subject: string) => ReadonlySet<string>,
): string | null {
  if (subject === null) return null;
  if (!words.every(({ norm }) => ASKING.has(norm) || nameTerms.has(stem(norm)))) return null;
  const own = [...relationsOf(subject)];
  for (const telling of TELLING) {
    const found = own.find((relation) => relation === telling || relation.endsWith(`-${telling}`));
    if (found !== undefined) return found;
  }
  return null;
}

/** The fits with this relation surely asked for, and no other. */
export function surelyAsked(
  fits: ReadonlyMap<string, RelationFit>,
  relation: string,
): ReadonlyMap<string, RelationFit> {
  return new Map(Array.from(fits, ([name, fit]) => [name, { ...fit, ...(name === relation ? SURELY : SURELY_NOT) }]));
}
