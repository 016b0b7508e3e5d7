/**
 * The real processes of a chaos run: starting, killing, stopping and resuming them, their fault ports, and the newest head that
 * each node tells. Owns the processes; which of them suffers what is inflict.ts's.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SynodError } from '@synod/chain';
import { type FaultSettings, NO_FAULTS } from '@synod/node/faults';
import { rpcUrlOf } from '../devnet/layout.ts';
import { logTail, type NodeProcess, spawnNode } from '../devnet/node-process.ts';
import type { PreparedNode } from '../devnet/prepare.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { setFaults } from './fault-port.ts';
import type { NodeNetwork } from './namespaces.ts';

const limits = {
  /** Between two looks at a node's head. */
  pollMs: 40,
  pollTimeoutMs: 1_000,
  waitPollMs: 10,
  stopGraceMs: 10_000,
} as const;

export type Head = { readonly height: number; readonly seenAtMs: number };

export type ClusterNode = {
  readonly index: number;
  readonly name: string;
  readonly home: string;
  readonly peerId: string;
  readonly url: string;
  readonly log: string;
};

export class Cluster {
  readonly nodes: readonly ClusterNode[];
  readonly #prepared: readonly PreparedNode[];
  readonly #network: NodeNetwork | null;
  readonly #processes: (NodeProcess | null)[];
  readonly #clients: readonly NodeClient[];
  readonly #paused = new Set<number>();
  /** Null while the node does not answer. */
  readonly #heads: (Head | null)[];
  readonly #end = new AbortController();
  #unexpectedEnd: SynodError | null = null;
  #highest = 0;

  /** Without a network of their own the nodes cut one another off by themselves, as their fault ports tell them. */
  constructor(prepared: readonly PreparedNode[], network: NodeNetwork | null) {
    this.#prepared = prepared;
    this.#network = network;
    this.nodes = prepared.map(({ place, p2p }, index) => {
      const { name, home, log } = place;
      return { index, name, home, log, url: rpcUrlOf(place), peerId: p2p.slice(p2p.lastIndexOf('/') + 1) };
    });
    this.#processes = prepared.map(() => null);
    this.#heads = prepared.map(() => null);
    this.#clients = this.nodes.map(({ url }) => createNodeClient(url, limits.pollTimeoutMs));
    process.once('exit', () => this.killAll());
  }

  /** Watches every node's head until the cluster is stopped. */
  watch(): void {
    for (const { index } of this.nodes) void this.#follow(index);
  }

  async start(index: number): Promise<void> {
    const address = this.#network === null ? [] : [this.#network.addressOf(index)];
    const node = await spawnNode(this.#prepared[index]!.place, ['--fault-port', ...address]);
    this.#processes[index] = node;
    void node.exited.then((reason) => {
      if (this.#processes[index] !== node) return;
      const { name, log } = this.nodes[index]!;
      const tail = logTail(log).join('\n');
      this.#unexpectedEnd ??= new SynodError(
        'NODE_ENDED',
        `${name} ${reason}, which nobody asked for. Its log ends with:\n${tail}`,
      );
    });
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(index: number): Promise<void> {
    const node = this.#processes[index] ?? null;
    this.#processes[index] = null;
    this.#paused.delete(index);
    this.#heads[index] = null;
    node?.kill('SIGKILL');
    await node?.exited;
  }

  /** SIGSTOP. */
  pause(index: number): void {
    this.#paused.add(index);
    this.#heads[index] = null;
    this.#processes[index]?.kill('SIGSTOP');
  }

  /** SIGCONT. */
  resume(index: number): void {
    this.#paused.delete(index);
    this.#processes[index]?.kill('SIGCONT');
  }

  /** Through the node's fault port. */
  async set(index: number, settings: Partial<FaultSettings>): Promise<void> {
    await setFaults(this.nodes[index]!.home, { ...NO_FAULTS, ...settings });
  }

  /** Nothing passes between the nodes named and the others, in either direction. */
  async cut(nodes: readonly number[]): Promise<void> {
    if (this.#network !== null) return await this.#network.cut(nodes);
    const isInside = (index: number) => nodes.includes(index);
    await Promise.all(
      this.nodes.map(({ index }) => {
        const others = this.nodes.filter((other) => isInside(other.index) !== isInside(index));
        return this.set(index, { blockedPeers: others.map(({ peerId }) => peerId) });
      }),
    );
  }

  /** No cut, no delay, true clocks. Every node has to run. */
  async heal(): Promise<void> {
    await this.#network?.heal();
    await Promise.all(this.nodes.map(({ index }) => this.set(index, {})));
  }

  isRunning(index: number): boolean {
    return this.#processes[index] !== null;
  }

  isPaused(index: number): boolean {
    return this.#paused.has(index);
  }

  head(index: number): Head | null {
    return this.#heads[index] ?? null;
  }

  /** Highest head that any node ever told; 0 before the first. */
  highest(): number {
    return this.#highest;
  }

  /** Polls what was seen until the condition holds: true, or false when the time is up. Throws when a node ended by itself. */
  async until(timeoutMs: number, isReached: () => boolean): Promise<boolean> {
    const endMs = performance.now() + timeoutMs;
    while (!isReached()) {
      this.requireWell();
      if (performance.now() > endMs) return false;
      await delay(limits.waitPollMs);
    }
    return true;
  }

  /** Throws `NODE_ENDED` once a node ended that nobody killed. */
  requireWell(): void {
    if (this.#unexpectedEnd !== null) throw this.#unexpectedEnd;
  }

  /** Resumes, then SIGTERM to all, so that the databases are closed; SIGKILL after the grace period. */
  async stop(): Promise<void> {
    this.#end.abort();
    const running = this.#processes.flatMap((node, index) => (node === null ? [] : [{ node, index }]));
    for (const { node, index } of running) {
      this.#processes[index] = null;
      this.resume(index);
      node.kill('SIGCONT');
      node.kill('SIGTERM');
    }
    const timer = setTimeout(() => {
      for (const { node } of running) node.kill('SIGKILL');
    }, limits.stopGraceMs);
    await Promise.all(running.map(({ node }) => node.exited));
    clearTimeout(timer);
  }

  killAll(): void {
    for (const node of this.#processes) node?.kill('SIGKILL');
  }

  async #follow(index: number): Promise<void> {
    const client = this.#clients[index]!;
    while (!this.#end.signal.aborted) {
      if (this.isRunning(index) && !this.#paused.has(index)) await this.#look(index, client);
      await delay(limits.pollMs);
    }
  }

  async #look(index: number, client: NodeClient): Promise<void> {
    const process = this.#processes[index];
    const height = await client.call('chain_getHead').then(
      (head) => Number(head.height),
      // Down, starting or stopped: what it does not tell is what is seen.
      () => null,
    );
    if (this.#processes[index] !== process || this.#paused.has(index)) return;
    this.#heads[index] = height === null ? null : { height, seenAtMs: performance.now() };
    this.#highest = Math.max(this.#highest, height ?? 0);
  }
}
