/**
 * One schedule from one seed: a network is drawn, faults strike it, it heals, and must then go on. Owns when a schedule is
 * over and what it must have shown: ≥ 10 heights, ≥ 3 kinds of fault, ≥ 1 query settled, life within 3 rounds of healing.
 */
import { type Address, NANO_PER_SYN, type Payload } from '@synod/chain';
import {
  areAccused,
  armDirected,
  type DirectedName,
  directedOf,
  hasAttacker,
  heightsOf,
  lastsMsOf,
  validatorsOf,
} from './directed.ts';
import type { FaultKind } from './fault-counts.ts';
import { armFaults } from './faults.ts';
import { armGovernance } from './governance.ts';
import { keyedHashTier, realTier, type Tier } from './keys.ts';
import { armExpertLife, ask } from './market-life.ts';
import { calmProfile } from './network.ts';
import { Prng } from './prng.ts';
import { probe } from './probes.ts';
import type { SimNode } from './sim-node.ts';
import type { Violation } from './violation.ts';
import { World, type WorldOptions } from './world.ts';

export type ScheduleOptions = {
  readonly seed: number;
  /** Least and most validators; 4 to 7 unless given. */
  readonly nodes?: readonly [least: number, most: number];
  /** Twins in every schedule that tolerates one, instead of a quarter. */
  readonly twins?: boolean;
  /**
   * Schedules that must fail, to see that the checker is alive. `f1-twins`: one twin more than the network tolerates.
   * `deaf`: after the healing nobody hears anybody.
   */
  readonly control?: 'f1-twins' | 'deaf';
  /** Instead of one in twenty schedules. */
  readonly tier?: Tier['name'];
  readonly keepsTrace?: boolean;
};

export type ScheduleResult = {
  readonly seed: number;
  readonly ok: boolean;
  readonly violations: readonly Violation[];
  /** SHA-256 of the trace: the same for the same seed. */
  readonly digest: string;
  readonly nodes: number;
  readonly hasTwins: boolean;
  readonly tier: Tier['name'];
  readonly heights: number;
  readonly roundMax: number;
  readonly settledQueries: number;
  readonly messages: number;
  readonly virtualMs: number;
  readonly faults: readonly (readonly [FaultKind, number])[];
  readonly trace: readonly string[];
};

export const scheduleLimits = {
  heightsMin: 10,
  faultKindsMin: 3,
  settledMin: 1,
  /** Rounds after healing until the next block, whatever the size of the network. */
  roundsAfterHealing: 3,
  /** Healing begins at this height at the latest: two more show life, and the schedule is complete. */
  faultHeights: 8,
  /** Virtual time in which drawn faults may begin. */
  faultsMs: 2_200,
  /** The same for a directed schedule, which is over sooner when it has come to its height. */
  directedMs: 2_900,
  /** Virtual time from healing until a schedule counts as stuck, besides its rounds. */
  settleMs: 40_000,
  /** Events of one schedule; more is a loop. */
  eventsMax: 2_000_000,
} as const;

/** How often a network has the least number of validators, one more, and so on. */
const sizeWeights = [64, 16, 10, 10] as const;

/** One schedule in this many signs with real Ed25519; of four, for the cost grows with the square and a signature is a signature. */
const realTierEvery = 20;

/**
 * In one of this many an honest node executes every block by itself. In the others one execution is for all nodes, and the checker's
 * own is the second that state roots are compared with (shared-execution.ts): no schedule trusts a single one.
 */
const ownExecutionEvery = 8;

