/**
 * Schedules with one attack each, on a calm network: what a random schedule meets once in hundreds happens here every time.
 * Owns which seed gets which; they are part of the ordinary seeds. Most are of four validators, three of them honest.
 */
import type { AttackKind } from './attack-kinds.ts';
import {
  armDamagedLog,
  armDamagedSignState,
  armFarBehind,
  armKeysGivenUp,
  armLocks,
  armMissedProposals,
  armOldSignState,
  armOldTimeouts,
  armUnsignedExtensions,
  LateDecider,
} from './directed-faults.ts';
import { evidenceSpoilings } from './invalid-blocks.ts';
import { ask } from './market-life.ts';
import type { SimNode } from './sim-node.ts';
import { armThirdVote } from './third-vote.ts';
import type { World } from './world.ts';

type Directed = {
  /** Runs against `attacker`, which is null where the network alone is to blame. */
  readonly arm: (world: World, attacker: SimNode) => void;
  /** No validator of this schedule attacks. */
  readonly isHonest?: boolean;
  /** The attacker signs twice where everybody sees it, so a block must say so. */
  readonly isAccused?: boolean;
  /** Virtual time until the healing, where the usual is too little. */
  readonly lastsMs?: number;
  /** Height at which the healing begins at the latest, where the usual is too low. */
  readonly heights?: number;
  /** Four where it is left out. */
  readonly validators?: number;
};

/** Some blocks with votes in them. */
const evidenceAfterMs = 900;

const schedules = {
  locks: { isHonest: true, arm: armLocks('competing') },
  openingLocks: { isHonest: true, arm: armLocks('opening') },
  lateCommits: { isHonest: true, arm: armLocks('lateCommits') },
  usurper: attackWith('usurper'),
  invalidBlocks: attackWith('invalidBlock', 'invalidAhead'),
  untimelyBlocks: attackWith('untimelyBlock'),
  doubleVotes: { ...attackWith('doubleVoter'), isAccused: true },
  falseLockProof: { ...attackWith('falseLockProof', 'silentRoundZero'), lastsMs: 12_000, heights: 16 },
  forgedBlocks: {
    arm: (world, attacker) => {
      world.attacks.begin(attacker, 'forgedBlocks');
      for (let turn = 0; turn < 3; turn++) {
        const node = world.honest[turn % world.honest.length];
        if (node !== undefined) isolate(world, { node, attacker, afterMs: 450 + 1_100 * turn, isAsked: turn === 1 });
      }
    },
    lastsMs: 3_300,
  },
  doubleProposals: { ...attackWith('doubleProposer'), isAccused: true },
  falseScores: {
    arm: (world, attacker) => {
      // Its own blocks would carry what it says to itself.
      for (const kind of ['falseScores', 'silentProposer'] as const) world.attacks.begin(attacker, kind);
      // Half of them are falsified one way, half the other; few ask what the attacker was drawn to verify.
      for (let count = 0; count < 4; count++) world.queue.after(100 + 150 * count, () => ask(world, 1));
    },
    // Until scores are opened.
    lastsMs: 5_000,
    heights: 14,
  },
  flood: watched(attackWith('futureFlood', 'forgedVote')),
  falseHello: watched(attackWith('falseHello')),
  unsignedExtensions: { arm: armUnsignedExtensions },
  otherBodies: attackWith('otherBody'),
  lateDecider: {
    isHonest: true,
    arm: (world) => {
      const [late] = world.nodes;
      if (late !== undefined) world.attacks.script = new LateDecider(world, late);
    },
  },
  oldSignState: { isHonest: true, arm: armOldSignState },
  oldTimeouts: { isHonest: true, arm: armOldTimeouts },
  missedProposals: { isHonest: true, arm: armMissedProposals, lastsMs: 17_000 },
  farBehind: { isHonest: true, arm: armFarBehind, lastsMs: 291_000 },
  candidateFlood: attackWith('candidateFlood'),
  forgedVotes: attackWith('forgedVote', 'forgedCertificate', 'staleSpam'),
  falseEvidence: {
    arm: (world, attacker) => {
      world.attacks.spoilings = evidenceSpoilings;
      // Not before there are votes to make it of: who has sent a wrong block is soon heard by nobody.
      world.queue.after(evidenceAfterMs, () => {
        for (const kind of ['invalidBlock', 'invalidAhead'] as const) world.attacks.begin(attacker, kind);
      });
    },
    lastsMs: 6_000,
    heights: 12,
  },
  damagedSignState: { isHonest: true, arm: armDamagedSignState },
  keysGivenUp: { isHonest: true, arm: armKeysGivenUp, lastsMs: 8_000, heights: 14 },
  damagedLog: { isHonest: true, arm: armDamagedLog },
  silentRound: { isHonest: true, arm: armLocks('silentRound') },
  lostLog: { isHonest: true, arm: armLocks('lostLog') },
  thirdVote: { arm: armThirdVote, validators: 6, lastsMs: 17_000, heights: 12 },
} as const satisfies Readonly<Record<string, Directed>>;

