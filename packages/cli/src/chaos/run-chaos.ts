/**
 * A chaos run from an empty folder to its verdict: starts a devnet of its own, loads it, lets the schedule loose on it, heals it,
 * and reads everything back. Owns the order; whatever goes wrong on the way becomes a problem of the verdict.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Genesis } from '@synod/chain';
import { ensureBundle } from '../bundle/ensure-bundle.ts';
import { layoutOf, type NodePlace } from '../devnet/layout.ts';
import type { DevnetOptions } from '../devnet/options.ts';
import { type PreparedDevnet, prepareDevnet } from '../devnet/prepare.ts';
import { lockDirectory } from '../devnet/supervisor.ts';
import { createNodeClient } from '../rpc/node-client.ts';
import type { Environment } from '../settings/paths.ts';
import { describeFailure } from '../terminal/failure.ts';
import { Bank } from './bank.ts';
import { checkHistory } from './check-history.ts';
import { Cluster } from './cluster.ts';
import { healAll, inflict, pause, RECOVERY_MS_MAX, type Recovery, recovered } from './inflict.ts';
import type { NodeNetwork } from './namespaces.ts';
import { readChain, type StoredChain } from './read-chain.ts';
import { type Fault, faultSchedule } from './schedule.ts';
import { judge, type NetworkKind, type Verdict } from './verdict.ts';

const START_MS_MAX = 60_000;
const STATUS_TIMEOUT_MS = 5_000;
/** Blocks that must follow on the healed network. */
const LIVE_BLOCKS = 3;

export type ChaosOptions = {
  readonly devnet: DevnetOptions;
  readonly seed: string;
  /** Time for faults; start, healing and the check come on top. */
  readonly durationMs: number;
  readonly environment: Environment;
  /** Ends the faults early; everything after them still happens. */
  readonly signal: AbortSignal;
  /** Of which each node gets its own; null: all share this process's. */
  readonly network: NodeNetwork | null;
  /** News for whoever watches. */
  readonly tell: (line: string) => void;
  /** Instead of `faultSchedule` of the seed; ends the run when it ends. */
  readonly faults?: Iterable<Fault>;
  readonly onRecovery?: (recovery: Recovery) => void;
};

/** Throws only what keeps the devnet from being prepared; all that follows is in the verdict. */
export async function runChaos(options: ChaosOptions): Promise<Verdict> {
  const layout = layoutOf(options.devnet.directory);
  const release = lockDirectory(layout);
  try {
    const prepared = await prepareDevnet({
      options: options.devnet,
      layout,
      environment: options.environment,
      report: () => undefined,
      signal: options.signal,
      placed: (place, index) => placedIn(options.network, place, index),
    });
    await ensureBundle(options.signal);
    return await new ChaosRun(options, prepared).run();
  } finally {
    release();
  }
}

/** The place of a node in a network of its own. */
export function placedIn(network: NodeNetwork | null, place: NodePlace, index: number): NodePlace {
  if (network === null) return place;
  const address = network.addressOf(index);
  return { ...place, rpcHost: address, p2pHost: address, namespace: network.namespaceOf(index) };
}

