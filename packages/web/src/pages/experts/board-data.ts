/** What the leaderboard loads. Owns the calls, their bounds, and a memory of settled questions, which never change. */
import { callRpc, type Result } from '../../api/client.ts';
import type { ExpertRecord, Query } from '../../api/rpc-types.ts';
import { allPages } from '../../data/all-pages.ts';
import { newestItems } from '../../data/newest-items.ts';
import { ppmOf } from '../../format/ratios.ts';
import { domainsOf, type ExpertRow, expertStanding } from './expert-model.ts';
import { type SettledWork, workOf } from './recent-work.ts';

const limits = { page: 100, recentQuestions: 40, rememberedQuestions: 400, asked: 8 } as const;

type Listed = Result<'query_list'>['items'][number];
type Leader = Result<'reputation_leaderboard'>['items'][number];

export type Board = {
  readonly rows: readonly ExpertRow[];
  /** Questions that scores, agreement and times were taken from. */
  readonly questions: number;
  /** False where there are more experts than were loaded. */
  readonly isWhole: boolean;
};

export async function loadBoard(head: number, signal: AbortSignal): Promise<Board> {
  const [{ items: experts, isWhole }, settled] = await Promise.all([
    allPages((cursor) => callRpc('expert_list', pageOf(cursor), signal)),
    loadSettled(signal),
  ]);
  const leaders = await loadLeaders(domainsOf(experts), signal);
  const rows = experts.map((expert) => rowOf(expert, { leader: leaders.get(expert.address) ?? null, settled, head }));
  return { rows, questions: settled.length, isWhole };
}

async function loadLeaders(domains: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Leader>> {
  const boards = await Promise.all(
    domains.map((domain) =>
      allPages((cursor) => callRpc('reputation_leaderboard', { domain, ...pageOf(cursor) }, signal)),
    ),
  );
  return new Map(boards.flatMap(({ items }) => items.map((leader) => [leader.expert, leader] as const)));
}

const remembered = new Map<string, Query>();

/** The last settled questions, of one expert or of all, the oldest first. */
export async function loadSettled(
  signal: AbortSignal,
  account?: string,
): Promise<readonly (SettledWork & { readonly listed: Listed })[]> {
  const { items } = await newestItems(limits.recentQuestions, (cursor) =>
    callRpc(
      'query_list',
      {
        phase: 'settled',
        limit: limits.recentQuestions,
        ...(account === undefined ? {} : { account }),
        ...(cursor === null ? {} : { cursor }),
      },
      signal,
    ),
  );
  const settled: (SettledWork & { readonly listed: Listed })[] = [];
  for (let at = 0; at < items.length; at += limits.asked) {
    const queries = await Promise.all(
      items.slice(at, at + limits.asked).map(({ queryId }) => settledQuery(queryId, signal)),
    );
    for (const [index, query] of queries.entries()) {
      const listed = items[at + index];
      if (listed !== undefined)
        settled.push({ query, listed, blocks: Number(listed.settledAt) - Number(listed.openedAt) });
    }
  }
  return settled.reverse();
}

async function settledQuery(queryId: string, signal: AbortSignal): Promise<Query> {
  const known = remembered.get(queryId);
  if (known !== undefined) return known;
  const query = await callRpc('query_get', { queryId }, signal);
  remembered.set(queryId, query);
  const [oldest] = remembered.keys();
  if (remembered.size > limits.rememberedQuestions && oldest !== undefined) remembered.delete(oldest);
  return query;
}

type Beside = { readonly leader: Leader | null; readonly settled: readonly SettledWork[]; readonly head: number };

function rowOf(expert: ExpertRecord, { leader, settled, head }: Beside): ExpertRow {
  const work = workOf(expert.address, settled);
  return {
    address: expert.address,
    name: expert.name,
    domain: expert.domain,
    model: expert.modelName,
    mean: leader === null ? null : ppmOf(leader.mean),
    deviation: leader === null ? null : ppmOf(leader.deviation),
    answers: leader?.answers ?? null,
    agreement: work.agreement,
    blocksP50: work.blocksP50,
    blocksP95: work.blocksP95,
    price: BigInt(expert.priceOutPerByte),
    stake: BigInt(expert.bond),
    standing: expertStanding(expert, head),
    history: work.scores,
  };
}

function pageOf(cursor: string | null) {
  return { limit: limits.page, ...(cursor === null ? {} : { cursor }) };
}
