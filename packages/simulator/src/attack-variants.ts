/**
 * What an attacker makes of single messages: a precommit whose extension is not signed or holds false scores, a proposal
 * whose block has another body than its header names, a hello in another's name. Owns their making; when and to whom is
 * attacks.ts.
 */
import {
  type Address,
  decodeBlock,
  decodeVote,
  decodeVoteExtension,
  type ExtensionItem,
  eligibleGroups,
  encodeBlock,
  encodeVote,
  encodeVoteExtension,
  extensionSignBytes,
  type Hash,
  listOpenQueries,
  type QueryState,
  readQuery,
  type ScoreItem,
  scoreCommitment,
} from '@synod/chain';
import { decodeProposalMessage, encodeDirect, encodeProposalMessage } from '@synod/node/host';
import { stolen } from './invalid-blocks.ts';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

/** The vote with an extension that nobody signed, or null when it has none. */
export function withoutExtensionSignature(bytes: Uint8Array): Uint8Array | null {
  const vote = decodeVote(bytes);
  if (!vote.ok || vote.value.extension === null) return null;
  return encodeVote({ ...vote.value, extension: { ...vote.value.extension, signature: new Uint8Array(64) } });
}

/** The same proposal and header over a body that the header does not name. */
export function withOtherBody(world: World, bytes: Uint8Array): Uint8Array | null {
  const message = decodeProposalMessage(bytes);
  const block = message === null ? null : decodeBlock(message.block);
  if (message === null || !block?.ok) return null;
  const transactions = [...block.value.transactions, stolen(world, block.value)];
  return encodeProposalMessage(message.proposal, encodeBlock({ ...block.value, transactions }));
}

/** Says to everybody that the attacker is some honest validator. */
export function sendFalseHellos(world: World, attacker: SimNode): void {
  const { chainId, genesisHash } = world.cast.identity;
  const [victim] = world.honest;
  if (victim === undefined) return;
  const hello = {
    kind: 'hello',
    chainId,
    genesisHash,
    operator: victim.operator,
    signature: new Uint8Array(64),
    experts: [],
  } as const;
  world.counts.add('falseHello');
  for (const to of world.nodes) if (to !== attacker) world.network.direct(attacker, to, encodeDirect(hello));
}

/**
 * The attacker's own precommit with other scores than it committed to, or, for every second query, with a commitment to scores
 * without what it was drawn to verify, and their opening; null for a vote that carries nothing.
 */
export function withFalseScores(world: World, from: SimNode, bytes: Uint8Array): Uint8Array | null {
  const vote = decodeVote(bytes);
  if (!vote.ok || vote.value.extension === null || vote.value.blockId === null) return null;
  const { height, round, blockId, extension } = vote.value;
  const decoded = decodeVoteExtension(extension.bytes);
  if (!decoded.ok) return null;
  // Its host opens nothing that it did not commit to.
  const items = [
    ...decoded.value.items.map((item) => falseItem(from, item)),
    ...uncheckedReveals(from),
    ...lateCommits(from),
  ];
  if (items.length === 0) return null;
  const changed = encodeVoteExtension({ items });
  const signBytes = extensionSignBytes(world.cast.identity.chainId, { height, round, blockId, extension: changed });
  const signature = world.tier.sign(from.member.consensus, signBytes);
  return encodeVote({ ...vote.value, extension: { bytes: changed, signature } });
}

function falseItem(from: SimNode, item: ExtensionItem): ExtensionItem {
  if (item.kind !== 'score.commit' && item.kind !== 'score.reveal') return item;
  const state = from.host?.head.state;
  const query = state === undefined ? null : readQuery(state, item.queryId);
  const isUnchecked = Number.parseInt(item.queryId.slice(0, 1), 16) % 2 === 0;
  if (query !== null && isUnchecked) return uncheckedItem(query, from.operator, item);
  if (item.kind === 'score.commit') return item;
  return { ...item, scores: item.scores.map(({ group, score }) => ({ group, score: score > 0 ? score - 1 : 1 })) };
}

/** What opens the commitments of `uncheckedItem` that are on the chain. */
function uncheckedReveals({ host, operator }: SimNode): ExtensionItem[] {
  const state = host?.head.state;
  if (state === undefined) return [];
  return listOpenQueries(state).flatMap((queryId) => {
    const query = readQuery(state, queryId);
    const own = query?.scorers.find((scorer) => scorer.operator === operator);
    if (query?.phase !== 'scoreRevealing' || own?.scores !== null) return [];
    const made = uncheckedItem(query, operator, { kind: 'score.commit', queryId });
    const isOwn = made.kind === 'score.commit' && made.commitment === own.commitment;
    return isOwn ? [uncheckedItem(query, operator, { kind: 'score.reveal', queryId })] : [];
  });
}

/** Another commitment where the first one stands, and one that comes when others open theirs. */
function lateCommits({ host, operator }: SimNode): ExtensionItem[] {
  const state = host?.head.state;
  if (state === undefined) return [];
  return listOpenQueries(state).flatMap((queryId): ExtensionItem[] => {
    const query = readQuery(state, queryId);
    const own = query?.scorers.find((scorer) => scorer.operator === operator);
    const isLate = query?.phase === 'scoreRevealing' || (query?.phase === 'scoring' && own?.commitment !== null);
    return own === undefined || !isLate ? [] : [{ kind: 'score.commit', queryId, commitment: wrongCommitment }];
  });
}

const wrongCommitment = 'cd'.repeat(32) as Hash;

/** Half marks for everybody, and not a word of what was verified. */
function uncheckedItem(
  query: QueryState,
  validator: Address,
  { kind, queryId }: Pick<ScoreItem, 'kind' | 'queryId'>,
): ScoreItem {
  const salt = new Uint8Array(32);
  const scores = eligibleGroups(query, validator).map((group) => ({ group, score: 500_000 }));
  if (kind === 'score.reveal') return { kind, queryId, salt, scores, checks: [] };
  return { kind, queryId, commitment: scoreCommitment({ queryId, validator, salt, scores, checks: [] }) };
}
