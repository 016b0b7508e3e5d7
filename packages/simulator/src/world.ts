/**
 * One simulated network: its nodes, clock, network, attackers and checker, and the customer who keeps it busy.
 * Owns putting them together and the healing; which faults come is faults.ts, when a schedule is over is schedule.ts.
 */
import {
  encodeTransaction,
  type Hash,
  type Payload,
  type TransactionBody,
  taggedHashBytes,
  transactionId,
  transactionSignBytes,
} from '@synod/chain';
import { chainExecution, type Execution, type HostEvent } from '@synod/node/host';
import { Attacks } from './attacks.ts';
import { type Cast, castOf, startMs } from './cast.ts';
import { Checker } from './checker.ts';
import { EventQueue } from './event-queue.ts';
import { FaultCounts } from './fault-counts.ts';
import type { KeyPair, Tier } from './keys.ts';
import { talk } from './market-life.ts';
import { SimNetwork } from './network.ts';
import { Prng } from './prng.ts';
import { replayProblem } from './replay-check.ts';
import { sharedExecution } from './shared-execution.ts';
import { SimNode } from './sim-node.ts';
import { Trace } from './trace.ts';

export type WorldOptions = {
  readonly seed: number;
  readonly validators: number;
  readonly isUneven: boolean;
  /** One attack throughout, with its attacker in the set until the end. */
  readonly isDirected: boolean;
  readonly tier: Tier;
  /** Validators that are not honest, and which of them run twice. */
  readonly dishonest: readonly number[];
  readonly twins: readonly number[];
  readonly keepsTrace: boolean;
  /** Blocks are judged and executed once for all nodes; else an honest one does it by itself, and once is for the others. */
  readonly sharesExecution: boolean;
};

type AppliedEvent = Extract<HostEvent, { kind: 'blockApplied' }>;

export class World {
  readonly cast: Cast;
  readonly tier: Tier;
  readonly queue = new EventQueue(startMs);
  readonly counts = new FaultCounts();
  readonly trace: Trace;
  readonly prngs: Readonly<Record<'network' | 'faults' | 'disk' | 'workload' | 'market' | 'stake' | 'attacks', Prng>>;
  readonly checker: Checker;
  readonly attacks: Attacks;
  readonly nodes: readonly SimNode[];
  /** Those whose promises are checked; who they are never changes. */
  readonly honest: readonly SimNode[];
  readonly network: SimNetwork;
  readonly isDirected: boolean;
  /** Rounds in which blocks were decided, by height, as honest nodes saw them. */
  readonly decidedRounds = new Map<number, number>();
  /** Members whose disk loses what it had kept; with the dishonest they hold less than a third. */
  readonly forgetful = new Set<number>();
  isHealed = false;
  cutKind: 'partitionFull' | 'partitionOneWay' = 'partitionFull';
  readonly #shared = sharedExecution();
  /** Executes every block by itself, where execution is not shared by all: with the checker and the others, three times a block. */
  readonly #alone: SimNode | null;
  /** Heights from which another set decides. */
  readonly #newSets = new Set<number>();
  #transactions = 0;

  constructor(options: WorldOptions) {
    const { seed } = options;
    this.cast = castOf(options.validators, options.isUneven);
    this.tier = options.tier;
    this.isDirected = options.isDirected;
    this.trace = new Trace({ keeps: options.keepsTrace });
    this.prngs = {
      network: new Prng(seed, 'network'),
      faults: new Prng(seed, 'faults'),
      disk: new Prng(seed, 'disk'),
      workload: new Prng(seed, 'workload'),
      market: new Prng(seed, 'market'),
      stake: new Prng(seed, 'stake'),
      attacks: new Prng(seed, 'attacks'),
    };
    this.checker = new Checker(this);
    this.attacks = new Attacks(this);
    this.nodes = this.#createNodes(options);
    this.honest = this.nodes.filter(({ isHonest }) => isHonest);
    this.#alone = options.sharesExecution ? null : new Prng(seed, 'execution').pick(this.honest);
    this.network = new SimNetwork(this, this.nodes);
  }

  /** What the node judges and executes blocks with: its own, or what it shares with others. */
  executionOf(node: SimNode): Execution {
    return node === this.#alone ? chainExecution : this.#shared;
  }

  get elapsedMs(): number {
    return this.queue.nowMs - startMs;
  }

  hasTwin(node: SimNode): boolean {
    return this.nodes.some((other) => other !== node && other.memberIndex === node.memberIndex);
  }

  /** True when one more node may lose durable data without exceeding what the protocol tolerates. */
  mayForget(node: SimNode): boolean {
    const faulty = new Set([...this.forgetful, node.memberIndex]);
    for (const other of this.nodes) if (!other.isHonest) faulty.add(other.memberIndex);
    const power = this.cast.members.reduce((sum, member, index) => (faulty.has(index) ? sum + member.power : sum), 0n);
    return 3n * power < this.cast.totalPower;
  }

  start(): void {
    for (const node of this.nodes) node.boot();
    for (const one of this.nodes)
      for (const other of this.nodes) if (one.index < other.index) this.network.connect(one, other);
  }

