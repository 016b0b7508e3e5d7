/**
 * The schedule that rules L23 and L29 are there for, among four honest validators of equal power: a value gets a polka that
 * one alone sees and locks on; another value gets one in the next round, seen and locked on by another alone; then the
 * first comes back with its older proof-of-lock, which must not open the newer lock. Owns who hears what until then.
 */
import { decodeProposal, decodeVote, type Height } from '@synod/chain';
import { decodeProposalMessage, type GossipTopic } from '@synod/node/host';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

type Message = { readonly topic: GossipTopic; readonly bytes: Uint8Array };
type Held = { readonly from: SimNode; readonly to: SimNode; readonly message: Message };

/** Kind bytes of status, vote and proposal on the direct stream (host/messages.ts): the ways round this script. */
const catchUpKinds: readonly number[] = [1, 4, 5];

export class LockScript {
  readonly #world: World;
  readonly #height: Height;
  #held: Held[] = [];
  #isOver = false;

  constructor(world: World, height: Height) {
    this.#world = world;
    this.#height = height;
  }

  /** Ends with the round in which the first value comes back, with the height, or with the healing. */
  get isActive(): boolean {
    const { checker, isHealed } = this.#world;
    return !this.#isOver && !isHealed && checker.height === this.#height - 1;
  }

  /** True when this message must not arrive now. */
  holds(from: SimNode, to: SimNode, message: Message): boolean {
    if (!this.isActive) return false;
    if (message.topic === 'proposals') return this.#holdsProposal(to, message.bytes);
    if (message.topic !== 'votes') return false;
    const vote = decodeVote(message.bytes);
    if (!vote.ok || vote.value.height !== this.#height || vote.value.type !== 'prevote') return false;
    const { round } = vote.value;
    if (round > 1 || !this.#isUnheard(round, from, to)) return false;
    this.#held.push({ from, to, message });
    this.#world.counts.add('competingLocks');
    return true;
  }

  holdsDirect(bytes: Uint8Array): boolean {
    return this.isActive && catchUpKinds.includes(bytes[0] ?? -1);
  }

  /** Round 0 is unknown to the second proposer, who then prevotes nil; round 2 brings everything that was held back. */
  #holdsProposal(to: SimNode, bytes: Uint8Array): boolean {
    const proposal = decodeProposal(decodeProposalMessage(bytes)?.proposal ?? bytes);
    if (!proposal.ok || proposal.value.height !== this.#height) return false;
    if (proposal.value.round >= 2) this.#release();
    return proposal.value.round === 0 && this.#turnOf(to) === 1;
  }

  /** Who does not hear whose prevote, by turn: in round 0 only the third sees a polka, in round 1 only the first. */
  #isUnheard(round: number, from: SimNode, to: SimNode): boolean {
    const pair = `${this.#turnOf(from)}>${this.#turnOf(to)}`;
    const unheard = round === 0 ? ['3>0', '3>1', '0>3'] : ['3>1', '0>3', '0>2'];
    return unheard.includes(pair);
  }

  /** The round of this height in which the node proposes first; 3 for whoever comes last. */
  #turnOf(node: SimNode): number {
    const { checker } = this.#world;
    const turn = [0, 1, 2].findIndex((round) => checker.proposerOf(this.#height, round) === node.operator);
    return turn === -1 ? 3 : turn;
  }

  #release(): void {
    this.#isOver = true;
    for (const { from, to, message } of this.#held) this.#world.network.gossip(from, to, message);
    this.#held = [];
  }
}
