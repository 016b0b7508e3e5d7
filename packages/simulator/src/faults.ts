/**
 * Which faults strike a schedule, and when. Owns the drawing of a plan from the seed; each fault itself is done by the
 * network, a disk, a node or an attacker. Every fault ends at the latest when the world heals.
 */
import { type AttackKind, attackKinds } from './attack-kinds.ts';
import { type DiskOperation, diskOperations } from './fault-counts.ts';
import { calmProfile, type LinkProfile } from './network.ts';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

const proposerAttacks: readonly AttackKind[] = [
  'invalidBlock',
  'untimelyBlock',
  'equivocatingProposer',
  'silentProposer',
];

type Fault = (world: World) => void;

/** Largest distance of a simulated clock from the true one; two clocks stay within the drift that blocks allow. */
const clockOffsetMsMax = 3_000;

const profiles: readonly LinkProfile[] = [
  { ...calmProfile, jitterMs: 15, lossPpm: 30_000 },
  { ...calmProfile, jitterMs: 40, lossPpm: 150_000, duplicatePpm: 50_000 },
  { ...calmProfile, jitterMs: 20, tailPpm: 60_000, tailMs: 1_500 },
  { ...calmProfile, jitterMs: 5, duplicatePpm: 200_000, resetPpm: 5_000 },
  {
    ...calmProfile,
    jitterMs: 100,
    lossPpm: 50_000,
    duplicatePpm: 50_000,
    tailPpm: 30_000,
    tailMs: 3_000,
    resetPpm: 8_000,
  },
  { ...calmProfile, baseMs: 60, jitterMs: 120, tailPpm: 20_000, tailMs: 800 },
];

const faults: readonly (readonly [weight: number, fault: Fault])[] = [
  [10, partition],
  [6, oneWayPartition],
  [10, loseVotes],
  [10, hideDecision],
  [5, clockSkew],
  [4, clockJump],
  [22, crashAtPoint],
  [7, crashInCatchUp],
  [5, killOne],
  [2, killAll],
  [4, flipLogBit],
  [4, loseLogs],
  [2, damageSignState],
  [2, flipDatabaseBit],
  [5, fillDisk],
  [3, slowDisk],
  [2, stopWorker],
];

const totalWeight = faults.reduce((sum, [weight]) => sum + weight, 0);

/** Draws and arms the faults of a schedule; all of them begin within `lastMs` from now. */
export function armFaults(world: World, lastMs: number): void {
  const { prngs, network, queue } = world;
  network.profile = prngs.faults.chance(850_000) ? prngs.faults.pick(profiles) : calmProfile;
  const count = prngs.faults.between(3, 8);
  for (let index = 0; index < count; index++) {
    const fault = drawn(prngs.faults.below(totalWeight));
    queue.after(prngs.faults.below(lastMs), () => {
      if (!world.isHealed) fault(world);
    });
  }
  for (const node of world.nodes.filter(({ isHonest }) => !isHonest)) armAttacks(world, node, lastMs);
}

function drawn(at: number): Fault {
  let left = at;
  for (const [weight, fault] of faults) {
    if (left < weight) return fault;
    left -= weight;
  }
  return killOne;
}

/** A node that is not honest is a twin already, forgets what it signed, or attacks. */
function armAttacks(world: World, node: SimNode, lastMs: number): void {
  const { prngs, queue } = world;
  if (world.hasTwin(node)) return world.counts.add('twins');
  if (prngs.faults.chance(200_000)) {
    return queue.after(prngs.faults.below(lastMs), () => {
      if (world.isHealed || node.host === null) return;
      world.counts.add('amnesia');
      node.crash('amnesia', prngs.faults.between(20, 600));
      node.disk.wipeDatabase();
      node.disk.signState = null;
    });
  }
  // A proposer has its turn a few times only, so what it does with it begins at once.
  const turn = prngs.faults.pick([
    'invalidBlock',
    'invalidBlock',
    'equivocatingProposer',
    'silentProposer',
    null,
  ] as const);
  const others = attackKinds.filter((kind) => !proposerAttacks.includes(kind) && kind !== 'silentRoundZero');
  const kinds = prngs.faults.shuffled(others).slice(0, prngs.faults.between(1, 3));
  for (const kind of turn === null ? kinds : [turn, ...kinds]) {
    queue.after(kind === turn ? 0 : prngs.faults.below(lastMs), () => {
      if (!world.isHealed) world.attacks.begin(node, kind);
    });
  }
}