export type DirectedName = keyof typeof schedules;

/** In turn; those with many variants come twice. */
const order: readonly DirectedName[] = [...(Object.keys(schedules) as DirectedName[]), 'forgedBlocks'];

/** One seed in so many. */
const every = 3;

/** Minutes of virtual time, and seconds of real time: once in so many turns, and `locks` otherwise. */
const rareEvery = 10;

/** The directed schedule of a seed, or null where faults are drawn by chance. */
export function directedOf(seed: number): DirectedName | null {
  if (seed % every !== 0) return null;
  const turn = seed / every - 1;
  const name = order[turn % order.length] ?? null;
  return name === 'farBehind' && Math.floor(turn / order.length) % rareEvery !== 0 ? 'locks' : name;
}

export function hasAttacker(name: DirectedName): boolean {
  const schedule: Directed = schedules[name];
  return schedule.isHonest !== true;
}

export function armDirected(world: World, name: DirectedName): void {
  const attacker = world.nodes.find(({ isHonest }) => !isHonest) ?? world.nodes[0];
  if (attacker !== undefined) schedules[name].arm(world, attacker);
}

/** Virtual time until the healing of this schedule, or null for the usual. */
export function lastsMsOf(name: DirectedName): number | null {
  const schedule: Directed = schedules[name];
  return schedule.lastsMs ?? null;
}

/** Height at which the healing of this schedule begins at the latest, or null for the usual. */
export function heightsOf(name: DirectedName): number | null {
  const schedule: Directed = schedules[name];
  return schedule.heights ?? null;
}

/** How many validators this schedule is of. */
export function validatorsOf(name: DirectedName): number {
  const schedule: Directed = schedules[name];
  return schedule.validators ?? 4;
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

/** How often a watched schedule looks at every node between two inputs. */
const watchMs = 60;

/** The same, with every node looked at again and again. */
function watched(schedule: Directed): Directed {
  return {
    ...schedule,
    arm: (world, attacker) => {
      const look = (): void => {
        for (const node of world.honest) world.checker.onPause(node);
        if (!world.isHealed) world.queue.after(watchMs, look);
      };
      look();
      schedule.arm(world, attacker);
    },
  };
}

type Isolation = {
  readonly node: SimNode;
  readonly attacker: SimNode;
  readonly afterMs: number;
  /** The attacker forges what it is asked for; else it sends the next block unasked. */
  readonly isAsked: boolean;
};

/** Times that a node which was cut off hears the attacker before anybody else, each without a ban from before. */
const triesMax = 12;
const tryMs = 45;
const behindMs = 550;

/** Cuts a node off until it is heights behind, and lets it hear the attacker alone for a while. */
function isolate(world: World, { node, attacker, afterMs, isAsked }: Isolation): void {
  const { queue, network, attacks } = world;
  const set = (others: readonly SimNode[], isCut: boolean) => {
    for (const other of others) {
      network.setCut(node, other, isCut);
      network.setCut(other, node, isCut);
    }
  };
  const others = world.nodes.filter((one) => one !== node);
  queue.after(afterMs, () => set(others, !world.isHealed));
  queue.after(afterMs + behindMs, () => {
    attacks.isMute = !isAsked;
    set([attacker], false);
  });
  for (let turn = 0; turn < triesMax; turn++) {
    const atMs = afterMs + behindMs + turn * tryMs;
    queue.after(atMs, () => network.forgive());
    if (!isAsked) queue.after(atMs + 25, () => attacks.serveForged(attacker, node));
  }
  queue.after(afterMs + behindMs + triesMax * tryMs, () => {
    attacks.isMute = false;
    set(others, false);
    network.forgive();
  });
}