  /** Starts a node again once its time has come; after the healing its operator first moves a damaged log away. */
  restart(node: SimNode): void {
    if (node.host !== null || node.downUntilMs === null || node.downUntilMs > this.queue.nowMs) return;
    this.note(node, 'boot');
    if (this.isHealed && node.disk.log.damage !== null) node.disk.wipeLog();
    if (this.isHealed) node.disk.isSignStateDamaged = false;
    node.boot();
    if (node.host !== null) this.network.onUp(node);
  }

  /** Ends every fault but a crash in catching up: links, clocks, disks, attackers; what is down comes up, what observes for safety is repaired. */
  heal(): void {
    this.isHealed = true;
    this.trace.add(`${this.elapsedMs} heal`);
    this.attacks.end();
    for (const node of this.nodes) {
      Object.assign(node, { clockOffsetMs: 0, workerIsDown: false });
      const plan = node.disk.plan?.operation === 'saveApplied' ? node.disk.plan : null;
      Object.assign(node.disk, { plan, isFull: false, slowMs: 0 });
      if (node.host !== null && node.host.observerReason !== null) this.#repair(node);
      if (node.host === null) {
        node.downUntilMs = this.queue.nowMs;
        this.restart(node);
      }
    }
    this.network.heal();
  }

  /** Compares the replayed log of one honest node, drawn by chance, with its state. */
  checkReplay(): void {
    const node = this.prngs.workload.pick(this.honest);
    this.checker.onPause(node);
    const problem = replayProblem(node);
    if (problem !== null) this.checker.fail('replay', `${node.peerId} ${problem}`);
  }

  /** Signs a payload as the customer, or somebody else, and gives it to one running node; now and then to another one again. */
  submit(payload: Payload, sender: KeyPair = this.cast.customer): Hash {
    const { identity } = this.cast;
    const body: TransactionBody = {
      chainId: identity.chainId,
      sender: sender.publicKey,
      salt: taggedHashBytes('simulator/salt', Buffer.from(`${this.#transactions++}`)).subarray(0, 16),
      validUntil: Math.max(...this.nodes.map(({ height }) => height)) + 60,
      maxBaseFeePerByte: 1_000n,
      tip: BigInt(this.prngs.workload.below(5)),
      payload,
    };
    const bytes = encodeTransaction({ body, signature: this.tier.sign(sender, transactionSignBytes(body)) });
    this.#give(bytes, payload.type);
    const { market } = this.prngs;
    if (market.chance(200_000)) this.queue.after(market.between(1, 4_000), () => this.#give(bytes, payload.type));
    return transactionId(body);
  }

  #give(bytes: Uint8Array, name: string): void {
    const running = this.nodes.filter(({ host }) => host !== null);
    if (running.length === 0) return;
    const node = this.prngs.workload.pick(running);
    node.guard(() => this.note(node, `submit ${name} ${node.host?.submitTransaction(bytes)?.kind}`));
  }

  onApplied(node: SimNode, event: AppliedEvent): void {
    if (!node.isHonest || this.decidedRounds.has(event.height)) return;
    this.decidedRounds.set(event.height, event.round);
    if (event.events.some(({ type }) => type === 'params.decided')) this.counts.add('paramsVote');
    for (const change of event.events) if (change.type === 'query.settled') talk(this, change.receipt);
    for (const change of event.events) if (change.type === 'validators.changed') this.#newSets.add(change.from);
    if (this.#newSets.has(event.height) && (event.round > 0 || this.#isTroubled())) this.counts.add('validatorChange');
  }

  /** True while something is wrong that is seen from outside: a bad network, a node down, a disk or clock that is off. */
  #isTroubled(): boolean {
    const { network } = this;
    const isOff = ({ host, disk, clockOffsetMs }: SimNode) =>
      host === null || disk.isFull || disk.slowMs > 0 || clockOffsetMs !== 0;
    return !this.isHealed && (network.isTroubled || this.nodes.some(isOff));
  }

  onCut(): void {
    this.counts.add(this.cutKind);
  }

  note(node: SimNode, text: string): void {
    this.trace.add(`${this.elapsedMs} ${node.peerId} ${text}`);
  }

  noteMessage(from: SimNode, to: SimNode, text: string): void {
    this.trace.add(`${this.elapsedMs} ${from.index}>${to.index} ${text}`);
  }

  /** The operator's remedies: a log that cannot be trusted is moved away, the newest copy of the sign state put back. */
  #repair(node: SimNode): void {
    node.crash('repaired by its operator', 0);
    node.disk.isSignStateDamaged = false;
    if (node.disk.log.damage !== null) node.disk.wipeLog();
  }

  #createNodes({ validators, dishonest, twins }: WorldOptions): SimNode[] {
    const names = Array.from({ length: validators }, (_, index) => ({ memberIndex: index, peerId: `node-${index}` }));
    const doubles = twins.map((memberIndex) => ({ memberIndex, peerId: `twin-${memberIndex}` }));
    return [...names, ...doubles].map((place, index) => {
      const node = new SimNode(this, { ...place, index });
      node.isHonest = !dishonest.includes(place.memberIndex);
      return node;
    });
  }
}
