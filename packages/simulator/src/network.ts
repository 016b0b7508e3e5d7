/**
 * The network between simulated nodes: gossip that may lose, duplicate, delay and reorder, and direct streams that keep
 * their order as long as a connection lives. Owns delivery and its faults; attackers change messages before they come here.
 */
import { type GossipTopic, type PeerId, voteOf } from '@synod/node/host';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

/** How links behave while faults are on; rates in millionths. */
export type LinkProfile = {
  readonly baseMs: number;
  readonly jitterMs: number;
  readonly lossPpm: number;
  readonly duplicatePpm: number;
  readonly tailPpm: number;
  readonly tailMs: number;
  readonly resetPpm: number;
};

/** A spell in which votes are lost by type and streams are slow: where locks and proofs-of-lock earn their keep. */
export type VoteLoss = { readonly prevotePpm: number; readonly precommitPpm: number; readonly streamDelayMs: number };

export const calmProfile: LinkProfile = {
  baseMs: 5,
  jitterMs: 0,
  lossPpm: 0,
  duplicatePpm: 0,
  tailPpm: 0,
  tailMs: 0,
  resetPpm: 0,
};

/**
 * The schedule that locks are there for: one node decides and nobody hears its precommits, another never saw the proposal
 * and will propose something else.
 */
export type HiddenDecision = { readonly decider: SimNode; readonly unaware: SimNode };

const hiddenStreamDelayMs = 1_800;

type Link = {
  readonly from: SimNode;
  readonly to: SimNode;
  readonly pair: string;
  isCut: boolean;
  /** A direct message was lost: the stream is broken and is opened anew when the link works again. */
  isBroken: boolean;
  /** Streams deliver in order: not before this. */
  streamMs: number;
  /** Latest arrival of gossip so far, to see what overtakes. */
  gossipMs: number;
};

export class SimNetwork {
  profile: LinkProfile = calmProfile;
  voteLoss: VoteLoss | null = null;
  hidden: HiddenDecision | null = null;
  /** Nothing arrives any more: the control that must be found stuck. */
  isDeaf = false;
  /** Messages delivered. */
  delivered = 0;
  readonly #world: World;
  readonly #links: Link[][];
  readonly #nodes: readonly SimNode[];
  /** Number of the present connection of a pair, 0 while there is none. */
  readonly #connections = new Map<string, number>();
  readonly #banned = new Set<string>();
  #connectionCount = 0;

