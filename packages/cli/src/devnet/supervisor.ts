/**
 * Runs a devnet: prepares it, starts its nodes, waits until it is ready, watches over it, and ends it. Owns the nodes'
 * processes; everything it has to say goes through `report`.
 */

import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { SynodError } from '@synod/chain';
import { lockHolder, takeLockFile } from '@synod/node/lock';
import { makeDirectory } from '@synod/node/make-directory';
import { ensureBundle } from '../bundle/ensure-bundle.ts';
import { displayPath, type Environment } from '../settings/paths.ts';
import { resetDirectory } from './chain-file.ts';
import { serveControl } from './control.ts';
import { controlHandlers } from './control-requests.ts';
import { Controls } from './controls.ts';
import type { Report } from './events.ts';
import { awaitLeftovers, Fleet } from './fleet.ts';
import { watchHealth } from './health.ts';
import { type Layout, layoutOf, nodePlaces, rpcUrlOf } from './layout.ts';
import type { NodeProcess } from './node-process.ts';
import { Operations } from './operations.ts';
import { DEVNET_LIMITS, type DevnetOptions } from './options.ts';
import { type PreparedDevnet, prepareDevnet } from './prepare.ts';
import { countAnswering, finalizedHeight, waitUntil, workersReady } from './readiness.ts';
import { devnetRecord, removeDevnetRecord, writeDevnetRecord } from './record.ts';
import { decideRestore, finishRestore, stageRestore } from './restore-swap.ts';
import { listSnapshots, removePartialSnapshots } from './snapshots.ts';
import { unpackState } from './state-file.ts';

/** For all nodes to serve again after an operation that stopped them. */
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
    await tidyUp(layout, options);
    const begun = options.stateFile === null ? options : await beginWith(options.stateFile, layout, options);
    const prepared = await prepareDevnet({ ...supervision, options: begun, layout });
    await ensureBundle(signal);
    const devnet = new RunningDevnet(layout, prepared, report);
    process.once('exit', () => devnet.fleet.killAll());
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

/** After whatever ended the devnet last: no record, no process of its own, no half of a state. */
async function tidyUp(layout: Layout, options: DevnetOptions): Promise<void> {
  removeDevnetRecord(layout);
  await awaitLeftovers(nodePlaces(layout.directory, DEVNET_LIMITS.validatorsMax, options));
  finishRestore(layout);
  removePartialSnapshots(layout);
}

