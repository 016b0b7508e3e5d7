/** Plays scores of a query on a test chain: everybody honest unless told otherwise. Owns no rule and no assertion of one. */
import {
  type CheckVerdict,
  eligibleGroups,
  type GroupCheck,
  type GroupScore,
  groupsToVerify,
  type Hash,
  type Receipt,
} from '../../src/index.ts';
import type { TestChain } from '../test-chain.ts';

export type ScorePlan = {
  /** Positions of validators that take part; all unless given. */
  readonly positions?: readonly number[];
  /** Score of a group; 0.9 unless given. */
  readonly scoreOf?: (group: number, position: number) => number;
  /** What a verifier finds; `match` unless given. */
  readonly verdictOf?: (position: number) => CheckVerdict;
};

export type Opening = { readonly scores: readonly GroupScore[]; readonly checks: readonly GroupCheck[] };

/** What the validator at that position must open. */
export function openingOf(chain: TestChain, id: Hash, position: number, plan: ScorePlan = {}): Opening {
  const query = chain.query(id);
  const { address } = chain.validators[position]!;
  const scores = eligibleGroups(query, address).map((group) => ({
    group,
    score: plan.scoreOf?.(group, position) ?? 900_000,
  }));
  const verdict = plan.verdictOf?.(position) ?? 'match';
  const checks = groupsToVerify(query, address).map((group) => ({ group, verdict, distanceMilli: 12 }));
  return { scores, checks };
}

/** Commits and reveals of scores until the query settles. */
export function settle(chain: TestChain, id: Hash, plan: ScorePlan = {}): Receipt {
  const positions = (plan.positions ?? [...chain.validators.keys()]).filter(
    (at) => openingOf(chain, id, at).scores.length > 0,
  );
  const openings = positions.map((at) => [at, openingOf(chain, id, at, plan)] as const);
  chain.next({
    items: new Map(openings.map(([at, { scores, checks }]) => [at, [chain.scoreCommit(id, at, scores, checks)]])),
  });
  while (chain.query(id).phase === 'scoring') chain.next();
  const reveals = openings.map(
    ([at, { scores, checks }]) => [at, [chain.scoreReveal(id, at, scores, checks)]] as const,
  );
  let { results } = chain.next({ items: new Map(reveals) });
  while (chain.query(id).phase !== 'settled') ({ results } = chain.next());
  return results.receipts.find(({ queryId }) => queryId === id)!;
}