export function runSchedule(options: ScheduleOptions): ScheduleResult {
  const directed = directedFor(options);
  const world = new World(directed === null ? drawWorld(options) : directedWorld(options, directed));
  world.start();
  armWorkload(world);
  armGovernance(world);
  if (options.control === 'f1-twins') splitTwins(world);
  else if (directed !== null) armDirected(world, directed);
  else armFaults(world, scheduleLimits.faultsMs);
  const faultsMs = directed === null ? scheduleLimits.faultsMs : (lastsMsOf(directed) ?? scheduleLimits.directedMs);
  const healAtMs = world.queue.nowMs + faultsMs + world.prngs.faults.between(200, 800);
  armReplayChecks(world, healAtMs);
  const heights = (directed && heightsOf(directed)) ?? scheduleLimits.faultHeights;
  const isOver = () => world.attacks.isOver || world.checker.height >= heights;
  runUntil(world, () => world.queue.nowMs >= healAtMs || isOver());
  if (options.control !== 'f1-twins') {
    roughenUntilEnough(world);
    finish(world, options.control === 'deaf');
    if (directed !== null) demandAccusation(world, directed);
    probe(world, options.seed);
  }
  return resultOf(world, options);
}

/** Directed schedules are of four; where other networks are asked for, faults are drawn by chance. */
function directedFor({ seed, nodes: [least] = [4, 7], twins, control }: ScheduleOptions): DirectedName | null {
  return least === 4 && twins !== true && control === undefined ? directedOf(seed) : null;
}

function directedWorld(options: ScheduleOptions, directed: DirectedName): WorldOptions {
  const attacker = new Prng(options.seed, 'world').below(4);
  return {
    seed: options.seed,
    validators: validatorsOf(directed),
    isUneven: false,
    isDirected: true,
    dishonest: hasAttacker(directed) ? [attacker] : [],
    twins: [],
    ...meansOf(options),
  };
}

function meansOf({
  seed,
  tier: asked,
  keepsTrace = false,
}: ScheduleOptions): Pick<WorldOptions, 'tier' | 'sharesExecution' | 'keepsTrace'> {
  const tier = asked ?? (seed % realTierEvery === 0 ? 'ed25519' : 'keyed-hash');
  const sharesExecution = seed % ownExecutionEvery !== 0;
  return { tier: tier === 'ed25519' ? realTier : keyedHashTier, sharesExecution, keepsTrace };
}

function demandAccusation(world: World, directed: DirectedName): void {
  if (world.checker.violations.length > 0 || runUntil(world, () => areAccused(world, directed), 10_000)) return;
  if (world.checker.violations.length === 0)
    world.checker.fail('notAccused', 'a validator signed twice before everybody, and no block says so');
}

function drawWorld(options: ScheduleOptions): WorldOptions {
  const means = meansOf(options);
  const { seed, nodes: [least, most] = means.tier === realTier ? [4, 4] : [4, 7], control } = options;
  const prng = new Prng(seed, 'world');
  const validators = drawSize(prng, least, most);
  const isUneven = prng.chance(300_000) && control !== 'f1-twins';
  const tolerated = Math.floor((validators - 1) / 3);
  // A quarter of all schedules; a third of them are directed and have none.
  const isTwinned = prng.chance(375_000) || options.twins === true || control === 'f1-twins';
  const isAttacked = isTwinned || prng.chance(700_000);
  // Uneven power rises with the index: two of the strongest would exceed a third.
  const attackers = isAttacked ? (isUneven ? 1 : prng.between(1, tolerated)) : 0;
  const dishonestCount = control === 'f1-twins' ? tolerated + 1 : attackers;
  const order = prng.shuffled(Array.from({ length: validators }, (_, index) => index));
  const dishonest = order.slice(0, dishonestCount);
  return {
    seed,
    validators,
    isUneven,
    isDirected: false,
    dishonest,
    twins: isTwinned ? dishonest.slice(0, control === 'f1-twins' ? dishonestCount : 1) : [],
    ...means,
  };
}

/** Small networks more often: most that can go wrong goes wrong with four, and the cost grows with the square. */
function drawSize(prng: Prng, least: number, most: number): number {
  const weights = sizeWeights.slice(0, most - least + 1);
  let left = prng.below(weights.reduce((sum, weight) => sum + weight, 0));
  for (const [index, weight] of weights.entries()) {
    if (left < weight) return least + index;
    left -= weight;
  }
  return most;
}

/** A plan whose faults found nothing to strike is made up for by a bad network. */
function roughenUntilEnough(world: World): void {
  const isEnough = () => world.counts.kinds >= scheduleLimits.faultKindsMin;
  if (isEnough()) return;
  world.network.profile = { ...calmProfile, jitterMs: 40, lossPpm: 200_000, duplicatePpm: 200_000 };
  runUntil(world, isEnough, 5_000);
}

