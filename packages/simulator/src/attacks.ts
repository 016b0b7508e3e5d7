/**
 * What attackers do with a validator's key: they run the production host and change, withhold or add messages on the way
 * out. Owns the attacks and their tell-tale (blocks known to be invalid); which attack runs when is faults.ts.
 */
import {
  type Block,
  blockId,
  decodeBlock,
  decodeProposal,
  decodeVote,
  type ExtendedCommit,
  encodeBlock,
  encodeExtendedCommit,
  encodeProposal,
  encodeVote,
  encodeVoteExtension,
  extensionSignBytes,
  type Hash,
  type Height,
  proposalSignBytes,
  type Round,
  taggedHash,
  type Vote,
  type VoteType,
  voteSignBytes,
} from '@synod/chain';
import { decodeProposalMessage, encodeDirect, encodeProposalMessage, type GossipTopic } from '@synod/node/host';
import type { FaultKind } from './fault-counts.ts';
import { spoil } from './invalid-blocks.ts';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

export const attackKinds = [
  'equivocatingProposer',
  'equivocatingVoter',
  'silentProposer',
  'invalidBlock',
  'staleSpam',
  'futureFlood',
  'oversizeMessage',
  'forgedVote',
  'forgedCertificate',
] as const satisfies readonly FaultKind[];

export type AttackKind = (typeof attackKinds)[number];

/** Kind bytes of direct messages (host/messages.ts). */
const directProposal = 5;
const staleVotesKept = 64;
const oversize = new Uint8Array(8 * 1024 * 1024 + 1);

type Message = { readonly topic: GossipTopic; readonly bytes: Uint8Array };