  constructor(world: World, nodes: readonly SimNode[]) {
    this.#world = world;
    this.#nodes = nodes;
    this.#links = nodes.map((from) =>
      nodes.map((to) => ({
        from,
        to,
        pair: pairName(from, to),
        isCut: false,
        isBroken: false,
        streamMs: 0,
        gossipMs: 0,
      })),
    );
  }

  /** True while it loses, delays or cuts. */
  get isTroubled(): boolean {
    const isSpell = this.voteLoss !== null || this.hidden !== null || this.profile !== calmProfile;
    return isSpell || this.#links.some((links) => links.some(({ isCut }) => isCut));
  }

  /** Connects two nodes that run, unless they are connected or one has banned the other. */
  connect(one: SimNode, other: SimNode): void {
    const pair = pairName(one, other);
    if (one === other || one.host === null || other.host === null) return;
    if (this.#connections.has(pair) || this.#banned.has(pair)) return;
    this.#connections.set(pair, ++this.#connectionCount);
    for (const [at, peer] of [
      [one, other],
      [other, one],
    ] as const) {
      Object.assign(this.#link(at, peer), { isBroken: false, streamMs: 0 });
      at.handle({ kind: 'peerConnected', peer: peer.peerId });
    }
  }

  /** Ends the connection of two nodes; both hear of it. */
  disconnect(one: SimNode, other: SimNode): void {
    if (!this.#connections.delete(pairName(one, other))) return;
    one.handle({ kind: 'peerDisconnected', peer: other.peerId });
    other.handle({ kind: 'peerDisconnected', peer: one.peerId });
  }

  onDown(node: SimNode): void {
    for (const other of this.#nodes) if (other !== node) this.disconnect(node, other);
  }

  onUp(node: SimNode): void {
    for (const other of this.#nodes) this.#world.queue.after(3, () => this.connect(node, other));
  }

  setCut(from: SimNode, to: SimNode, isCut: boolean): void {
    const link = this.#link(from, to);
    link.isCut = isCut;
    if (!isCut && link.isBroken) this.#reset(from, to);
  }

  /** Lifts every ban: operators who give a peer another chance. */
  forgive(): void {
    this.#banned.clear();
    for (const one of this.#nodes)
      for (const other of this.#nodes) if (one.index < other.index) this.connect(one, other);
  }

  /** Lifts every cut and ban. Opens broken streams anew, and those that run late: from here on every message arrives soon. */
  heal(): void {
    this.profile = calmProfile;
    this.voteLoss = null;
    this.hidden = null;
    this.#banned.clear();
    for (const one of this.#nodes)
      for (const other of this.#nodes) if (one !== other) this.#healLink(this.#link(one, other));
    for (const one of this.#nodes)
      for (const other of this.#nodes) if (one.index < other.index) this.connect(one, other);
  }

  publish(from: SimNode, topic: GossipTopic, bytes: Uint8Array): void {
    this.#world.checker.onPublish(from, topic, bytes);
    for (const to of this.#nodes) {
      if (to === from) continue;
      const changed = this.#world.attacks.onGossip(from, to, { topic, bytes });
      if (changed !== null && changed !== bytes && topic === 'votes') this.#world.checker.onSent(from, changed);
      if (changed !== null) this.gossip(from, to, { topic, bytes: changed });
    }
  }

  /** One gossip message on its way to one node. */
  gossip(from: SimNode, to: SimNode, message: { readonly topic: GossipTopic; readonly bytes: Uint8Array }): void {
    const { prngs, counts, queue } = this.#world;
    const { profile } = this;
    const link = this.#link(from, to);
    if (link.isCut || this.isDeaf) return this.#world.onCut();
    if (prngs.network.chance(profile.lossPpm)) return counts.add('loss');
    if (this.#losesVote(message)) return counts.add('voteLoss');
    if (this.#hides(from, to, message)) return counts.add('hiddenDecision');
    const copies = prngs.network.chance(profile.duplicatePpm) ? 2 : 1;
    if (copies === 2) counts.add('duplicate');
    for (let copy = 0; copy < copies; copy++) {
      const delayMs = this.#delayMs();
      const atMs = queue.nowMs + delayMs;
      if (copy === 0 && atMs < link.gossipMs) counts.add('reorder');
      link.gossipMs = Math.max(link.gossipMs, atMs);
      queue.after(delayMs, () => this.#deliver(link, message));
    }
  }

  /** A message on the direct stream; lost with the connection. */
  send(from: SimNode, peer: PeerId, bytes: Uint8Array): void {
    const to = this.#nodes.find((node) => node.peerId === peer);
    if (to === undefined) return;
    const changed = this.#world.attacks.onDirect(from, to, bytes);
    if (changed !== null) this.direct(from, to, changed);
  }

  direct(from: SimNode, to: SimNode, bytes: Uint8Array): void {
    const { prngs, counts, queue } = this.#world;
    const link = this.#link(from, to);
    const { pair } = link;
    const connection = this.#connections.get(pair);
    if (connection === undefined) return;
    if (link.isCut || this.isDeaf) {
      link.isBroken = true;
      return this.#world.onCut();
    }
    if (link.isBroken) return;
    if (prngs.network.chance(this.profile.resetPpm)) {
      counts.add('connectionReset');
      link.isBroken = true;
      return queue.after(20, () => this.#reset(from, to));
    }
    const delayMs =
      this.#delayMs() + (this.voteLoss?.streamDelayMs ?? 0) + (this.hidden === null ? 0 : hiddenStreamDelayMs);
    link.streamMs = Math.max(link.streamMs, queue.nowMs + delayMs);
    queue.after(link.streamMs - queue.nowMs, () => {
      if (this.#connections.get(pair) !== connection || to.host === null) return;
      this.delivered += 1;
      this.#world.noteMessage(from, to, `direct ${bytes[0]} ${bytes.length}`);
      to.handle({ kind: 'direct', peer: from.peerId, bytes });
    });
  }

  /** A severe penalty bans; against an honest peer it is a fault of the node that gave it. */
  penalise(by: SimNode, penalty: { peer: PeerId; reason: string; severity: 'minor' | 'severe' }): void {
    const peer = this.#nodes.find((node) => node.peerId === penalty.peer);
    if (peer === undefined) return;
    this.#world.note(by, `penalise ${penalty.peer} ${penalty.severity} ${penalty.reason}`);
    if (penalty.severity !== 'severe') return;
    this.#world.checker.onBan(by, peer, penalty.reason);
    this.#banned.add(pairName(by, peer));
    this.#world.queue.after(0, () => this.disconnect(by, peer));
  }

  #deliver(link: Link, message: { readonly topic: GossipTopic; readonly bytes: Uint8Array }): void {
    const { from, to } = link;
    if (to.host === null || (this.#banned.size > 0 && this.#banned.has(pairName(from, to)))) return;
    this.delivered += 1;
    this.#world.noteMessage(from, to, `${message.topic} ${message.bytes.length}`);
    to.guard(() => {
      const verdict = to.host?.onGossip(from.peerId, message.topic, message.bytes);
      if (verdict === 'reject') this.#world.checker.onReject(to, from, message.topic);
    });
  }

  #healLink(link: Link): void {
    const isLate = link.streamMs > this.#world.queue.nowMs + calmProfile.baseMs;
    link.isBroken ||= isLate;
    this.setCut(link.from, link.to, false);
  }

  #reset(one: SimNode, other: SimNode): void {
    this.disconnect(one, other);
    this.#link(one, other).isBroken = false;
    this.#link(other, one).isBroken = false;
    this.#world.queue.after(10, () => this.connect(one, other));
  }

  #losesVote({ topic, bytes }: { readonly topic: GossipTopic; readonly bytes: Uint8Array }): boolean {
    if (this.voteLoss === null || topic !== 'votes') return false;
    const vote = voteOf(bytes);
    if (!vote.ok) return false;
    const { prevotePpm, precommitPpm } = this.voteLoss;
    return this.#world.prngs.network.chance(vote.value.type === 'prevote' ? prevotePpm : precommitPpm);
  }

  #hides(
    from: SimNode,
    to: SimNode,
    { topic, bytes }: { readonly topic: GossipTopic; readonly bytes: Uint8Array },
  ): boolean {
    if (this.hidden === null) return false;
    if (topic === 'proposals') return to === this.hidden.unaware;
    if (topic !== 'votes' || from !== this.hidden.decider) return false;
    const vote = voteOf(bytes);
    return vote.ok && vote.value.type === 'precommit';
  }

  #delayMs(): number {
    const { prngs, counts } = this.#world;
    const { baseMs, jitterMs, tailPpm, tailMs } = this.profile;
    const usual = baseMs + (jitterMs > 0 ? prngs.network.below(jitterMs + 1) : 0);
    if (!prngs.network.chance(tailPpm)) return usual;
    counts.add('delayTail');
    return usual + prngs.network.below(tailMs + 1);
  }

  #link(from: SimNode, to: SimNode): Link {
    return (this.#links[from.index] as Link[])[to.index] as Link;
  }
}

function pairName(one: SimNode, other: SimNode): string {
  return one.index < other.index ? `${one.index}-${other.index}` : `${other.index}-${one.index}`;
}
