/**
 * Schedules with one attack each, on a calm network: what a random schedule meets once in hundreds happens here every time.
 * Owns which seed gets which; they are part of the ordinary seeds. Each needs four validators, three of them honest.
 */
import type { AttackKind } from './attacks.ts';
import { LockScript } from './lock-script.ts';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

type Directed = {
  /** Runs against `attacker`, which is null where the network alone is to blame. */
  readonly arm: (world: World, attacker: SimNode) => void;
  /** No validator of this schedule attacks. */
  readonly isHonest?: boolean;
  /** The attacker signs twice where everybody sees it, so a block must say so. */
  readonly isAccused?: boolean;
};

const schedules = {
  locks: {
    isHonest: true,
    arm: (world) => {
      world.attacks.script = new LockScript(world, 3);
    },
  },
  usurper: attackWith('usurper'),
  invalidBlocks: attackWith('invalidBlock', 'invalidAhead'),
  doubleVotes: { ...attackWith('doubleVoter'), isAccused: true },
  falseLockProof: attackWith('falseLockProof', 'silentRoundZero'),
  forgedBlocks: {
    arm: (world, attacker) => {
      world.attacks.begin(attacker, 'forgedBlocks');
      for (let turn = 0; turn < 6; turn++) {
        const node = world.honest[turn % world.honest.length];
        if (node !== undefined) isolate(world, node, 300 + 500 * turn, 700);
      }
    },
  },
  doubleProposals: { ...attackWith('doubleProposer'), isAccused: true },
  falseScores: attackWith('falseScores'),
  flood: attackWith('futureFlood', 'forgedVote'),
  candidateFlood: attackWith('candidateFlood'),
  forgedVotes: attackWith('forgedVote', 'forgedCertificate', 'staleSpam'),
} as const satisfies Readonly<Record<string, Directed>>;

export type DirectedName = keyof typeof schedules;

const names = Object.keys(schedules) as DirectedName[];

/** One seed in so many. */
const every = 3;

/** The directed schedule of a seed, or null where faults are drawn by chance. */
export function directedOf(seed: number): DirectedName | null {
  return seed % every === 0 ? (names[(seed / every) % names.length] ?? null) : null;
}

export function hasAttacker(name: DirectedName): boolean {
  const schedule: Directed = schedules[name];
  return schedule.isHonest !== true;
}

export function armDirected(world: World, name: DirectedName): void {
  const attacker = world.nodes.find(({ isHonest }) => !isHonest) ?? world.nodes[0];
  if (attacker !== undefined) schedules[name].arm(world, attacker);
}

/** True once the chain has accused everybody whom this schedule wants accused. */
export function areAccused(world: World, name: DirectedName): boolean {
  const schedule: Directed = schedules[name];
  if (schedule.isAccused !== true) return true;
  return world.nodes.every(({ isHonest, operator }) => isHonest || world.checker.accused.has(operator));
}

function attackWith(...kinds: readonly AttackKind[]): Directed {
  return {
    arm: (world, attacker) => {
      for (const kind of kinds) world.attacks.begin(attacker, kind);
    },
  };
}

/** Cuts a node off for a while, so that it falls behind and others serve it what it missed. */
function isolate(world: World, node: SimNode, afterMs: number, forMs: number): void {
  const set = (isCut: boolean) => {
    for (const other of world.nodes.filter((one) => one !== node)) {
      world.network.setCut(node, other, isCut);
      world.network.setCut(other, node, isCut);
    }
  };
  world.queue.after(afterMs, () => set(!world.isHealed));
  world.queue.after(afterMs + forMs, () => {
    set(false);
    world.network.forgive();
  });
}