export class Attacks {
  readonly #world: World;
  readonly #active = new Map<SimNode, Set<AttackKind>>();
  readonly #variants = new WeakMap<Uint8Array, Uint8Array | null>();
  readonly #staleVotes: Uint8Array[] = [];
  #seen: Uint8Array | null = null;
  #latestBlock: { readonly height: Height; readonly id: Hash; readonly bytes: Uint8Array } | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  begin(node: SimNode, kind: AttackKind): void {
    const active = this.#active.get(node) ?? new Set();
    this.#active.set(node, active.add(kind));
    if (kind === 'staleSpam' || kind === 'futureFlood' || kind === 'forgedVote' || kind === 'forgedCertificate') {
      this.#repeat(node, kind);
    } else if (kind === 'oversizeMessage') this.#oversize(node);
  }

  end(): void {
    this.#active.clear();
  }

  /** The bytes that this receiver gets, or null for none. */
  onGossip(from: SimNode, to: SimNode, { topic, bytes }: Message): Uint8Array | null {
    if (topic === 'votes') this.#remember(bytes);
    if (topic === 'proposals') this.#see(bytes);
    const active = this.#active.get(from);
    if (active === undefined || active.size === 0) return bytes;
    if (topic === 'votes' && active.has('equivocatingVoter') && to.index % 2 === 1) {
      return this.#variant(bytes, () => this.#otherVote(from, bytes)) ?? bytes;
    }
    if (topic !== 'proposals') return bytes;
    if (active.has('silentProposer')) return this.#counted('silentProposer', null);
    // Each receiver gets another wrong block, so that one proposal tries several rules.
    if (active.has('invalidBlock')) return this.#invalidProposal(from, bytes) ?? bytes;
    if (active.has('equivocatingProposer') && to.index % 2 === 1) {
      return this.#variant(bytes, () => this.#otherProposal(from, bytes)) ?? bytes;
    }
    return bytes;
  }

  onDirect(from: SimNode, _to: SimNode, bytes: Uint8Array): Uint8Array | null {
    const active = this.#active.get(from);
    const withholds = active?.has('silentProposer') || active?.has('invalidBlock');
    return withholds && bytes[0] === directProposal ? null : bytes;
  }

  #counted<T>(kind: AttackKind, value: T): T {
    this.#world.counts.add(kind);
    return value;
  }

  #variant(bytes: Uint8Array, make: () => Uint8Array | null): Uint8Array | null {
    const known = this.#variants.get(bytes);
    if (known !== undefined) return known;
    const made = make();
    this.#variants.set(bytes, made);
    return made;
  }

  #remember(bytes: Uint8Array): void {
    if (this.#staleVotes.length >= staleVotesKept || this.#staleVotes.at(-1) === bytes) return;
    this.#staleVotes.push(bytes);
  }

  /** A proposal goes to every node as the same bytes; once is enough. */
  #see(bytes: Uint8Array): void {
    if (bytes === this.#seen) return;
    this.#seen = bytes;
    const message = decodeProposalMessage(bytes);
    const block = message === null ? null : decodeBlock(message.block);
    if (message === null || !block?.ok) return;
    this.#latestBlock = { height: block.value.header.height, id: blockId(block.value.header), bytes: message.block };
  }

  /** A vote for something else at the same slot. */
  #otherVote(from: SimNode, bytes: Uint8Array): Uint8Array | null {
    const vote = decodeVote(bytes);
    if (!vote.ok) return null;
    const { type, height, round, blockId: id } = vote.value;
    const other = id === null ? (this.#latestBlock?.id ?? null) : null;
    if (other === id) return null;
    return this.#counted('equivocatingVoter', encodeVote(this.#vote(from, { type, height, round, id: other })));
  }

  /** The same block a millisecond later: as valid, and another one. */
  #otherProposal(from: SimNode, bytes: Uint8Array): Uint8Array | null {
    return this.#reproposed(from, bytes, (block) => {
      this.#world.counts.add('equivocatingProposer');
      return { ...block, header: { ...block.header, time: block.header.time + 1 } };
    });
  }

  #invalidProposal(from: SimNode, bytes: Uint8Array): Uint8Array | null {
    return this.#reproposed(from, bytes, (block) => {
      const spoilt = spoil(block, { world: this.#world, attacker: from });
      this.#world.checker.knownInvalid.add(blockId(spoilt.block.header));
      this.#world.note(from, `invalid block: ${spoilt.how}`);
      return this.#counted('invalidBlock', spoilt.block);
    });
  }

  #reproposed(from: SimNode, bytes: Uint8Array, change: (block: Block) => Block): Uint8Array | null {
    const message = decodeProposalMessage(bytes);
    const proposal = message === null ? null : decodeProposal(message.proposal);
    const block = message === null ? null : decodeBlock(message.block);
    if (!proposal?.ok || !block?.ok || block.value.header.proposer !== from.operator) return null;
    const changed = change(block.value);
    const content = { ...proposal.value, blockId: blockId(changed.header) };
    const signature = this.#sign(from, proposalSignBytes(this.#chainId, content));
    return encodeProposalMessage(encodeProposal({ ...content, signature }), encodeBlock(changed));
  }

  #repeat(node: SimNode, kind: AttackKind): void {
    if (this.#active.get(node)?.has(kind) !== true) return;
    const others = this.#world.nodes.filter((other) => other !== node && other.host !== null);
    if (node.host !== null && others.length > 0) this.#spam(node, kind, others);
    this.#world.queue.after(150, () => this.#repeat(node, kind));
  }

  #spam(node: SimNode, kind: AttackKind, others: readonly SimNode[]): void {
    const height = node.height + 1;
    if (kind === 'forgedCertificate') return this.#forgeCertificate(node, others);
    const votes =
      kind === 'staleSpam'
        ? this.#stale(node, height)
        : kind === 'futureFlood'
          ? this.#flood(node, height)
          : this.#forged(node, height);
    for (const bytes of votes) {
      this.#world.counts.add(kind);
      for (const to of others) this.#world.network.gossip(node, to, { topic: 'votes', bytes });
    }
  }

  #stale(node: SimNode, height: Height): Uint8Array[] {
    const old = Array.from({ length: 4 }, () =>
      this.#world.prngs.attacks.pick([...this.#staleVotes, new Uint8Array(3)]),
    );
    const own = [2, 5]
      .filter((back) => height > back)
      .map((back) => {
        const slot = {
          type: 'prevote',
          height: height - back,
          round: 0,
          id: taggedHash('stale', Uint8Array.of(back)),
        } as const;
        return encodeVote(this.#vote(node, slot));
      });
    return [...old, ...own];
  }

  #flood(node: SimNode, height: Height): Uint8Array[] {
    const { prngs } = this.#world;
    return Array.from({ length: 12 }, () => {
      const slot = {
        type: prngs.attacks.pick(['prevote', 'precommit'] as const),
        height: height + prngs.attacks.below(3),
        round: prngs.attacks.pick([1, 2, 3, 5, 17, 40, 1_000_000]) + prngs.attacks.below(3),
        id: null,
      };
      return encodeVote(this.#vote(node, slot));
    });
  }

  /** Votes whose signature is not the named validator's, or whose extension is not signed. */
  #forged(node: SimNode, height: Height): Uint8Array[] {
    const { prngs, nodes } = this.#world;
    const block = this.#latestBlock?.height === height ? this.#latestBlock.id : null;
    const round = node.host?.runner.state?.machine.round ?? 0;
    const victim = prngs.attacks.pick(nodes.filter((other) => other.isHonest));
    return (['prevote', 'precommit'] as const).flatMap((type) =>
      [null, block].map((id) => {
        const vote = this.#vote(node, { type, height, round: Math.max(0, round), id });
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
  #forgeCertificate(node: SimNode, others: readonly SimNode[]): void {
    const { prngs, counts, network, cast } = this.#world;
    const latest = this.#latestBlock;
    const to = prngs.attacks.pick(others);
    if (latest === null || latest.height !== to.height + 1) return;
    const { validators } = cast.identity.genesis;
    const own = validators.findIndex(({ operator }) => operator === node.operator);
    const vote = this.#vote(node, { type: 'precommit', height: latest.height, round: 0, id: latest.id });
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

  #oversize(node: SimNode): void {
    const to = this.#world.prngs.attacks.pick(this.#world.nodes.filter((other) => other !== node));
    this.#world.counts.add('oversizeMessage');
    this.#world.network.direct(node, to, oversize);
  }

  #vote(node: SimNode, slot: { type: VoteType; height: Height; round: Round; id: Hash | null }): Vote {
    const { type, height, round, id } = slot;
    const signature = this.#sign(node, voteSignBytes(this.#chainId, { type, height, round, blockId: id }));
    const vote = { type, height, round, blockId: id, validator: node.operator, signature, extension: null };
    if (type !== 'precommit' || id === null) return vote;
    const bytes = encodeVoteExtension({ items: [] });
    const extended = extensionSignBytes(this.#chainId, { height, round, blockId: id, extension: bytes });
    return { ...vote, extension: { bytes, signature: this.#sign(node, extended) } };
  }

  #sign(node: SimNode, message: Uint8Array): Uint8Array {
    return this.#world.tier.sign(node.member.consensus, message);
  }

  get #chainId(): string {
    return this.#world.cast.identity.chainId;
  }
}
