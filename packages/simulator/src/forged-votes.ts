/**
 * Votes and certificates that an attacker makes with its own key, or in another's name. Owns their making; when they are sent,
 * and to whom, is attacks.ts.
 */
import {
  type ExtendedCommit,
  encodeExtendedCommit,
  encodeVote,
  encodeVoteExtension,
  extensionSignBytes,
  type Hash,
  type Height,
  type Round,
  taggedHash,
  type Vote,
  type VoteType,
  voteSignBytes,
} from '@synod/chain';
import { encodeDirect } from '@synod/node/host';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

/** The newest block that anybody proposed. */
export type LatestBlock = { readonly height: Height; readonly id: Hash; readonly bytes: Uint8Array };

type Slot = { type: VoteType; height: Height; round: Round; id: Hash | null };

/** Old votes of others once more, and own votes of heights long decided. */
export function staleVotes(world: World, node: SimNode, known: readonly Uint8Array[]): Uint8Array[] {
  const height = node.height + 1;
  const old = Array.from({ length: 4 }, () => world.prngs.attacks.pick([...known, new Uint8Array(3)]));
  const own = [2, 5]
    .filter((back) => height > back)
    .map((back) => {
      const slot = {
        type: 'prevote',
        height: height - back,
        round: 0,
        id: taggedHash('stale', Uint8Array.of(back)),
      } as const;
      return encodeVote(signedVote(world, node, slot));
    });
  return [...old, ...own];
}

/** Half of them for the present height, in more rounds than anybody may keep. */
const floodSize = 240;

/** Votes for rounds far and farther ahead. */
export function floodVotes(world: World, node: SimNode): Uint8Array[] {
  const height = node.height + 1;
  const { prngs } = world;
  return Array.from({ length: floodSize }, (_, index) => {
    const slot = {
      type: prngs.attacks.pick(['prevote', 'precommit'] as const),
      height: index % 2 === 0 ? height : height + 1 + prngs.attacks.below(2),
      round: prngs.attacks.chance(500_000)
        ? prngs.attacks.below(100_000)
        : prngs.attacks.pick([1, 2, 3, 5, 17, 40, 1_000_000]) + prngs.attacks.below(3),
      id: null,
    };
    return encodeVote(signedVote(world, node, slot));
  });
}

/** Votes whose signature is not the named validator's, or whose extension is not signed. */
export function forgedVotes(world: World, node: SimNode, latest: LatestBlock | null): Uint8Array[] {
  const height = node.height + 1;
  const { prngs, nodes } = world;
  const block = latest?.height === height ? latest.id : null;
  const round = node.host?.runner.state?.machine.round ?? 0;
  const victim = prngs.attacks.pick(nodes.filter((other) => other.isHonest));
  return (['prevote', 'precommit'] as const).flatMap((type) =>
    [null, block].map((id) => {
      const vote = signedVote(world, node, { type, height, round: Math.max(0, round), id });
      const isExtended = vote.extension !== null && prngs.attacks.chance(500_000);
      if (!isExtended) return encodeVote({ ...vote, validator: victim.operator });
      return encodeVote({
        ...vote,
        extension: { bytes: encodeVoteExtension({ items: [] }), signature: new Uint8Array(64) },
      });
    }),
  );
}

/** A block of the present height with a commit that proves nothing, on the direct stream. */
export function sendForgedCertificate(world: World, node: SimNode, latest: LatestBlock | null): void {
  const others = world.nodes.filter((other) => other !== node && other.host !== null);
  const { prngs, counts, network, cast } = world;
  const to = prngs.attacks.pick(others);
  if (latest === null || latest.height !== to.height + 1) return;
  const { validators } = cast.identity.genesis;
  const own = validators.findIndex(({ operator }) => operator === node.operator);
  const vote = signedVote(world, node, { type: 'precommit', height: latest.height, round: 0, id: latest.id });
  const entry = (validator: number) => ({
    validator,
    signature: vote.signature,
    extension: vote.extension?.bytes ?? new Uint8Array(),
    extensionSignature: vote.extension?.signature ?? new Uint8Array(64),
  });
  const forms = [[own], [own, own, own, own, own, own], validators.map((_, index) => index)];
  const commit: ExtendedCommit = {
    height: latest.height,
    round: 0,
    blockId: latest.id,
    precommits: prngs.attacks.pick(forms).map(entry),
  };
  counts.add('forgedCertificate');
  const blocks = [{ block: latest.bytes, commit: encodeExtendedCommit(commit) }];
  network.direct(node, to, encodeDirect({ kind: 'blocks', blocks }));
}

/** A vote with the node's own key, on a precommit for a block with an empty extension. */
export function signedVote(world: World, node: SimNode, slot: Slot): Vote {
  const { chainId } = world.cast.identity;
  const { type, height, round, id } = slot;
  const signature = world.tier.sign(
    node.member.consensus,
    voteSignBytes(chainId, { type, height, round, blockId: id }),
  );
  const vote = { type, height, round, blockId: id, validator: node.operator, signature, extension: null };
  if (type !== 'precommit' || id === null) return vote;
  const bytes = encodeVoteExtension({ items: [] });
  const extended = extensionSignBytes(chainId, { height, round, blockId: id, extension: bytes });
  return { ...vote, extension: { bytes, signature: world.tier.sign(node.member.consensus, extended) } };
}
