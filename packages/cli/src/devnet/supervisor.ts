/**
 * Runs a devnet: prepares it, starts its nodes, waits until it is ready, watches over it, and ends it. Owns the nodes'
 * processes; everything it has to say goes through `report`.
 */

import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { SynodError } from '@synod/chain';
import { lockHolder, takeLockFile } from '@synod/node/lock';
import { makeDirectory } from '@synod/node/make-directory';
import { displayPath, type Environment } from '../settings/paths.ts';
import { type StartedNode, serveControl } from './control.ts';
import type { Report } from './events.ts';
import { watchHealth } from './health.ts';
import { type Layout, layoutOf, type NodePlace } from './layout.ts';
import { type NodeProcess, spawnNode } from './node-process.ts';
import type { DevnetOptions } from './options.ts';
import { type PreparedDevnet, prepareDevnet } from './prepare.ts';
import { countAnswering, finalizedHeight, waitUntil, workersReady } from './readiness.ts';
import { devnetRecord, removeDevnetRecord, writeDevnetRecord } from './record.ts';

const STOP_GRACE_MS = 10_000;
const RESTART_TIMEOUT_MS = 60_000;

export type Supervision = {
  readonly options: DevnetOptions;
  readonly environment: Environment;
  readonly report: Report;
  /** Ends the devnet gracefully. */
  readonly signal: AbortSignal;
};

/** Resolves when the devnet has ended because `signal` asked for it; throws when it could not start. */
export async function superviseDevnet(supervision: Supervision): Promise<void> {
  const { options, report, signal } = supervision;
  const layout = layoutOf(options.directory);
  const isNew = !existsSync(layout.directory);
  const release = lockDirectory(layout);
  try {
    removeDevnetRecord(layout);
    const prepared = await prepareDevnet({ ...supervision, layout });
    const devnet = new RunningDevnet(layout, prepared, report);
    process.once('exit', () => devnet.killAll());
    try {
      await devnet.start({ timeoutMs: options.readyTimeoutMs, signal });
      await devnet.watchUntil(signal);
      report({ kind: 'stopping' });
    } finally {
      await devnet.stop();
    }
    report({ kind: 'stopped', dataDir: layout.directory });
  } catch (error) {
    if (!signal.aborted) throw error;
    // Asked to end while starting: what was interrupted is no failure.
    report({ kind: 'stopped', dataDir: layout.directory });
  } finally {
    release();
    if (isNew) removeIfEmpty(layout.directory);
  }
}

/** A start that failed before it wrote anything leaves no folder behind. */
function removeIfEmpty(directory: string): void {
  if (readdirSync(directory).length === 0) rmdirSync(directory);
}

/** Throws `DEVNET_RUNNING` naming the process that has the folder. */
export function lockDirectory(layout: Layout): () => void {
  makeDirectory(layout.directory);
  const lock = takeLockFile(layout.lock);
  if ('release' in lock) return lock.release;
  throw devnetRunning(layout, lock.holderPid);
}

export function devnetRunning(layout: Layout, pid: number | null): SynodError {
  return new SynodError(
    'DEVNET_RUNNING',
    `A devnet runs already on ${displayPath(layout.directory)} (process ${pid ?? 'unknown'}). Stop it with "synod devnet stop", or choose another --data-dir and --port-base.`,
    { facts: { pid, directory: layout.directory } },
  );
}

/** Pid of the devnet that runs on the folder, or null. */
export function runningDevnet(layout: Layout): number | null {
  return lockHolder(layout.lock);
}

class RunningDevnet {
  readonly #layout: Layout;
  readonly #prepared: PreparedDevnet;
  readonly #report: Report;
  readonly #processes = new Map<string, NodeProcess>();
  #ready = false;
  #stopping = false;
  /** Ends what waits for a node when the devnet ends. */
  readonly #end = new AbortController();
  #closeControl: () => void = () => {};

  constructor(layout: Layout, prepared: PreparedDevnet, report: Report) {
    this.#layout = layout;
    this.#prepared = prepared;
    this.#report = report;
  }

