/** What the learning page loads of a domain. Owns the calls and their bounds. */
import { callRpc } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import type { Feedback, Line, Round, Version } from '../../api/rpc-types.ts';
import { allPages } from '../../data/all-pages.ts';

const limits = { page: 100, feedbackShown: 100 } as const;

export type DomainLearning = {
  /** Null before the domain's first feedback. */
  readonly line: Line | null;
  readonly versions: readonly Version[];
  /** Under way; those that are over stand behind their versions. */
  readonly rounds: readonly Round[];
  /** The last ones given, the newest first. */
  readonly feedback: readonly Feedback[];
};

export async function loadDomain(domain: string, signal: AbortSignal): Promise<DomainLearning> {
  const first = await lineage(domain, null, signal);
  if (first === null) return { line: null, versions: [], rounds: [], feedback: [] };
  const { line } = first;
  const from = Math.max(0, line.feedback - limits.feedbackShown);
  const [versions, rounds, feedback] = await Promise.all([
    restOf(domain, first, signal),
    allPages((cursor) => callRpc('model_listRounds', { domain, ...pageOf(cursor) }, signal)),
    callRpc('feedback_list', { domain, from, limit: limits.page }, signal),
  ]);
  return {
    line,
    versions,
    rounds: rounds.items.filter(({ phase }) => phase !== 'closed'),
    feedback: feedback.items.toReversed(),
  };
}

type LineagePage = NonNullable<Awaited<ReturnType<typeof lineage>>>;

async function restOf(domain: string, first: LineagePage, signal: AbortSignal): Promise<readonly Version[]> {
  const { items } = await allPages(async (cursor) =>
    cursor === null ? first : ((await lineage(domain, cursor, signal)) ?? { items: [], nextCursor: null }),
  );
  return items;
}

/** Null for a domain that has learnt nothing. */
async function lineage(domain: string, cursor: string | null, signal: AbortSignal) {
  try {
    return await callRpc('model_lineage', { domain, ...pageOf(cursor) }, signal);
  } catch (error) {
    if (problemOf(error).code === 'LINEAGE_EMPTY') return null;
    throw error;
  }
}

function pageOf(cursor: string | null) {
  return { limit: limits.page, ...(cursor === null ? {} : { cursor }) };
}

/** How far each domain is: its last version and its feedback; null where it has learnt nothing. */
export async function loadLines(
  domains: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Line | null>> {
  const lines = await Promise.all(
    domains.map(async (domain) => [domain, (await lineage(domain, null, signal))?.line ?? null] as const),
  );
  return new Map(lines);
}