/** Each half of the honest sees one of each pair of twins: with more than f of them both halves decide. */
function splitTwins(world: World): void {
  world.counts.add('twins');
  const seen = new Set<number>();
  let honestCount = 0;
  const sides = world.nodes.map((node) => {
    if (node.isHonest) return honestCount++ % 2;
    const side = seen.has(node.memberIndex) ? 1 : 0;
    seen.add(node.memberIndex);
    return side;
  });
  for (const one of world.nodes) {
    for (const other of world.nodes) {
      if (one !== other && sides[one.index] !== sides[other.index]) world.network.setCut(one, other, true);
    }
  }
}

/** A query early, a few transfers at any time; another query now and then while none has been settled. */
function armWorkload(world: World): void {
  const { prngs, queue, cast } = world;
  const to = cast.members[0]?.operator.address ?? cast.customer.address;
  const transfer = (): Payload => ({
    type: 'transfer',
    to,
    amount: (BigInt(1 + prngs.workload.below(1_000)) * NANO_PER_SYN) / 1_000n,
  });
  const count = prngs.workload.between(2, 6);
  for (let index = 0; index < count; index++) queue.after(prngs.workload.below(3_500), () => world.submit(transfer()));
  armStakeChanges(world);
  armExpertLife(world);
  let askedAt = -1;
  const askAgain = (): void => {
    const { settledQueries, height } = world.checker;
    if (settledQueries > 0) return;
    // While no block comes, those asked before wait for one too.
    if (height > askedAt) ask(world);
    askedAt = height;
    queue.after(world.isHealed ? 4_000 : 2_500, askAgain);
  };
  const firstMs = prngs.workload.below(150);
  queue.after(firstMs, askAgain);
  // Most schedules end when this one is settled; in the others longer ones are.
  const rounds = prngs.market.chance(750_000) ? 1 : 2;
  queue.after(firstMs, () => ask(world, rounds));
}

/**
 * Stake comes and goes, and now and then a validator leaves: the set changes two heights after the epoch's end, whatever
 * rounds fail meanwhile. Powers are hundreds, so what moves never takes the faulty over a third; only they leave.
 */
function armStakeChanges(world: World): void {
  const { prngs, queue, cast } = world;
  if (!prngs.workload.chance(600_000)) return;
  const { operator } = prngs.workload.pick(cast.members);
  const validator = operator.address;
  const atMs = prngs.workload.below(900);
  queue.after(atMs, () => world.submit({ type: 'delegate', validator, amount: 30n * NANO_PER_SYN }));
  if (prngs.workload.chance(500_000)) {
    const backMs = atMs + prngs.workload.between(300, 2_000);
    queue.after(backMs, () => world.submit({ type: 'undelegate', validator, amount: 20n * NANO_PER_SYN }));
  }
  armRedelegations(world, validator, atMs);
  const leaver = world.nodes.find(({ isHonest }) => !isHonest)?.member.operator;
  if (leaver === undefined || world.isDirected || !prngs.workload.chance(250_000)) return;
  const exit = { type: 'validator.exit', validator: leaver.address } as const;
  queue.after(prngs.workload.below(1_500), () => world.submit(exit, leaver));
}

/** Little stake, which a node with faults may lie with: it moves to another pool, and on from there, which the rules refuse. */
function armRedelegations(world: World, from: Address, afterMs: number): void {
  const { prngs, queue, cast } = world;
  const others = cast.members.map(({ operator }) => operator.address).filter((address) => address !== from);
  if (others.length === 0 || !prngs.stake.chance(700_000)) return;
  const to = prngs.stake.pick(others);
  const amount = 3n * NANO_PER_SYN;
  const moveMs = afterMs + prngs.stake.between(300, 1_500);
  queue.after(moveMs, () => world.submit({ type: 'redelegate', from, to, amount }));
  const onMs = moveMs + prngs.stake.between(300, 1_500);
  queue.after(onMs, () => world.submit({ type: 'redelegate', from: to, to: from, amount: NANO_PER_SYN }));
}

