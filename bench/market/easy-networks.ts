/**
 * Networks put together from measured jobs: who answers, who scores, who verifies, what wins and what it costs. Owns the sums, as the chain shares the
 * work out (market §3, §6, verification "On chain"); every node has the same stake, node 0 coordinates, and everybody else is drawn alike.
 */
export type Job = {
  readonly text: string;
  readonly cpuMs: number;
  /** Of one verifier; null where nothing was written. */
  readonly verifyMs: number | null;
};

export type Way = 'before' | 'small';

/** What one kind of knowledge comes to. */
export type Kind = {
  readonly job: Job;
  /** Of scoring all answers: at a node that did not answer, and at one that did. */
  readonly judgeMs: number;
  readonly judgeAgainMs: number;
  readonly scores: ReadonlyMap<string, number>;
};

/** A question's jobs, by way and kind of knowledge. */
export type Measured = {
  readonly isAnswerable: boolean;
  readonly difficultyPpm: number;
  readonly ways: Readonly<Record<Way, { routeMs: number; readonly kinds: Kind[] }>>;
  isRight(text: string): boolean;
};

export type Network = {
  /** Kind of knowledge of each node, by index. */
  readonly nodes: readonly number[];
  readonly respondents: 1 | 2;
  readonly way: Way;
};

/** As the chain's parameters are by default. */
const VERIFICATION_SHARE = 0.1;
const VERIFIERS = 3;

type Group = { readonly text: string; readonly members: readonly number[]; readonly verifyMs: number | null };
/** Milliseconds of processor time. */
export type Cost = Readonly<Record<'routeMs' | 'answerMs' | 'scoreMs' | 'verifyMs' | 'totalMs', number>>;

/** Mean processor time of a question in the whole network, over all draws of respondents. */
export function costOf(set: readonly Measured[], network: Network): Cost {
  const costs = set.flatMap((one) => drawsOf(network).map((drawn) => costOfDraw(one, network, drawn)));
  const mean = (part: keyof Cost) => costs.reduce((sum, cost) => sum + cost[part], 0) / costs.length;
  const parts = ['routeMs', 'answerMs', 'scoreMs', 'verifyMs', 'totalMs'] as const;
  return Object.fromEntries(parts.map((part) => [part, mean(part)])) as Cost;
}

/** Share of questions and draws whose best-scored answer is right. */
export function rightShare(set: readonly Measured[], network: Network): number {
  const won = set.flatMap((one) => drawsOf(network).map((drawn) => one.isRight(winner(one, network, drawn))));
  return won.filter((isRight) => isRight).length / won.length;
}

/** All choices of respondents among the nodes that do not coordinate. */
function drawsOf({ nodes, respondents }: Network): readonly (readonly number[])[] {
  const others = nodes.map((_, i) => i).slice(1);
  if (respondents === 1) return others.map((one) => [one]);
  return others.flatMap((first, at) => others.slice(at + 1).map((second) => [first, second]));
}

const kindOf = (one: Measured, { nodes, way }: Network, node: number): Kind => one.ways[way].kinds[nodes[node]!]!;

function groupsOf(one: Measured, network: Network, drawn: readonly number[]): Group[] {
  const jobs = drawn.map((node) => ({ node, job: kindOf(one, network, node).job }));
  return [...Map.groupBy(jobs, ({ job }) => job.text)].map(([text, equal]) => ({
    text,
    members: equal.map(({ node }) => node),
    verifyMs: equal[0]!.job.verifyMs,
  }));
}

const scorersOf = ({ nodes }: Network, { members }: Group): number[] =>
  nodes.map((_, i) => i).filter((node) => !members.includes(node));

function costOfDraw(one: Measured, network: Network, drawn: readonly number[]): Cost {
  const groups = groupsOf(one, network, drawn);
  const answerMs = drawn.reduce((sum, node) => sum + kindOf(one, network, node).job.cpuMs, 0);
  const scoring = network.nodes
    .map((_, i) => i)
    .filter((node) => groups.some((group) => scorersOf(network, group).includes(node)));
  const scoreMs = scoring.reduce((sum, node) => {
    const { judgeMs, judgeAgainMs } = kindOf(one, network, node);
    return sum + (drawn.includes(node) ? judgeAgainMs : judgeMs);
  }, 0);
  const verifyMs = groups.reduce((sum, group) => {
    const verifiers = Math.min(VERIFIERS, scorersOf(network, group).length);
    return sum + VERIFICATION_SHARE * verifiers * (group.verifyMs ?? 0);
  }, 0);
  const { routeMs } = one.ways[network.way];
  return { routeMs, answerMs, scoreMs, verifyMs, totalMs: routeMs + answerMs + scoreMs + verifyMs };
}

/** Text of the group with the highest lower median; of equals the first. */
function winner(one: Measured, network: Network, drawn: readonly number[]): string {
  const scored = groupsOf(one, network, drawn).map((group) => {
    const scores = scorersOf(network, group).map((node) => kindOf(one, network, node).scores.get(group.text)!);
    return { text: group.text, score: scores.toSorted((a, b) => a - b)[Math.ceil(scores.length / 2) - 1]! };
  });
  return scored.reduce((best, next) => (next.score > best.score ? next : best)).text;
}