function partition(world: World): void {
  const { prngs, nodes, queue } = world;
  const order = prngs.faults.shuffled(nodes);
  const one = order.slice(0, prngs.faults.between(1, nodes.length - 1));
  const other = order.filter((node) => !one.includes(node));
  const pairs = one.flatMap((from) => other.flatMap((to) => [[from, to] as const, [to, from] as const]));
  cut(world, pairs, 'partitionFull');
  queue.after(prngs.faults.between(200, 4_000), () => {
    for (const [from, to] of pairs) world.network.setCut(from, to, false);
  });
}

function oneWayPartition(world: World): void {
  const { prngs, nodes, queue } = world;
  const from = prngs.faults.pick(nodes);
  const pairs = nodes.filter((to) => to !== from && prngs.faults.chance(600_000)).map((to) => [from, to] as const);
  cut(world, pairs, 'partitionOneWay');
  queue.after(prngs.faults.between(200, 4_000), () => {
    for (const [one, other] of pairs) world.network.setCut(one, other, false);
  });
}

function cut(
  world: World,
  pairs: readonly (readonly [SimNode, SimNode])[],
  kind: 'partitionFull' | 'partitionOneWay',
): void {
  for (const [from, to] of pairs) world.network.setCut(from, to, true);
  if (pairs.length > 0) world.cutKind = kind;
}

function hideDecision(world: World): void {
  const { prngs, nodes, network, queue } = world;
  const [decider, unaware] = prngs.faults.shuffled(nodes);
  if (decider === undefined || unaware === undefined) return;
  const hidden = { decider, unaware };
  network.hidden = hidden;
  queue.after(prngs.faults.between(800, 2_500), () => {
    if (network.hidden === hidden) network.hidden = null;
  });
}

/** Many precommits, fewer prevotes, and no quick way to make up for them: some decide or lock, others know nothing of it. */
function loseVotes(world: World): void {
  const { prngs, network, queue } = world;
  const voteLoss = {
    prevotePpm: prngs.faults.pick([0, 150_000, 350_000]),
    precommitPpm: prngs.faults.pick([400_000, 600_000, 850_000]),
    streamDelayMs: prngs.faults.pick([200, 700, 1_500]),
  };
  network.voteLoss = voteLoss;
  queue.after(prngs.faults.between(600, 2_500), () => {
    if (network.voteLoss === voteLoss) network.voteLoss = null;
  });
}

function clockSkew(world: World): void {
  world.counts.add('clockSkew');
  for (const node of world.nodes) {
    node.clockOffsetMs = world.prngs.faults.between(-clockOffsetMsMax, clockOffsetMsMax) >> 2;
  }
}

function clockJump(world: World): void {
  world.counts.add('clockJump');
  world.prngs.faults.pick(world.nodes).clockOffsetMs = world.prngs.faults.between(-clockOffsetMsMax, clockOffsetMsMax);
}

/** Within how many times of an operation its crash comes: a schedule has few heights before its healing. */
const withinTimes: Readonly<Record<DiskOperation, number>> = {
  signState: 6,
  walAppend: 6,
  walSync: 3,
  walTruncate: 2,
  saveBlock: 2,
  saveState: 2,
  saveApplied: 2,
  putLocal: 1,
};

