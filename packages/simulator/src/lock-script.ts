/**
 * Heights in which some do not hear some votes until a moment comes: where the locks of Algorithm 1 (L23, L29), its valid
 * value (L16) and its decisions of rounds that are over (L49) matter. Four honest validators of equal power, named by the
 * round in which they propose first. Owns the plans of such heights, and who hears what until then.
 */
import type { Height } from '@synod/chain';
import { type About, aboutOf, isCatchUp, type Message, type Script, turnOf } from './scripts.ts';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

type Plan = {
  /** Whose vote who does not hear, as `from>to`, by type and round. */
  readonly unheard: Readonly<Record<string, readonly string[]>>;
  /** Who does not get the proposals of which round. */
  readonly unseen: Readonly<Record<number, readonly number[]>>;
  /** Whose process dies once it has precommitted in round 0, and comes back without its log. */
  readonly losesLog?: number;
  /** What ends it, and by how many it must be sent: then all that was held back arrives. */
  readonly end: { readonly kind: About['kind']; readonly round: number; readonly senders: number };
};

const plans = {
  /**
   * A value gets a polka that one alone sees and locks on; another value gets one in the next round, seen and locked on by
   * another alone; then the first comes back with its older proof-of-lock, which must not open the newer lock.
   */
  competing: {
    unheard: { 'prevote/0': ['3>0', '3>1', '0>3'], 'prevote/1': ['3>1', '0>3', '0>2'] },
    unseen: { 0: [1] },
    end: { kind: 'proposal', round: 2, senders: 1 },
  },
  /** One alone locks; another value gets a polka that all see too late to lock on, which must open the older lock. */
  opening: {
    unheard: { 'prevote/0': ['3>0', '3>1', '0>3'], 'prevote/1': ['3>0', '0>1', '1>3', '3>2'] },
    unseen: { 0: [1] },
    end: { kind: 'precommit', round: 1, senders: 4 },
  },
  /** Three precommit a block, each hears two of them, and all go on to the next round before the third comes. */
  lateCommits: {
    unheard: { 'precommit/0': ['2>0', '0>1', '1>2', '0>3'] },
    unseen: { 0: [3] },
    end: { kind: 'proposal', round: 1, senders: 1 },
  },
  /** The same, but the block that three are locked on is then proposed to nobody: no polka, so nobody may precommit it again. */
  silentRound: {
    unheard: { 'precommit/0': ['2>0', '0>1', '1>2', '0>3'] },
    unseen: { 0: [3], 1: [0, 2, 3] },
    end: { kind: 'precommit', round: 1, senders: 3 },
  },
  /** One alone locks, dies, and has but its sign state to know of the lock when another value is proposed. */
  lostLog: {
    unheard: { 'prevote/0': ['3>0', '3>1', '0>3'] },
    unseen: { 0: [1] },
    losesLog: 2,
    end: { kind: 'precommit', round: 1, senders: 3 },
  },
} as const satisfies Readonly<Record<string, Plan>>;

export type LockPlan = keyof typeof plans;

type Held = { readonly from: SimNode; readonly to: SimNode; readonly message: Message };

/** Long enough to be down, and over before the next round. */
const restartMs = 20;

export class LockScript implements Script {
  readonly #world: World;
  readonly #height: Height;
  readonly #plan: Plan;
  readonly #enders = new Set<SimNode>();
  #held: Held[] = [];
  #isOver = false;
  #hasLostLog = false;

  constructor(world: World, height: Height, plan: LockPlan) {
    this.#world = world;
    this.#height = height;
    this.#plan = plans[plan];
  }

  /** Ends with its plan, with the height, or with the healing. */
  get isActive(): boolean {
    const { checker, isHealed } = this.#world;
    return !this.#isOver && !isHealed && checker.height === this.#height - 1;
  }

  holds(from: SimNode, to: SimNode, message: Message): boolean {
    const about = this.isActive ? aboutOf(message) : null;
    if (about === null || about.height !== this.#height) return false;
    const { end, unseen, unheard } = this.#plan;
    if (about.kind === end.kind && about.round >= end.round) this.#end(from);
    if (about.kind === 'precommit' && about.round === 0) this.#loseLog(from);
    const turn = turnOf(this.#world, this.#height, to);
    if (about.kind === 'proposal') return unseen[about.round]?.includes(turn) === true;
    const pairs = unheard[`${about.kind}/${about.round}`] ?? [];
    if (!pairs.includes(`${turnOf(this.#world, this.#height, from)}>${turn}`)) return false;
    this.#held.push({ from, to, message });
    this.#world.counts.add('competingLocks');
    return true;
  }

  holdsDirect(bytes: Uint8Array): boolean {
    return this.isActive && isCatchUp(bytes);
  }

  #loseLog(from: SimNode): void {
    const { queue, counts } = this.#world;
    if (this.#hasLostLog || turnOf(this.#world, this.#height, from) !== this.#plan.losesLog) return;
    this.#hasLostLog = true;
    // Not before it has told everybody.
    queue.after(1, () => {
      from.crash('killed', restartMs);
      from.disk.wipeLog();
      counts.add('logLost');
      counts.add('crash.any');
    });
  }

  #end(from: SimNode): void {
    this.#enders.add(from);
    if (this.#enders.size < this.#plan.end.senders) return;
    this.#isOver = true;
    for (const held of this.#held) this.#world.network.gossip(held.from, held.to, held.message);
    this.#held = [];
  }
}
