/**
 * Directed schedules made of faults and of who hears what: what four validators must get through. Owns the
 * faults and, where it says so, what must have happened by then; which seed gets which is directed.ts.
 */
import { rotate } from './governance.ts';
import { type LockPlan, LockScript } from './lock-script.ts';
import { aboutOf, DelayScript, directKinds, type Message, type Script, turnOf } from './scripts.ts';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

/** The height at which most of these begin. */
const scriptedHeight = 3;

export function armLocks(plan: LockPlan): (world: World) => void {
  return (world) => {
    world.attacks.script = new LockScript(world, scriptedHeight, plan);
  };
}

/**
 * The timeouts of a round must not act in the next (L57, L61). Proposals of later rounds come late; and one node enters round 1
 * with a prevote timeout of round 0 under way.
 */
export function armOldTimeouts(world: World): void {
  const delay = (
    { kind, height, round }: { kind: string; height: number; round: number },
    from: SimNode,
    to: SimNode,
  ) => {
    if (height % 3 !== 0) return kind === 'proposal' && round > 0 ? 300 : 0;
    const [by, at] = [turnOf(world, height, from), turnOf(world, height, to)];
    if (kind === 'proposal') return round === 0 ? null : 0;
    if (at !== 3) return 0;
    // Else it decides by what the others precommit, before its old timeout is over.
    if (kind === 'precommit') return round === 0 ? 0 : 300;
    return round === 0 ? (by === 2 ? null : 100) : 200;
  };
  world.attacks.script = new DelayScript(
    world,
    delay,
    (kind) => kind === directKinds.vote || kind === directKinds.proposal || kind === directKinds.blocks,
  );
}

/** One is down, another's proposals come and go by its peers' streams only: the chain must grow all the same. */
export function armMissedProposals(world: World): void {
  const [deaf, down] = world.nodes;
  if (deaf === undefined || down === undefined) return;
  world.attacks.script = new DelayScript(world, ({ kind }, from, to) =>
    kind === 'proposal' && (from === deaf || to === deaf) ? null : 0,
  );
  world.queue.after(600, () => {
    world.counts.add('crash.any');
    down.crash('killed', 60_000);
    mustGrow(world, { heights: 2, withinMs: 16_000, what: 'one down, one without gossip of proposals' });
  });
}

/** More than twice the rounds that votes are kept of: what led there, nobody has any more. */
const farMs = 230_000;

/** Three go through more rounds than anybody keeps votes ahead for; then one of them dies and the fourth must join the others. */
export function armFarBehind(world: World): void {
  const [behind, down] = world.nodes;
  if (behind === undefined || down === undefined) return;
  let isFar = false;
  const delay = ({ kind, height }: { kind: string; height: number }, from: SimNode, to: SimNode) => {
    if (isFar || height < scriptedHeight) return 0;
    return kind === 'proposal' || from === behind || to === behind ? null : 0;
  };
  world.attacks.script = new DelayScript(world, delay, (kind) => {
    const isHeld = !isFar && world.checker.height === scriptedHeight - 1;
    return isHeld && (kind === directKinds.proposal || kind === directKinds.vote || kind === directKinds.status);
  });
  world.queue.after(farMs, () => {
    isFar = true;
    world.counts.add('crash.any');
    down.crash('killed', 90_000);
    mustGrow(world, { heights: 1, withinMs: 60_000, what: 'one far behind is needed' });
  });
}

/** The extension that nobody signed comes before everybody else's precommits, so that it is among those that decide. */
export function armUnsignedExtensions(world: World, attacker: SimNode): void {
  world.attacks.begin(attacker, 'unsignedExtension');
  world.attacks.script = new DelayScript(world, ({ kind }, from) =>
    kind === 'precommit' && from !== attacker ? 20 : 0,
  );
}

/** One decides a height late, when the votes of the next are there already and nobody sends them again. */
export class LateDecider implements Script {
  readonly #world: World;
  readonly #late: SimNode;
  readonly #ahead = new Set<SimNode>();
  #held: (() => void)[] = [];
  #isOver = false;

  constructor(world: World, late: SimNode) {
    this.#world = world;
    this.#late = late;
  }

