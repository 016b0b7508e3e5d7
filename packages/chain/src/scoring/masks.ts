/**
 * Who may score which answer (spec: market §6): masks go by operator, not by key. Owns nothing about the scores themselves.
 */
import type { Address, AnswerGroup, Power, QueryState, Scorer } from '../types/index.ts';

/** Whose answers there are: a query's respondents, or a receipt's. */
type Owned = { readonly respondents: readonly { readonly operator: Address }[] };

/** True when the operator owns no member of the group. */
export function mayScore(query: Owned, operator: Address, group: AnswerGroup): boolean {
  return group.members.every((member) => query.respondents[member]?.operator !== operator);
}

/** Indices of the groups this operator may score, ascending: exactly these must stand in its reveal. */
export function eligibleGroups(query: Owned & Pick<QueryState, 'groups'>, operator: Address): number[] {
  return [...query.groups.keys()].filter((index) => mayScore(query, operator, query.groups[index]!));
}

/** Scorers who may score at least one group; only they are waited for. */
export function eligibleScorers(query: QueryState): Scorer[] {
  return query.scorers.filter(({ operator }) => eligibleGroups(query, operator).length > 0);
}

/** Total power of those who may score the group. */
export function eligiblePower(query: QueryState, group: AnswerGroup): Power {
  return query.scorers.reduce((sum, { operator, power }) => sum + (mayScore(query, operator, group) ? power : 0n), 0n);
}