class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #prepared: PreparedDevnet;
  readonly #cluster: Cluster;
  readonly #bank: Bank;
  readonly #recoveries: Recovery[] = [];
  readonly #problems: string[] = [];
  readonly #startedMs = performance.now();

  constructor(options: ChaosOptions, prepared: PreparedDevnet) {
    this.#options = options;
    this.#prepared = prepared;
    this.#cluster = new Cluster(prepared.nodes, options.network);
    this.#bank = new Bank({
      seed: options.seed,
      chainId: prepared.genesis.chainId,
      nodes: this.#cluster.nodes,
      height: () => this.#cluster.highest(),
    });
  }

  async run(): Promise<Verdict> {
    await this.#noting('start', () => this.#start());
    if (this.#problems.length === 0) await this.#noting('faults', () => this.#loadAndBreak());
    await this.#noting('healing', () => this.#heal());
    await this.#noting('workload', () => this.#bank.finish());
    await this.#noting('levelling', () => this.#level());
    await this.#noting('stopping', () => this.#cluster.stop());
    const elapsedMs = performance.now() - this.#startedMs;
    this.#options.tell('reading every database back and executing every block again');
    const chains: StoredChain[] = [];
    await this.#noting('reading back', async () => {
      for (const node of this.#cluster.nodes) chains.push(await this.#readBack(node, this.#prepared.genesis));
    });
    return judge({ ...(await this.#observations(chains)), elapsedMs });
  }

  /** What fails is noted, and the run goes on to its end: the verdict is wanted most when something broke. */
  async #noting(phase: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#problems.push(`${phase}: ${describeFailure(error).message}`);
    }
  }

  async #start(): Promise<void> {
    const { nodes } = this.#cluster;
    this.#cluster.watch();
    await Promise.all(nodes.map(({ index }) => this.#cluster.start(index)));
    const isUp = await this.#cluster.until(START_MS_MAX, () =>
      nodes.every(({ index }) => (this.#cluster.head(index)?.height ?? 0) > 0),
    );
    if (!isUp) throw new Error(`the nodes made no block within ${START_MS_MAX / 1000} s`);
    await this.#bank.fund(this.#prepared.keys.accounts[0]!.seed);
    this.#options.tell(`${nodes.length} validators run, the accounts are funded`);
  }

  async #loadAndBreak(): Promise<void> {
    const { signal, durationMs, faults, seed, tell } = this.#options;
    this.#bank.run();
    const endMs = performance.now() + durationMs;
    for (const fault of faults ?? faultSchedule(seed, this.#cluster.nodes.length)) {
      await pause(fault.pauseMs, signal);
      if (signal.aborted || performance.now() >= endMs) return;
      const recovery = await inflict(this.#cluster, fault, signal);
      this.#recoveries.push(recovery);
      this.#options.onRecovery?.(recovery);
      tell(recoveryLine(recovery, performance.now() - this.#startedMs));
    }
  }

  async #heal(): Promise<void> {
    const healedAtMs = performance.now();
    const before = this.#cluster.highest();
    await healAll(this.#cluster);
    const { nextBlockMs, caughtUpMs } = await recovered(this.#cluster, { before, healedAtMs });
    const isLive = await this.#cluster.until(RECOVERY_MS_MAX, () => this.#cluster.highest() >= before + LIVE_BLOCKS);
    if (nextBlockMs === null || caughtUpMs === null || !isLive)
      throw new Error(
        `the healed network made no ${LIVE_BLOCKS} blocks on all nodes within ${RECOVERY_MS_MAX / 1000} s`,
      );
    for (const { name, url } of this.#cluster.nodes) {
      const { role, roleReason } = await createNodeClient(url, STATUS_TIMEOUT_MS).status();
      if (role !== 'validator') this.#problems.push(`${name} no longer signs: ${roleReason}`);
    }
  }

  /** What is final somewhere has to be held everywhere before the databases are compared. */
  async #level(): Promise<void> {
    const target = this.#cluster.highest();
    const isLevel = () => this.#cluster.nodes.every(({ index }) => (this.#cluster.head(index)?.height ?? 0) >= target);
    if (await this.#cluster.until(RECOVERY_MS_MAX, isLevel)) return;
    throw new Error(`not all nodes reached block ${target} within ${RECOVERY_MS_MAX / 1000} s`);
  }

  async #readBack(node: { readonly name: string; readonly home: string }, genesis: Genesis): Promise<StoredChain> {
    try {
      return await readChain({ node: node.name, home: node.home, genesis });
    } catch (error) {
      throw new Error(`${node.name}: ${describeFailure(error).message}`, { cause: error });
    }
  }

  #networkKind(): NetworkKind {
    return this.#options.network === null ? 'loopback' : 'namespaces';
  }

  async #observations(chains: readonly StoredChain[]) {
    const { payers, lists, submitted, reads, latenciesMs } = this.#bank;
    const logs = this.#cluster.nodes.map(({ log }) => countLines(log, '"msg":"double signing seen"'));
    const doubleSignings = (await Promise.all(logs)).reduce((sum, count) => sum + count, 0);
    const addresses = (accounts: typeof lists) => accounts.map(({ address }) => address);
    const findings =
      chains.length === 0
        ? []
        : checkHistory({
            lists: new Set(addresses(lists)),
            accounts: new Set([...addresses(lists), ...addresses(payers)]),
            initial: new Map(),
            submitted,
            reads,
            chains,
          });
    const { choice } = this.#prepared;
    return {
      seed: this.#options.seed,
      network: this.#networkKind(),
      validators: choice.validators,
      blockTimeMs: choice.blockTimeMs,
      interrupted: this.#options.signal.aborted,
      recoveries: this.#recoveries,
      submitted,
      latenciesMs,
      reads: reads.length,
      chains,
      findings,
      doubleSignings,
      problems: this.#problems,
    };
  }
}

function recoveryLine({ kind, nodes, nextBlockMs, caughtUpMs }: Recovery, elapsedMs: number): string {
  const seconds = (ms: number | null) => (ms === null ? 'NEVER' : `${(ms / 1000).toFixed(2)} s`);
  const names = nodes.map((index) => `val-${index}`).join(' ');
  const at = `${(elapsedMs / 1000).toFixed(1)}s`.padStart(8);
  return `${at}  ${kind.padEnd(14)} ${names.padEnd(24)} next block ${seconds(nextBlockMs).padEnd(8)} caught up ${seconds(caughtUpMs)}`;
}

async function countLines(file: string, part: string): Promise<number> {
  let count = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) if (line.includes(part)) count += 1;
  return count;
}
