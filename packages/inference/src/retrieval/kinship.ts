/**
 * Which relations go together: what one may ask of a subject at all, judged by what other subjects of its sort have. An indicator has a colour, an
 * element an appearance: of an element, "what colour" asks for the second. Owns the counts; the subject itself never counts, so a fact that is missing is
 * asked for as surely as one that is there.
 */
import { DOCUMENT_RELATION, type Passage } from '../knowledge/passage.ts';

export type Kinship = {
  /**
   * How usual a relation is for a subject that has these others, −1 … 1: the greatest share, over each of the others, of the rarer one's subjects
   * that have both. Few subjects say little; 0 where no other subject tells.
   */
  of(subject: string, own: ReadonlySet<string>): (relation: string) => number;
};

/** Shares below 1 in e^SHARE_LOG_MAX say nothing more. */
const SHARE_LOG_MAX = 4;

export function createKinship(passages: readonly Passage[]): Kinship {
  const bySubject = new Map<string, Set<string>>();
  for (const { subject, relation } of passages) {
    if (relation === DOCUMENT_RELATION) continue;
    const own = bySubject.get(subject);
    if (own === undefined) bySubject.set(subject, new Set([relation]));
    else own.add(relation);
  }
  const together = new Map<string, Map<string, number>>();
  for (const own of bySubject.values()) {
    for (const one of own) {
      const row = together.get(one) ?? new Map<string, number>();
      for (const other of own) row.set(other, (row.get(other) ?? 0) + 1);
      together.set(one, row);
    }
  }
  const countOf = (relation: string) => together.get(relation)?.get(relation) ?? 0;
  return {
    of(subject, own) {
      const all = bySubject.get(subject);
      const kin = Array.from(own, (one) => ({ one, count: countOf(one) - 1, row: together.get(one) }));
      return (relation) => {
        const has = all?.has(relation) === true ? 1 : 0;
        const others = countOf(relation) - has;
        let share = 0;
        for (const { one, count, row } of kin) {
          const fewer = Math.min(count, others);
          if (one === relation || fewer <= 0) continue;
          share = Math.max(share, ((row?.get(relation) ?? 0) - has + 0.5) / (fewer + 1));
        }
        return share === 0 ? 0 : 1 + (2 * Math.max(-SHARE_LOG_MAX, Math.log(share))) / SHARE_LOG_MAX;
      };
    },
  };
}