  holds(from: SimNode, to: SimNode, message: Message): boolean {
    const about = this.#isOver || this.#world.isHealed || to !== this.#late ? null : aboutOf(message);
    if (about?.kind !== 'precommit') return false;
    if (about.height === scriptedHeight + 1) this.#onAhead(from);
    if (about.height !== scriptedHeight || this.#ahead.size >= 3) return false;
    this.#held.push(() => this.#world.network.gossip(from, to, message));
    this.#world.counts.add('competingLocks');
    return true;
  }

  holdsDirect(_bytes: Uint8Array, _from: SimNode, to: SimNode): boolean {
    return (
      !this.#isOver && !this.#world.isHealed && to === this.#late && this.#world.checker.height >= scriptedHeight - 1
    );
  }

  #onAhead(from: SimNode): void {
    this.#ahead.add(from);
    if (this.#ahead.size !== 3) return;
    const { queue, checker } = this.#world;
    queue.after(20, () => {
      for (const release of this.#held) release();
    });
    queue.after(120, () => {
      this.#isOver = true;
      const { height, peerId } = this.#late;
      if (height < scriptedHeight + 1)
        checker.fail('liveness', `${peerId} is at ${height} and has dropped what came early`);
    });
  }
}

/** A node gets back an older copy of its sign state: it must notice and observe. */
export function armOldSignState(world: World): void {
  const [node] = world.nodes;
  if (node === undefined) return;
  const { queue, counts, checker } = world;
  let old = node.disk.signState;
  let { keys } = node;
  queue.after(500, () => {
    old = node.disk.signState;
    keys = node.keys;
  });
  queue.after(1_600, () => {
    // A key taken meanwhile has a sign state of its own, and too few signatures in the chain to tell that one is older.
    if (node.keys !== keys) return;
    const newest = node.disk.signState;
    node.crash('killed', 20);
    counts.add('signStateOld');
    counts.add('crash.any');
    node.disk.signState = old;
    queue.after(60, () => {
      if (node.host !== null && node.host.observerReason === null)
        checker.fail('durability', `${node.peerId} signs from an older copy of its sign state`);
      node.crash('repaired by its operator', 20);
      node.disk.signState = newest;
    });
  });
}

/** How often a node is looked at until it has signed. */
const signedMs = 2;

/**
 * A node's sign state is damaged before any block carries its signature, so that no block tells what it signed: it must
 * observe until its operator puts the newest copy back.
 */
export function armDamagedSignState(world: World): void {
  const [node] = world.nodes;
  if (node === undefined) return;
  const { queue, counts, checker } = world;
  const damage = (): void => {
    if (node.height > 0 || world.isHealed) return;
    const { signState } = node.disk;
    if (signState === null || signState.step === 'propose') return queue.after(signedMs, damage);
    counts.add('signStateDamaged');
    counts.add('crash.any');
    node.crash('killed', 20);
    node.disk.isSignStateDamaged = true;
    queue.after(60, () => {
      if (node.host !== null && node.host.observerReason === null)
        checker.fail('durability', `${node.peerId} signs without its sign state`);
    });
  };
  queue.after(0, damage);
}

/** Bits flipped at most until one is in the middle of the log; a bad record at its end is only cut off. */
const flipsMax = 20;

/** Enough that there is a middle. */
const recordsMin = 6;

/** What a node knew of the height in progress is uncertain once its log is damaged in the middle: it must observe. */
export function armDamagedLog(world: World): void {
  const [node] = world.nodes;
  if (node === undefined) return;
  const { queue, counts, checker } = world;
  const damage = (): void => {
    if (world.isHealed) return;
    if (node.disk.wholeLog.length < recordsMin) return queue.after(signedMs, damage);
    node.crash('killed', 20);
    counts.add('crash.any');
    for (let flips = 0; flips < flipsMax && node.disk.log.damage === null; flips++)
      if (node.disk.flipLogBit()) counts.add('bitFlipLog');
    queue.after(60, () => {
      if (node.disk.log.damage !== null && node.host !== null && node.host.observerReason === null)
        checker.fail('durability', `${node.peerId} signs with a damaged log`);
    });
  };
  queue.after(600, damage);
}

/** Two heights and more. */
const oldKeysMs = 900;

/** A node runs on with the keys that its operator gave up: from the height on that names its new ones, it must not vote. */
export function armKeysGivenUp(world: World): void {
  const [node] = world.nodes;
  if (node === undefined) return;
  node.keepsKeysMs = oldKeysMs;
  world.queue.after(600, () => rotate(world, node));
}

/** How often growth is looked for. */
const lookMs = 200;

/** The schedule may heal as soon as the chain has grown; it fails when that takes too long. */
export function mustGrow(world: World, demand: { heights: number; withinMs: number; what: string }): void {
  const { checker, queue, attacks } = world;
  const height = checker.height;
  const endMs = world.elapsedMs + demand.withinMs;
  const look = (): void => {
    attacks.isOver = checker.height >= height + demand.heights;
    if (attacks.isOver || world.isHealed) return;
    if (world.elapsedMs < endMs) return queue.after(lookMs, look);
    checker.fail('liveness', `${demand.what}: height ${checker.height} after ${demand.withinMs} ms, was ${height}`);
  };
  look();
}