  async start(limits: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<void> {
    const total = this.#prepared.nodes.length;
    const deadlineMs = performance.now() + limits.timeoutMs;
    for (const { place } of this.#prepared.nodes) await this.#spawn(place);
    const nodes = this.#alive();
    const phase = async (
      name: 'validators' | 'experts' | 'services' | 'finalized',
      what: string,
      detail: () => string,
      isReached: () => Promise<boolean>,
    ) => {
      const startedAt = performance.now();
      await waitUntil(nodes, { what, deadlineMs, signal: limits.signal }, isReached);
      this.#report({ kind: 'phase', phase: name, detail: detail(), elapsedMs: performance.now() - startedAt });
    };
    const names = nodes.map(({ place }) => place.name).join(' ');
    await phase(
      'validators',
      'starting the validators',
      () => `${names}   ${total}/${total} up`,
      async () => {
        const up = await countAnswering(nodes, '/livez');
        this.#report({ kind: 'progress', phase: 'validators', detail: `${up}/${total} up` });
        return up === total;
      },
    );
    const first = await finalizedHeight(nodes[0]!);
    await phase(
      'experts',
      'loading the model',
      () => this.#expertNames(),
      () => workersReady(nodes),
    );
    await phase(
      'services',
      'the nodes becoming ready',
      () => 'rpc · ws · openai · metrics',
      async () => (await countAnswering(nodes, '/readyz')) === total,
    );
    let height: number | null = null;
    await phase(
      'finalized',
      'finalizing a block',
      () => `block ${height}`,
      async () => {
        height = await finalizedHeight(nodes[0]!);
        return height !== null && height > (first ?? 0);
      },
    );
    this.#closeControl = await serveControl(this.#layout, (name) => this.restart(name));
    this.#ready = true;
    this.#writeRecord();
    this.#report({ kind: 'ready', record: this.#record(), elapsedMs: performance.now() });
  }

  async watchUntil(signal: AbortSignal): Promise<void> {
    await watchHealth({ nodes: () => this.#alive(), total: this.#prepared.nodes.length, report: this.#report, signal });
  }

  /** Starts a node that is down and waits until it serves. Throws `NOT_FOUND`, `NODE_RUNNING` or `DEVNET_NOT_READY`. */
  async restart(name: string): Promise<StartedNode> {
    const node = this.#prepared.nodes.find(({ place }) => place.name === name);
    if (node === undefined) {
      const names = this.#prepared.nodes.map(({ place }) => place.name).join(', ');
      throw new SynodError('NOT_FOUND', `There is no node "${name}". This devnet has ${names}.`);
    }
    const known = this.#processes.get(name);
    if (known !== undefined && known.exitReason() === null) {
      throw new SynodError('NODE_RUNNING', `${name} runs already (process ${known.pid}). Nothing was changed.`);
    }
    const started = await this.#spawn(node.place);
    const wait = {
      what: `starting ${name}`,
      deadlineMs: performance.now() + RESTART_TIMEOUT_MS,
      signal: this.#end.signal,
    };
    await waitUntil([started], wait, async () => (await countAnswering([started], '/livez')) === 1);
    this.#writeRecord();
    this.#report({ kind: 'nodeStarted', node: name, pid: started.pid });
    return { node: name, pid: started.pid };
  }

  /** SIGTERM to all, then SIGKILL to those still there after the grace period. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#end.abort();
    this.#closeControl();
    removeDevnetRecord(this.#layout);
    const alive = this.#alive();
    for (const node of alive) node.kill('SIGTERM');
    const timer = setTimeout(() => this.killAll(), STOP_GRACE_MS);
    await Promise.all(alive.map(({ exited }) => exited));
    clearTimeout(timer);
  }

  killAll(): void {
    for (const node of this.#alive()) node.kill('SIGKILL');
  }

  async #spawn(place: NodePlace): Promise<NodeProcess> {
    const node = await spawnNode(place);
    this.#processes.set(place.name, node);
    void node.exited.then((reason) => this.#onExit(node, reason));
    return node;
  }

  #onExit({ place }: NodeProcess, reason: string): void {
    if (this.#stopping || !this.#ready) return;
    this.#writeRecord();
    this.#report({
      kind: 'nodeExited',
      node: place.name,
      reason,
      log: place.log,
      alive: this.#alive().length,
      validators: this.#prepared.nodes.length,
      dataDir: this.#layout.directory,
    });
  }

  #alive(): NodeProcess[] {
    return [...this.#processes.values()].filter((node) => node.exitReason() === null);
  }

  #writeRecord(): void {
    writeDevnetRecord(this.#layout, this.#record());
  }

  #record() {
    const { genesis, genesisHash, choice, keys } = this.#prepared;
    const nodes = this.#prepared.nodes.map(({ place, p2p }) => {
      const running = this.#processes.get(place.name);
      return { place, p2p, pid: running?.exitReason() === null ? running.pid : null };
    });
    return devnetRecord(this.#layout, { chainId: genesis.chainId, genesisHash, seed: choice.seed, keys, nodes });
  }

  /** `geography ×4 · general ×4`: names would fill lines. */
  #expertNames(): string {
    const domains = this.#prepared.genesis.experts.map(({ profile }) => profile.domain);
    const counted = [...new Set(domains)].toSorted().map((name) => {
      return `${name} ×${domains.filter((domain) => domain === name).length}`;
    });
    return counted.length === 0 ? 'none' : counted.join(' · ');
  }
}