function armReplayChecks(world: World, healAtMs: number): void {
  const withinMs = healAtMs - world.queue.nowMs;
  for (let index = 0; index < 3; index++)
    world.queue.after(world.prngs.faults.below(withinMs), () => world.checkReplay());
}

/** Runs until the condition holds or the time is over; stops at the first violation. True when the condition held. */
function runUntil(world: World, isDone: () => boolean, withinMs: number = Number.MAX_SAFE_INTEGER): boolean {
  const endMs = world.queue.nowMs + withinMs;
  for (let events = 0; events < scheduleLimits.eventsMax; events++) {
    if (world.checker.violations.length > 0) return false;
    if (isDone()) return true;
    const nextMs = world.queue.nextMs;
    if (nextMs === null || nextMs > endMs) return false;
    world.queue.step();
  }
  world.checker.fail('liveness', `more than ${scheduleLimits.eventsMax} events`);
  return false;
}

/** Heals, then demands two more heights in few rounds, and the rest of what a schedule must show. */
function finish(world: World, isDeaf: boolean): void {
  if (world.checker.violations.length > 0) return;
  const height = Math.max(...world.honest.map((node) => node.height));
  const round = Math.max(0, ...world.nodes.map((node) => roundOf(node, height + 1)));
  world.heal();
  world.network.isDeaf = isDeaf;
  const withinMs = scheduleLimits.settleMs + 4 * (800 + 400 * (round + 3));
  const isLive = () => world.honest.every((node) => node.host !== null && node.host.head.height >= height + 2);
  if (!runUntil(world, isLive, withinMs))
    return stuck(world, `no two heights after ${height} within ${withinMs} ms of healing`);
  const turns = scheduleLimits.roundsAfterHealing;
  const allowed = [round + turns, turns];
  for (const [index, most] of allowed.entries()) {
    const decided = world.decidedRounds.get(height + 1 + index) ?? 0;
    if (decided > most)
      return stuck(world, `height ${height + 1 + index} took round ${decided}, healed in round ${round}`);
  }
  const isWhole = () =>
    world.checker.height >= scheduleLimits.heightsMin && world.checker.settledQueries >= scheduleLimits.settledMin;
  if (!runUntil(world, isWhole, 60_000)) return stuck(world, 'heights or a settled query are missing after healing');
  const last = world.checker.height;
  runUntil(world, () => world.honest.every((node) => node.height >= last), 10_000);
  world.checkReplay();
  if (world.counts.kinds < scheduleLimits.faultKindsMin)
    world.checker.fail('notAlive', 'fewer than three kinds of fault');
}

/** Round that a node has reached at a height: what its core says, or its sign state while it is down. */
function roundOf(node: SimNode, height: number): number {
  const state = node.host?.runner.state;
  const { signState } = node.disk;
  const signed = signState?.height === height ? signState.round : 0;
  return state?.context.height === height ? Math.max(signed, state.machine.round) : signed;
}

function stuck(world: World, what: string): void {
  if (world.checker.violations.length > 0) return;
  const heads = world.nodes.map((node) => {
    const machine = node.host?.runner.state?.machine;
    const observes = node.host?.observerReason ?? null;
    return `${node.peerId}:${node.height}/${machine?.round}/${machine?.step}${observes === null ? '' : ' observes'}`;
  });
  world.checker.fail('liveness', `${what}; ${heads.join(' ')}`);
}

function resultOf(world: World, { seed }: ScheduleOptions): ScheduleResult {
  const { checker, counts, trace, network } = world;
  return {
    seed,
    ok: checker.violations.length === 0,
    violations: checker.violations,
    digest: trace.digest(),
    nodes: world.nodes.length,
    hasTwins: world.nodes.some((node) => world.hasTwin(node)),
    tier: world.tier.name,
    heights: checker.height,
    roundMax: Math.max(0, ...world.decidedRounds.values()),
    settledQueries: checker.settledQueries,
    messages: network.delivered,
    virtualMs: world.elapsedMs,
    faults: counts.entries(),
    trace: trace.lines,
  };
}