/** The folder gets the state of the file, whole or not at all. Throws `DATA_DIR_OTHER_CHAIN` where it holds a chain already. */
async function beginWith(file: string, layout: Layout, options: DevnetOptions): Promise<DevnetOptions> {
  if (options.reset) resetDirectory(layout);
  if (existsSync(layout.chain))
    throw new SynodError(
      'DATA_DIR_OTHER_CHAIN',
      `${displayPath(layout.directory)} holds a chain already. Choose another --data-dir, give --reset to delete that chain, or load the state into the running devnet:  synod devnet load FILE`,
      { facts: { directory: layout.directory } },
    );
  const folder = `${layout.staged}.part`;
  try {
    const snapshot = await unpackState(file, folder, null);
    await stageRestore(layout, folder, snapshot);
    decideRestore(layout, snapshot);
    finishRestore(layout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { ...options, reset: false };
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
  readonly fleet: Fleet;
  readonly #layout: Layout;
  readonly #prepared: PreparedDevnet;
  readonly #report: Report;
  readonly #controls: Controls;
  readonly #operations: Operations;
  #isReady = false;
  #closeControl: () => void = () => {};

  constructor(layout: Layout, prepared: PreparedDevnet, report: Report) {
    const { pace: mode, blockTimeMs } = prepared.choice;
    this.#layout = layout;
    this.#prepared = prepared;
    this.#report = report;
    this.fleet = new Fleet(prepared.nodes, { onExit: (node, reason) => this.#onExit(node, reason) });
    this.#controls = new Controls(this.fleet, { mode, blockTimeMs });
    this.#operations = new Operations({
      layout,
      chainId: prepared.genesis.chainId,
      genesisHash: `0x${prepared.genesisHash}`,
      fleet: this.fleet,
      controls: this.#controls,
      stop: () => this.#stopNodes(),
      start: () => this.#startNodes(),
    });
  }

  async start(limits: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<void> {
    const total = this.#prepared.nodes.length;
    const deadlineMs = performance.now() + limits.timeoutMs;
    const nodes = await this.fleet.spawnAll();
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
    await this.#controls.alignClocks();
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
    // By hand no block follows the first unasked.
    const least = this.#prepared.choice.pace === 'manual' ? 1 : (first ?? 0) + 1;
    await phase(
      'finalized',
      'finalizing a block',
      () => `block ${height}`,
      async () => {
        height = await finalizedHeight(nodes[0]!);
        return height !== null && height >= least;
      },
    );
    this.#closeControl = await serveControl(
      this.#layout.control,
      controlHandlers({
        fleet: this.fleet,
        controls: this.#controls,
        operations: this.#operations,
        snapshots: () => listSnapshots(this.#layout),
        validators: this.#prepared.keys.validators,
        onChanged: () => this.#writeRecord(),
      }),
    );
    this.#isReady = true;
    this.#writeRecord();
    this.#report({ kind: 'ready', record: this.#record(), elapsedMs: performance.now() });
  }

  async watchUntil(signal: AbortSignal): Promise<void> {
    const { disturbances } = this.#controls;
    await watchHealth({
      view: () => ({
        nodes: this.#prepared.nodes.map(({ place }) => ({
          name: place.name,
          url: rpcUrlOf(place),
          state: this.fleet.state(place.name),
        })),
        mode: disturbances.pace.mode,
        groups: disturbances.groups,
        operation: this.#operations.isBusy ? this.#operations.last : null,
      }),
      report: this.#report,
      signal,
    });
  }

  /** Ends all nodes. */
  async stop(): Promise<void> {
    this.#isReady = false;
    this.fleet.end();
    this.#closeControl();
    removeDevnetRecord(this.#layout);
    await this.fleet.stopAll();
  }

  async #stopNodes(): Promise<void> {
    removeDevnetRecord(this.#layout);
    await this.fleet.stopAll();
  }

  async #startNodes(): Promise<void> {
    const nodes = await this.fleet.spawnAll();
    const deadlineMs = performance.now() + RESTART_TIMEOUT_MS;
    const wait = (what: string, isReached: () => Promise<boolean>) =>
      waitUntil(nodes, { what, deadlineMs, signal: this.fleet.ended }, isReached);
    const all = (path: '/livez' | '/readyz') => async () => (await countAnswering(nodes, path)) === nodes.length;
    await wait('starting the nodes again', all('/livez'));
    await this.#controls.disturbances.pushAll();
    await this.#controls.alignClocks();
    await wait('loading the model again', () => workersReady(nodes));
    await wait('the nodes becoming ready again', all('/readyz'));
    this.#writeRecord();
  }

  #onExit({ place }: NodeProcess, reason: string): void {
    if (!this.#isReady) return;
    if (!this.#operations.isBusy) this.#writeRecord();
    this.#report({
      kind: 'nodeExited',
      node: place.name,
      reason,
      log: place.log,
      alive: this.fleet.alive().length,
      validators: this.#prepared.nodes.length,
      dataDir: this.#layout.directory,
    });
  }

  #writeRecord(): void {
    writeDevnetRecord(this.#layout, this.#record());
  }

  #record() {
    const { genesis, genesisHash, choice, keys } = this.#prepared;
    const nodes = this.#prepared.nodes.map(({ place, p2p }) => ({ place, p2p, pid: this.fleet.pid(place.name) }));
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
