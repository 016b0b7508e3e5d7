/**
 * A proof of lock that one dishonest validator of six hides from one node (consensus §1.4): to that node it sends two other prevotes, to the rest the
 * third that completes the proof. One more node does not see the proposal in time, so three lock, and nobody can go on without the one from whom the
 * proof is hidden. Owns who hears what in that height; seed 13241 of a long run once stood still for it.
 */
import { encodeVote, type Hash, type Height, taggedHash } from '@synod/chain';
import { proposalMessageOf, proposalOf } from '@synod/node/host';
import { mustGrow } from './directed-faults.ts';
import { signedVote } from './forged-votes.ts';
import { aboutOf, directKinds, type Message, type Script } from './scripts.ts';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

/** Height from which on the first block of an honest proposer is the one. */
const leastHeight = 3;
/** Until the node that is to prevote nil has done so. */
const blindMs = 480;
/** The dishonest one is gone before anybody could ask it. */
const goneMs = 40;

export function armThirdVote(world: World, attacker: SimNode): void {
  world.attacks.script = new ThirdVote(world, attacker);
}

class ThirdVote implements Script {
  readonly #world: World;
  readonly #attacker: SimNode;
  readonly #made = new Set<Uint8Array>();
  #height: Height | null = null;
  #blind: SimNode | null = null;
  #seesAtMs = 0;

  constructor(world: World, attacker: SimNode) {
    this.#world = world;
    this.#attacker = attacker;
  }

  holds(from: SimNode, to: SimNode, message: Message): boolean {
    const about = this.#world.isHealed || this.#made.has(message.bytes) ? null : aboutOf(message);
    if (about === null || about.height < leastHeight) return false;
    const isFirst = about.kind === 'proposal' && about.round === 0;
    if (this.#height === null && isFirst && from !== this.#attacker) this.#begin(from, message, about.height);
    if (about.height !== this.#height) return false;
    return from === this.#attacker || (isFirst && to === this.#blind);
  }

  holdsDirect(bytes: Uint8Array, from: SimNode, to: SimNode): boolean {
    if (this.#height === null || this.#world.isHealed) return false;
    const isEarly = this.#world.queue.nowMs < this.#seesAtMs;
    return from === this.#attacker || (isEarly && to === this.#blind && bytes[0] === directKinds.proposal);
  }

  #begin(proposer: SimNode, { bytes }: Message, height: Height): void {
    const proposal = proposalOf(proposalMessageOf(bytes)?.proposal ?? bytes);
    const [hidden, blind] = this.#world.honest.filter((node) => node !== proposer);
    if (!proposal.ok || hidden === undefined || blind === undefined) return;
    const { queue, counts } = this.#world;
    this.#height = height;
    this.#blind = blind;
    this.#seesAtMs = queue.nowMs + blindMs;
    counts.add('competingLocks');
    const { blockId } = proposal.value;
    const others = ['one', 'two'].map((name) => taggedHash(`simulator/hidden/${name}`, Buffer.from(blockId)));
    for (const to of this.#world.honest)
      for (const id of to === hidden ? others : [blockId]) this.#vote(to, height, id);
    queue.after(goneMs, () => {
      counts.add('crash.any');
      this.#attacker.crash('killed', 90_000);
      mustGrow(this.#world, { heights: 1, withinMs: 14_000, what: 'a proof of lock is hidden from one' });
    });
  }

  #vote(to: SimNode, height: Height, id: Hash): void {
    const { checker, network } = this.#world;
    const bytes = encodeVote(signedVote(this.#world, this.#attacker, { type: 'prevote', height, round: 0, id }));
    this.#made.add(bytes);
    checker.onSent(this.#attacker, bytes);
    network.gossip(this.#attacker, to, { topic: 'votes', bytes });
  }
}
