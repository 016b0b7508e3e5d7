/**
 * Rounds of collaborative prompting (DESIGN §3.4, spec: market §5): what a round leaves behind, what the next one begins with,
 * and which answers stand at the end. Owns no window; phases.ts says when a round is over.
 */
import { answerText } from '../codec/index.ts';
import type { Address, AnswerGroup, EarlierRound, Hash, QueryState } from '../types/index.ts';
import { answerIdentity } from './answer-identity.ts';

type Answered = Pick<QueryState, 'respondents' | 'groups' | 'earlier'>;

/** True while the contract has rounds left and nobody ended it. */
export function hasNextRound({ round, contract, cancelledAt }: QueryState): boolean {
  return cancelledAt === null && round < contract.rounds;
}

/** The query at the start of its next round: this one's answers are put away, and every slot is open again. */
export function nextRound(query: QueryState): QueryState {
  const over: EarlierRound = { answers: answersOf(query), groups: inOrder(query.groups) };
  const respondents = query.respondents.map((slot) => ({ ...slot, commitment: null, answerHash: null }));
  return { ...query, round: query.round + 1, earlier: [...query.earlier, over], respondents, groups: [] };
}

/** The query with the groups that are scored: every respondent's last revealed answer, equal ones together. */
export function closeAnswers(query: QueryState): QueryState {
  const groups = standingGroups(query);
  const respondents = query.respondents.map((respondent, index) => {
    const group = groups.findIndex(({ members }) => members.includes(index));
    return { ...respondent, group: group === -1 ? null : group };
  });
  return { ...query, groups, respondents };
}

/** Hash of the respondent's last revealed answer, or null. */
export function standingHash(query: Answered, respondent: number): Hash | null {
  const hashes = [...query.earlier.map(({ answers }) => answers), answersOf(query)].map((round) => round[respondent]);
  return hashes.findLast((hash) => hash != null) ?? null;
}

/**
 * Texts of the round before, one for each group without the expert itself, in the order of groups: what it may build on. Empty
 * in the first round; a private answer has no text on chain and stands as an empty one.
 */
export function peerTexts(query: QueryState, expert: Address): readonly string[] {
  const own = query.respondents.findIndex((slot) => slot.expert === expert);
  const groups = query.earlier.at(-1)?.groups ?? [];
  return groups.filter(({ members }) => members.some((at) => at !== own)).map(({ answer }) => answerText(answer));
}

function answersOf({ respondents }: Answered): readonly (Hash | null)[] {
  return respondents.map(({ answerHash }) => answerHash);
}

function standingGroups(query: QueryState): readonly AnswerGroup[] {
  const rounds = [...query.earlier, { answers: answersOf(query), groups: query.groups }];
  const groups = new Map<string, AnswerGroup>();
  for (const [at, round] of rounds.entries()) {
    for (const group of round.groups) {
      const members = group.members.filter((member) => lastRoundOf(rounds, member) === at);
      if (members.length === 0) continue;
      const key = answerIdentity(group.answer);
      const known = groups.get(key) ?? { ...group, members: [] };
      groups.set(key, { ...known, members: [...known.members, ...members].sort((a, b) => a - b) });
    }
  }
  return inOrder([...groups.values()]);
}

function lastRoundOf(rounds: readonly Pick<EarlierRound, 'answers'>[], member: number): number {
  return rounds.findLastIndex(({ answers }) => answers[member] != null);
}

/** By their earliest-selected member. */
function inOrder(groups: readonly AnswerGroup[]): readonly AnswerGroup[] {
  return [...groups].sort((a, b) => a.members[0]! - b.members[0]!);
}
