/** Scripts say who hears what, and when, whoever sends it. Owns their common form and the script that only delays. */
import type { Height, Round } from '@synod/chain';
import { type GossipTopic, proposalMessageOf, proposalOf, voteOf } from '@synod/node/host';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

export type Message = { readonly topic: GossipTopic; readonly bytes: Uint8Array };

export type Script = {
  /** True when this gossip message must not arrive now. */
  holds(from: SimNode, to: SimNode, message: Message): boolean;
  /** True when this message of a direct stream must not arrive. */
  holdsDirect(bytes: Uint8Array, from: SimNode, to: SimNode): boolean;
};

/** Kind bytes on the direct stream (host/messages.ts): what goes round a script that speaks of gossip. */
export const directKinds = { status: 1, blocks: 3, vote: 4, proposal: 5 } as const;

/** True for a status, a vote or a proposal on the direct stream. */
export function isCatchUp(bytes: Uint8Array): boolean {
  const { status, vote, proposal } = directKinds;
  return [status, vote, proposal].some((kind) => kind === bytes[0]);
}

/** What a gossip message of consensus is about. */
export type About = {
  readonly kind: 'proposal' | 'prevote' | 'precommit';
  readonly height: Height;
  readonly round: Round;
};

/** Null for transactions, and for what does not decode. */
export function aboutOf({ topic, bytes }: Message): About | null {
  if (topic === 'transactions') return null;
  if (topic === 'proposals') {
    const proposal = proposalOf(proposalMessageOf(bytes)?.proposal ?? bytes);
    return proposal.ok ? { kind: 'proposal', height: proposal.value.height, round: proposal.value.round } : null;
  }
  const vote = voteOf(bytes);
  return vote.ok ? { kind: vote.value.type, height: vote.value.height, round: vote.value.round } : null;
}

/** The round of a height in which the node proposes first; 3 for whoever comes after three others. */
export function turnOf(world: World, height: Height, node: SimNode): number {
  const turn = [0, 1, 2].findIndex((round) => world.checker.proposerOf(height, round) === node.operator);
  return turn === -1 ? 3 : turn;
}

/** Milliseconds by which a message comes later; 0 for in time, null for never. */
export type Delay = (about: About, from: SimNode, to: SimNode) => number | null;

/** Delays gossip until the healing, and stops what goes round it while `isClosed` holds. */
export class DelayScript implements Script {
  readonly #world: World;
  readonly #delay: Delay;
  readonly #isClosed: (kind: number | undefined) => boolean;

  constructor(world: World, delay: Delay, isClosed: (kind: number | undefined) => boolean = () => false) {
    this.#world = world;
    this.#delay = delay;
    this.#isClosed = isClosed;
  }

  holds(from: SimNode, to: SimNode, message: Message): boolean {
    const about = this.#world.isHealed ? null : aboutOf(message);
    const delayMs = about === null ? 0 : this.#delay(about, from, to);
    if (delayMs === 0) return false;
    this.#world.counts.add('competingLocks');
    if (delayMs !== null) this.#world.queue.after(delayMs, () => this.#world.network.gossip(from, to, message));
    return true;
  }

  holdsDirect(bytes: Uint8Array): boolean {
    return !this.#world.isHealed && this.#isClosed(bytes[0]);
  }
}