function crashAtPoint(world: World): void {
  const { prngs, nodes } = world;
  const operation = prngs.faults.pick(diskOperations);
  // A node answers or scores once or twice before the healing, so whoever does so first is to crash.
  if (operation === 'putLocal') return crashAtNotes(world);
  const isTorn = operation === 'walSync' && prngs.faults.chance(400_000);
  const when = isTorn ? 'torn' : prngs.faults.pick(['before', 'after'] as const);
  prngs.faults.pick(nodes).disk.plan = { operation, when, countdown: prngs.faults.below(withinTimes[operation]) };
}

function crashAtNotes({ prngs, nodes }: World): void {
  const when = prngs.faults.pick(['before', 'after'] as const);
  for (const node of prngs.faults.shuffled(nodes).slice(0, 3))
    node.disk.plan = { operation: 'putLocal', when, countdown: 0 };
}

/**
 * Down long enough to miss several blocks, then down again when it writes them in one batch: the one crash that may come
 * after the healing, which is when most nodes catch up.
 */
function crashInCatchUp(world: World): void {
  const { prngs } = world;
  const node = prngs.faults.pick(world.nodes);
  if (node.host === null) return;
  const when = prngs.faults.pick(['before', 'after'] as const);
  world.counts.add('crash.any');
  node.crash('killed', prngs.faults.between(900, 2_000));
  node.disk.plan = { operation: 'saveApplied', when, countdown: 0 };
}

function killOne(world: World): void {
  kill(world, world.prngs.faults.pick(world.nodes));
}

function killAll(world: World): void {
  for (const node of world.nodes) kill(world, node);
}

function kill(world: World, node: SimNode): void {
  if (node.host === null) return;
  world.counts.add('crash.any');
  node.crash('killed', world.prngs.faults.between(20, 3_000));
}

function flipLogBit(world: World): void {
  const node = world.prngs.faults.pick(world.nodes);
  kill(world, node);
  if (node.host === null && node.disk.flipLogBit()) world.counts.add('bitFlipLog');
}

/** The logs of all, or of one, are gone; what the locks were is in the sign states. */
function loseLogs(world: World): void {
  const { prngs, nodes } = world;
  for (const node of prngs.faults.chance(500_000) ? nodes : [prngs.faults.pick(nodes)]) {
    kill(world, node);
    if (node.host !== null || node.disk.wholeLog.length === 0) continue;
    node.disk.wipeLog();
    world.counts.add('logLost');
  }
}

/** It can no longer be trusted: the node comes back as an observer, until its operator puts the newest copy back. */
function damageSignState(world: World): void {
  const node = world.prngs.faults.pick(world.nodes);
  kill(world, node);
  if (node.host !== null || node.disk.signState === null) return;
  node.disk.isSignStateDamaged = true;
  world.counts.add('signStateDamaged');
}

/**
 * A node that may lose its database: with the dishonest, those that do stay below a third of the power. More of them at
 * once is beyond what the protocol promises: nobody has the chain any more.
 */
function forgetfulNode(world: World): SimNode | null {
  const able = world.nodes.filter((node) => world.mayForget(node));
  if (able.length === 0) return null;
  const node = world.prngs.faults.pick(able);
  world.forgetful.add(node.memberIndex);
  return node;
}

/** Once a schedule: a network that loses its history everywhere has nowhere to get it from. */
function flipDatabaseBit(world: World): void {
  const node = forgetfulNode(world);
  if (node === null || world.nodes.some(({ disk }) => disk.mayFail)) return;
  if (node.disk.flipDatabaseBit()) world.counts.add('bitFlipDatabase');
  kill(world, node);
}

function fillDisk(world: World): void {
  const { disk } = world.prngs.faults.pick(world.nodes);
  disk.mayFail = true;
  disk.isFull = true;
  world.queue.after(world.prngs.faults.between(300, 2_500), () => {
    disk.isFull = false;
  });
}

function slowDisk(world: World): void {
  const { disk } = world.prngs.faults.pick(world.nodes);
  disk.slowMs = world.prngs.faults.between(20, 400);
}

function stopWorker(world: World): void {
  world.prngs.faults.pick(world.nodes).workerIsDown = true;
}
