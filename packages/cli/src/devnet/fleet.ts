/**
 * The nodes of a running devnet as processes: starting, stopping, pausing, resuming and killing them. Owns which of them run; what they
 * suffer beyond that is disturbances.ts's, and what a person hears of it the supervisor's.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SynodError } from '@synod/chain';
import { directoryHolder } from '@synod/node/lock';
import { nearest } from '../settings/nearest.ts';
import { SYNOD } from '../terminal/command-name.ts';
import type { NodePlace } from './layout.ts';
import { type NodeProcess, spawnNode } from './node-process.ts';
import type { PreparedNode } from './prepare.ts';
import { countAnswering, waitUntil } from './readiness.ts';

const limits = {
  stopGraceMs: 10_000,
  startMs: 60_000,
  /** For nodes that a killed supervisor left behind. */
  leftoverMs: 10_000,
  leftoverPollMs: 50,
} as const;

export type NodeState = 'running' | 'paused' | 'down';

export type StartedNode = { readonly node: string; readonly pid: number };

export type FleetHooks = {
  /** Called when a node ends that nobody stopped. */
  readonly onExit: (node: NodeProcess, reason: string) => void;
};

export class Fleet {
  readonly nodes: readonly PreparedNode[];
  readonly #hooks: FleetHooks;
  readonly #processes = new Map<string, NodeProcess>();
  readonly #paused = new Set<string>();
  /** Ends what waits for a node when the devnet ends. */
  readonly #end = new AbortController();
  #isStopping = false;

  constructor(nodes: readonly PreparedNode[], hooks: FleetHooks) {
    this.nodes = nodes;
    this.#hooks = hooks;
  }

  /** The node of that name. Throws `NOT_FOUND` with the nearest one. */
  require(name: string): PreparedNode {
    const node = this.nodes.find(({ place }) => place.name === name);
    if (node !== undefined) return node;
    const names = this.nodes.map(({ place }) => place.name);
    const near = nearest(name, names);
    const hint = near === null ? `This devnet has ${names.join(', ')}.` : `Did you mean ${near}?`;
    throw new SynodError('NOT_FOUND', `There is no node "${name}". ${hint}`, { facts: { node: name } });
  }

  state(name: string): NodeState {
    if (this.pid(name) === null) return 'down';
    return this.#paused.has(name) ? 'paused' : 'running';
  }

  /** Null while it is down. */
  pid(name: string): number | null {
    const process = this.#processes.get(name);
    return process?.exitReason() === null ? process.pid : null;
  }

  alive(): NodeProcess[] {
    return [...this.#processes.values()].filter((node) => node.exitReason() === null);
  }

  /** Those that could answer. */
  running(): NodeProcess[] {
    return this.alive().filter(({ place }) => !this.#paused.has(place.name));
  }

  async spawnAll(): Promise<readonly NodeProcess[]> {
    this.#isStopping = false;
    for (const { place } of this.nodes) await this.#spawn(place);
    return this.alive();
  }

  /** Starts a node that is down and waits until it serves. Throws `NOT_FOUND`, `NODE_RUNNING` or `DEVNET_NOT_READY`. */
  async start(name: string): Promise<StartedNode> {
    const { place } = this.require(name);
    const state = this.state(name);
    if (state === 'paused')
      throw nodeState('NODE_PAUSED', `${name} is paused, not down. Resume it:  ${SYNOD} devnet resume ${name}`, name);
    if (state === 'running')
      throw nodeState('NODE_RUNNING', `${name} runs already (process ${this.pid(name)}). Nothing was changed.`, name);
    const started = await this.#spawn(place);
    const deadlineMs = performance.now() + limits.startMs;
    const wait = { what: `starting ${name}`, deadlineMs, signal: this.#end.signal };
    await waitUntil([started], wait, async () => (await countAnswering([started], '/livez')) === 1);
    return { node: name, pid: started.pid };
  }

  /** SIGSTOP: the process is there and does nothing. Throws `NODE_DOWN` or `NODE_PAUSED`. */
  pause(name: string): void {
    this.#requireUp(name);
    if (this.state(name) === 'paused')
      throw nodeState('NODE_PAUSED', `${name} is paused already. Resume it:  ${SYNOD} devnet resume ${name}`, name);
    this.#paused.add(name);
    this.#processes.get(name)?.kill('SIGSTOP');
  }

  /** SIGCONT. Throws `NODE_DOWN` or `NODE_RUNNING`. */
  resume(name: string): void {
    this.#requireUp(name);
    if (this.state(name) === 'running')
      throw nodeState('NODE_RUNNING', `${name} is not paused. Nothing was changed.`, name);
    this.#paused.delete(name);
    this.#processes.get(name)?.kill('SIGCONT');
  }

  /** SIGKILL; resolves when the process is gone. Throws `NODE_DOWN`. */
  async kill(name: string): Promise<void> {
    this.#requireUp(name);
    const process = this.#processes.get(name);
    this.#processes.delete(name);
    this.#paused.delete(name);
    process?.kill('SIGKILL');
    await process?.exited;
  }

  /** SIGTERM to all, then SIGKILL to those still there after the grace period. Paused ones are resumed first, or could not end. */
  async stopAll(): Promise<void> {
    this.#isStopping = true;
    const alive = this.alive();
    for (const node of alive) {
      node.kill('SIGCONT');
      node.kill('SIGTERM');
    }
    this.#paused.clear();
    const timer = setTimeout(() => this.killAll(), limits.stopGraceMs);
    await Promise.all(alive.map(({ exited }) => exited));
    clearTimeout(timer);
  }

  /** Given when the devnet ends. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  /** Nothing is started any more. */
  end(): void {
    this.#end.abort();
  }

  killAll(): void {
    for (const node of this.alive()) node.kill('SIGKILL');
  }

  #requireUp(name: string): void {
    this.require(name);
    if (this.state(name) === 'down')
      throw nodeState('NODE_DOWN', `${name} is down. Start it:  ${SYNOD} devnet start ${name}`, name);
  }

  async #spawn(place: NodePlace): Promise<NodeProcess> {
    const node = await spawnNode(place, ['--fault-port']);
    this.#processes.set(place.name, node);
    this.#paused.delete(place.name);
    void node.exited.then((reason) => {
      // Killed on purpose it is no longer in the table.
      if (!this.#isStopping && this.#processes.get(place.name) === node) this.#hooks.onExit(node, reason);
    });
    return node;
  }
}

/**
 * Waits for nodes that a supervisor left when it was killed: they end by themselves once they notice, and one that was paused
 * is woken up for it. After a while the start goes on and says itself what is in the way.
 */
export async function awaitLeftovers(places: readonly NodePlace[]): Promise<void> {
  const endMs = performance.now() + limits.leftoverMs;
  for (const { home } of places) {
    const holder = directoryHolder(home);
    if (holder !== null) wake(holder);
    while (directoryHolder(home) !== null && performance.now() < endMs) await delay(limits.leftoverPollMs);
  }
}

function wake(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // It ended in the meantime, which is what was wanted.
  }
}

function nodeState(code: string, message: string, node: string): SynodError {
  return new SynodError(code, message, { facts: { node } });
}
